namespace Ueq.Client.Load;

/// <summary>What came of a stage, or of all stages together.</summary>
public sealed class LoadReport
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, long> _outcomes = new(StringComparer.Ordinal);
    private long _sent, _done, _good, _unsent;
    private string? _firstError;

    internal LoadReport(double rate, TimeSpan length)
    {
        Rate = rate;
        Length = length;
    }

    /// <summary>Requests per second that were asked for, on average.</summary>
    public double Rate { get; }

    /// <summary>How long requests were due.</summary>
    public TimeSpan Length { get; }

    /// <summary>How long it took until the last answer, from the moment the first request could be due.</summary>
    public TimeSpan Elapsed { get; internal set; }

    /// <summary>Requests that were due.</summary>
    public long Due => Interlocked.Read(ref _sent) + Unsent;

    /// <summary>Requests that were sent.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Requests that were due and not sent until the end, because too many were on their way: the service, or this program, could not keep up.</summary>
    public long Unsent => Interlocked.Read(ref _unsent);

    /// <summary>Requests answered with 2xx.</summary>
    public long Succeeded => Interlocked.Read(ref _good);

    /// <summary>Requests sent that were not answered with 2xx.</summary>
    public long Failed => Interlocked.Read(ref _done) - Succeeded;

    /// <summary>Requests answered with 2xx per second.</summary>
    public double Throughput => Elapsed > TimeSpan.Zero ? Succeeded / Elapsed.TotalSeconds : 0;

    /// <summary>Times from when a request was due until its answer was whole, of those answered with 2xx.</summary>
    public LatencyHistogram Latency { get; } = new();

    /// <summary>Times of all other requests.</summary>
    public LatencyHistogram FailureLatency { get; } = new();

    /// <summary>How late requests were sent: the part of the latency that is this program's, or that too many were on their way.</summary>
    public LatencyHistogram Lag { get; } = new();

    /// <summary>Number of requests by status, or by what went wrong: <c>200</c>, <c>503</c>, <c>timeout</c>, <c>no connection</c>.</summary>
    public IReadOnlyDictionary<string, long> Outcomes
    {
        get
        {
            lock (_gate) return new SortedDictionary<string, long>(_outcomes, StringComparer.Ordinal);
        }
    }

    /// <summary>What the first failed request was answered; <c>null</c> where none failed.</summary>
    public string? FirstError => Volatile.Read(ref _firstError);

    internal void Begin(TimeSpan lag)
    {
        Interlocked.Increment(ref _sent);
        Lag.Add(lag);
    }

    internal void End(string outcome, TimeSpan latency, string? error)
    {
        lock (_gate) _outcomes[outcome] = _outcomes.GetValueOrDefault(outcome) + 1;
        if (error is null)
        {
            Interlocked.Increment(ref _good);
            Latency.Add(latency);
        }
        else
        {
            FailureLatency.Add(latency);
            Interlocked.CompareExchange(ref _firstError, error, null);
        }

        Interlocked.Increment(ref _done);
    }

    internal void Leave(long requests) => Interlocked.Add(ref _unsent, requests);

    internal long InFlight => Sent - Interlocked.Read(ref _done);

    internal void Merge(LoadReport other)
    {
        _sent += other._sent;
        _done += other._done;
        _good += other._good;
        _unsent += other._unsent;
        _firstError ??= other._firstError;
        foreach ((string outcome, long count) in other._outcomes) _outcomes[outcome] = _outcomes.GetValueOrDefault(outcome) + count;
        Latency.Merge(other.Latency);
        FailureLatency.Merge(other.FailureLatency);
        Lag.Merge(other.Lag);
    }
}

/// <summary>How a load stands, once a second.</summary>
/// <param name="At">Since the beginning.</param>
/// <param name="Rate">Requests per second asked for at the moment.</param>
/// <param name="Sent">Requests sent so far.</param>
/// <param name="Succeeded">Of them answered with 2xx.</param>
/// <param name="Failed">Of them answered otherwise, or not.</param>
/// <param name="InFlight">Of them on their way.</param>
/// <param name="Latest">Times of the requests answered with 2xx since the last report.</param>
public sealed record LoadSecond(TimeSpan At, double Rate, long Sent, long Succeeded, long Failed, long InFlight, LatencyHistogram Latest);
