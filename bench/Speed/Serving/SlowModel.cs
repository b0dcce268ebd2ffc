using System.Diagnostics;

namespace Ueq.Bench.Serving;

/// <summary>A model that spends so much processor time on a row.</summary>
internal sealed class SlowModel(IIntervalPredictor inner, TimeSpan perRow) : IIntervalPredictor
{
    public int Features => inner.Features;

    public Guarantee Guarantee(Coverage coverage) => inner.Guarantee(coverage);

    public void Predict(FeatureMatrix x, Coverage coverage, Span<double> predictions, Span<Interval> intervals)
    {
        long started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < x.Rows * perRow) Thread.SpinWait(20);
        inner.Predict(x, coverage, predictions, intervals);
    }
}
