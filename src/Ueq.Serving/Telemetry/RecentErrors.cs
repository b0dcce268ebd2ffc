namespace Ueq.Serving.Telemetry;

/// <summary>Which share of the latest requests failed: over five minutes, so that a service which has recovered says so.</summary>
/// <remarks>
/// A share over the whole life of a process never comes back where nobody sends requests to a replica that calls itself ill, and shows nothing of
/// a failure after a million requests that went well. A timer marks the counts, so requests pay nothing; the window is up to ten seconds longer.
/// </remarks>
internal sealed class RecentErrors : IDisposable
{
    private const int Marks = 30;
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(10);

    private readonly Queue<(long Requests, long Errors)> _marks = new([(0, 0)]);
    private readonly Lock _gate = new();
    private readonly Func<(long Requests, long Errors)> _counts;
    private readonly ITimer _timer;

    /// <param name="counts">Requests and errors since the start.</param>
    /// <param name="time">The clock.</param>
    public RecentErrors(Func<(long Requests, long Errors)> counts, TimeProvider time)
    {
        _counts = counts;
        _timer = time.CreateTimer(_ => Mark(), null, Step, Step);
    }

    /// <summary>Errors over requests; 0 where there was no request.</summary>
    public double Rate
    {
        get
        {
            lock (_gate)
            {
                (long requests, long errors) = _counts();
                (long requestsThen, long errorsThen) = _marks.Peek();
                return (errors - errorsThen) / (double)Math.Max(requests - requestsThen, 1);
            }
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Mark()
    {
        lock (_gate)
        {
            _marks.Enqueue(_counts());
            if (_marks.Count > Marks) _marks.Dequeue();
        }
    }
}
