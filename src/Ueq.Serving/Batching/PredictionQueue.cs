using Microsoft.AspNetCore.Http;

namespace Ueq.Serving.Batching;

/// <summary>Where requests wait for a thread that predicts: bounded, by priority and then in the order in which they came.</summary>
/// <remarks>
/// It has threads of its own, so that models which take long leave the web server's threads to those that are to be refused at once. A
/// request of higher priority takes the place of the latest ones of lower priority when there is no room. Who is gone or late is dropped
/// before anything is computed for them.
/// </remarks>
internal sealed class PredictionQueue : IDisposable
{
    private readonly object _gate = new();
    private readonly LinkedList<Waiting>[] _lines = [new(), new(), new()];
    private readonly TimeProvider _time;
    private readonly ITimer _clock;
    private readonly int _mostRows;
    private long _due = long.MaxValue;
    private QueueReading _count;
    private int _idle, _rows;
    private bool _ending;

    public PredictionQueue(UeqServiceConfig config, TimeProvider time)
    {
        BatchingConfig batching = config.Batching;
        _time = time;
        _mostRows = batching.MaxWaitingRows;
        _clock = time.CreateTimer(_ => DropLate(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Runners = batching.IsOn ? batching.MaxConcurrent ?? Environment.ProcessorCount : 0;
        for (int i = 0; i < Runners; i++)
        {
            BatchRunner runner = new(this);
            new Thread(runner.Work) { IsBackground = true, Name = "ueq predict" }.Start();
        }
    }

    /// <summary>Threads that predict; none when nothing is configured to wait.</summary>
    public int Runners { get; }

    /// <summary>What has happened and what waits now; who is gone or late does not.</summary>
    public QueueReading Read()
    {
        lock (_gate)
        {
            DropDead(_time.GetTimestamp());
            return _count with { WaitingRows = _rows, WaitingRequests = _lines.Sum(l => l.Count), Busy = Runners - _idle };
        }
    }

    /// <summary>Told in seconds how long each request waited that was taken.</summary>
    public Action<double>? Waited { get; set; }

    /// <summary>Waits for a turn and predicts.</summary>
    /// <exception cref="RefusalException">There is no room (503), or the deadline passes before the request's turn (504).</exception>
    public ValueTask Run(ServedModel model, PredictWork work, int batchSize, int jobs, CancellationToken cancelled)
    {
        Waiting request = work.Place ??= new Waiting(work);
        long now = _time.GetTimestamp();
        request.Begin(model, batchSize, jobs, now, DeadlineOf(work), cancelled);
        lock (_gate)
        {
            if (request.Deadline <= now)
            {
                _count = _count with { Late = _count.Late + 1 };
                throw TooLate(work);
            }

            if (!TryMakeRoom(request))
            {
                _count = _count with { Refused = _count.Refused + 1 };
                throw Full();
            }

            Add(request);
            if (request.Deadline < _due) SetClock(request.Deadline, now);
            if (_idle > 0) Monitor.Pulse(_gate);
        }

        return request.Done;
    }

    /// <summary>Takes the next requests that may be predicted together, waiting for some.</summary>
    /// <returns><c>false</c> when the queue has ended.</returns>
    public bool Take(List<Waiting> taken)
    {
        lock (_gate)
        {
            while (true)
            {
                long now = _time.GetTimestamp(), ripe = long.MaxValue;
                if (Next(now, ref ripe) is { } first)
                {
                    TakeWithMates(first, taken, now);
                    // Another thread may sleep while more is there.
                    if (_idle > 0 && !IsEmpty) Monitor.Pulse(_gate);
                    return true;
                }

                if (_ending && IsEmpty) return false;
                _idle++;
                if (ripe == long.MaxValue) Monitor.Wait(_gate);
                else Monitor.Wait(_gate, Math.Max(1, (int)_time.GetElapsedTime(now, ripe).TotalMilliseconds));
                _idle--;
            }
        }
    }

    public void CountSplit(ServedModel model)
    {
        lock (_gate) model.Batches!.Split++;
    }

    /// <summary>Ends when what waits has been answered.</summary>
    public void Dispose()
    {
        _clock.Dispose();
        lock (_gate)
        {
            _ending = true;
            Monitor.PulseAll(_gate);
        }
    }

    private bool IsEmpty => _lines.All(line => line.Count == 0);

    private static RefusalException Full() => new(StatusCodes.Status503ServiceUnavailable, "too many requests wait for a prediction; try again in a moment");

    private static RefusalException TooLate(PredictWork work) =>
        new(StatusCodes.Status504GatewayTimeout, FormattableString.Invariant($"the request's turn did not come within its {work.TimeoutMilliseconds} ms; nothing was computed"));

    private long DeadlineOf(PredictWork work) =>
        work.TimeoutMilliseconds is { } timeout ? work.Started + timeout * _time.TimestampFrequency / 1000 : long.MaxValue;

    private Waiting? Next(long now, ref long ripe)
    {
        foreach (LinkedList<Waiting> line in _lines)
        {
            for (LinkedListNode<Waiting>? node = line.First, next; node is not null; node = next)
            {
                next = node.Next;
                if (DropIfDead(node.Value, now)) continue;
                long since = RipeAt(node.Value);
                if (since <= now) return node.Value;
                ripe = Math.Min(ripe, since);
            }
        }

        return null;
    }

    // Who is in a hurry, or makes the batch full, does not wait for company.
    private long RipeAt(Waiting request)
    {
        if (request.Model.Batches is not { DelayMilliseconds: > 0 } batches || _ending || batches.WaitingRows >= batches.MostRows) return request.Since;
        long ripe = request.Since + batches.DelayMilliseconds * _time.TimestampFrequency / 1000;
        return request.Deadline <= ripe ? request.Since : ripe;
    }

    private void TakeWithMates(Waiting first, List<Waiting> taken, long now)
    {
        int rows = first.Work.Rows;
        Take(first, taken, now);
        if (first.Model.Batches is not { } batches) return;
        if (rows <= first.BatchSize)
        {
            foreach (LinkedList<Waiting> line in _lines)
            {
                for (LinkedListNode<Waiting>? node = line.First, next; node is not null && rows < batches.MostRows; node = next)
                {
                    next = node.Next;
                    Waiting mate = node.Value;
                    if (mate.Model != first.Model || mate.Work.Coverage.Value != first.Work.Coverage.Value || mate.Work.Level != first.Work.Level) continue;
                    if (mate.Work.Rows > mate.BatchSize || rows + mate.Work.Rows > batches.MostRows || DropIfDead(mate, now)) continue;
                    rows += mate.Work.Rows;
                    Take(mate, taken, now);
                }
            }
        }

        batches.Count(taken.Count, rows);
    }

    private void Take(Waiting request, List<Waiting> taken, long now)
    {
        Remove(request);
        taken.Add(request);
        Waited?.Invoke(_time.GetElapsedTime(request.Since, now).TotalSeconds);
    }

    // A request that is larger than the bound is taken when nothing else waits.
    private bool TryMakeRoom(Waiting request)
    {
        if (Fits(request.Weight)) return true;
        DropDead(_time.GetTimestamp());
        int lower = 0;
        for (int priority = _lines.Length - 1; priority > (int)request.Priority; priority--) lower += _lines[priority].Sum(r => r.Weight);
        if (!Fits(request.Weight, lower)) return false;
        for (int priority = _lines.Length - 1; priority > (int)request.Priority; priority--)
        {
            for (LinkedListNode<Waiting>? node = _lines[priority].Last, next; node is not null && !Fits(request.Weight); node = next)
            {
                next = node.Previous;
                if (node.Value.Weight == 0) continue;
                Remove(node.Value);
                _count = _count with { Displaced = _count.Displaced + 1 };
                node.Value.Fail(Full());
            }
        }

        return true;
    }

    private bool Fits(int weight, int without = 0) => weight == 0 || _rows == without || _rows - without + weight <= _mostRows;

    private void Add(Waiting request)
    {
        _lines[(int)request.Priority].AddLast(request.Node);
        _rows += request.Weight;
        if (request.Model.Batches is { } batches) batches.WaitingRows += request.Work.Rows;
    }

    private void Remove(Waiting request)
    {
        _lines[(int)request.Priority].Remove(request.Node);
        _rows -= request.Weight;
        if (request.Model.Batches is { } batches) batches.WaitingRows -= request.Work.Rows;
    }

    private bool DropIfDead(Waiting request, long now)
    {
        if (request.IsCancelled)
        {
            Remove(request);
            _count = _count with { Gone = _count.Gone + 1 };
            request.Fail(new OperationCanceledException());
            return true;
        }

        if (request.Deadline > now) return false;
        Remove(request);
        _count = _count with { Late = _count.Late + 1 };
        request.Fail(TooLate(request.Work));
        return true;
    }

    // The earliest deadline of those that stay.
    private long DropDead(long now)
    {
        long earliest = long.MaxValue;
        foreach (LinkedList<Waiting> line in _lines)
        {
            for (LinkedListNode<Waiting>? node = line.First, next; node is not null; node = next)
            {
                next = node.Next;
                long deadline = node.Value.Deadline;
                if (!DropIfDead(node.Value, now)) earliest = Math.Min(earliest, deadline);
            }
        }

        return earliest;
    }

    private void DropLate()
    {
        lock (_gate)
        {
            long now = _time.GetTimestamp(), earliest = DropDead(now);
            _due = long.MaxValue;
            if (earliest < long.MaxValue && !_ending) SetClock(earliest, now);
        }
    }

    // Rounded up: a clock that rings too early finds nobody late.
    private void SetClock(long due, long now)
    {
        _due = due;
        _clock.Change(TimeSpan.FromMilliseconds(Math.Ceiling(Math.Max(0, _time.GetElapsedTime(now, due).TotalMilliseconds))), Timeout.InfiniteTimeSpan);
    }
}

/// <summary>What waits now, and what became of requests that did.</summary>
/// <param name="WaitingRequests">Requests that wait.</param>
/// <param name="WaitingRows">Their rows, without those of streams.</param>
/// <param name="Busy">Threads that predict at the moment.</param>
/// <param name="Refused">Refused since there was no room.</param>
/// <param name="Displaced">Refused later, in favour of others of higher priority.</param>
/// <param name="Late">Dropped since their time was up.</param>
/// <param name="Gone">Dropped since their caller was gone.</param>
internal readonly record struct QueueReading(int WaitingRequests, int WaitingRows, int Busy, long Refused, long Displaced, long Late, long Gone);
