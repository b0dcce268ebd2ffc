using System.Collections.Concurrent;

namespace Ueq.Serving.Watching;

/// <summary>Takes answered rows from any number of requests and hands them on in blocks, in the background; what has no room is dropped and counted.</summary>
/// <remarks>
/// A request pays for a short lock and a copy. A block goes on when it is full, or after a second. What the budget does not reach is
/// skipped, evenly over the rows; at a rate at which that happens, a change is found in milliseconds all the same.
/// </remarks>
internal sealed class RowIntake : IDisposable
{
    private const int BlockCells = 16_384;
    private const int Blocks = 32;
    private const int AnswerValues = 2;
    private readonly Lock _gate = new();
    private readonly ConcurrentQueue<RowBlock> _full = new();
    private readonly ConcurrentBag<RowBlock> _free = [];
    private readonly Action<RowBlock> _handle;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly int _width, _classes, _capacity;
    private RowBlock? _open;
    private int _made, _draining;
    private readonly RowBudget _budget;
    private long _dropped, _skipped;

    public RowIntake(int width, int classes, long valuesPerSecond, TimeProvider time, Action<RowBlock> handle)
    {
        _width = width;
        _classes = classes;
        _capacity = Math.Max(16, BlockCells / Math.Max(1, width + classes));
        _time = time;
        _handle = handle;
        _budget = new RowBudget(valuesPerSecond, width + classes + AnswerValues, time);
        TimeSpan second = TimeSpan.FromSeconds(1);
        _timer = time.CreateTimer(_ => Flush(), null, second, second);
    }

    /// <summary>Rows that the monitor did not see because it was behind.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Rows that the monitor did not look at because more came than it looks at in a second.</summary>
    public long Skipped => Interlocked.Read(ref _skipped);

    public void Add(FeatureMatrix x, ReadOnlySpan<double> predictions, ReadOnlySpan<double> sizes, ReadOnlySpan<double> probabilities)
    {
        if (x.Rows > 0 && x.Columns != _width) throw new ArgumentException($"Expected {_width} features, got {x.Columns}.", nameof(x));
        bool filled = false;
        lock (_gate)
        {
            (int first, int step) = _budget.Take(x.Rows);
            int wanted = RowBudget.Count(x.Rows, first, step);
            if (wanted < x.Rows) Interlocked.Add(ref _skipped, x.Rows - wanted);
            for (int done = 0; done < wanted;)
            {
                _open ??= Free();
                if (_open is null)
                {
                    Interlocked.Add(ref _dropped, wanted - done);
                    break;
                }

                int start = first + done * step;
                done += step == 1 ? _open.Add(x, start, x.Rows - start, predictions, sizes, probabilities, _time) : _open.Add(x, start, 1, predictions, sizes, probabilities, _time);
                if (!_open.IsFull) continue;
                _full.Enqueue(_open);
                _open = null;
                filled = true;
            }
        }

        if (filled) Schedule();
    }

    /// <summary>Hands on what is there, without waiting for it to be handled.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            if (_open is { Rows: > 0 })
            {
                _full.Enqueue(_open);
                _open = null;
            }
        }

        if (!_full.IsEmpty) Schedule();
    }

    /// <summary>Whether all that was handed on has been handled.</summary>
    public bool IsIdle => _full.IsEmpty && Volatile.Read(ref _draining) == 0;

    public void Dispose() => _timer.Dispose();

    private RowBlock? Free()
    {
        if (_free.TryTake(out RowBlock? block)) return block;
        return _made < Blocks && ++_made > 0 ? new RowBlock(_width, _classes, _capacity) : null;
    }

    private void Schedule()
    {
        if (Interlocked.CompareExchange(ref _draining, 1, 0) == 0) ThreadPool.UnsafeQueueUserWorkItem(intake => intake.Work(), this, preferLocal: false);
    }

    private void Work()
    {
        while (_full.TryDequeue(out RowBlock? block))
        {
            _handle(block);
            block.Clear();
            _free.Add(block);
        }

        Volatile.Write(ref _draining, 0);
        // A block that came between the last look and the line above would wait for the next one.
        if (!_full.IsEmpty) Schedule();
    }
}
