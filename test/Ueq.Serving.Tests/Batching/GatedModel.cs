using System.Collections.Concurrent;
using Ueq.Versions;

namespace Ueq.Serving.Tests.Batching;

/// <summary>y = Σ x ± 1.5 by <see cref="Fakes"/>, computed only while the gate is open; it remembers what it was asked.</summary>
internal sealed class GatedModel : IIntervalPredictor, IDisposable
{
    private readonly IIntervalPredictor _inner = Fakes.Sum(2).Regressor!;
    private readonly ManualResetEventSlim _gate = new(true);
    private int _running, _mostRunning;

    public int Features => 2;

    /// <summary>Rows of each call, in the order in which the calls began.</summary>
    public ConcurrentQueue<(int Rows, double Coverage, float First)> Calls { get; } = new();

    public int MostRunning => _mostRunning;

    public TimeSpan Pause { get; init; }

    public ModelVersion Version => new(Fakes.Sum(2).Manifest, this, default, Fakes.Digest);

    public void Close() => _gate.Reset();

    public void Open() => _gate.Set();

    public void Dispose() => _gate.Dispose();

    public Guarantee Guarantee(Coverage coverage) => _inner.Guarantee(coverage);

    public void Predict(FeatureMatrix x, Coverage coverage, Span<double> predictions, Span<Interval> intervals)
    {
        int running = Interlocked.Increment(ref _running), most;
        while (running > (most = _mostRunning)) Interlocked.CompareExchange(ref _mostRunning, running, most);
        Calls.Enqueue((x.Rows, coverage.Value, x.Row(0)[0]));
        try
        {
            _gate.Wait();
            if (Pause > TimeSpan.Zero) Thread.Sleep(Pause);
            _inner.Predict(x, coverage, predictions, intervals);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }
}
