using System.Buffers;
using Ueq.Numerics;

namespace Ueq.Ensembles;

/// <summary>Models fitted on resamples of the rows: their mean, and a confidence interval for that mean.</summary>
/// <remarks>
/// <para>
/// <see cref="MeanInterval"/> says how much the fitted mean would move with other training rows. It is not a prediction interval:
/// it leaves out the noise of the target, and covers new targets far less often than its level. For those use
/// <see cref="JackknifeAfterBootstrap"/>, which costs no further fit.
/// </para>
/// Source: Efron and Tibshirani 1993, §13.3 (percentile interval). Immutable; thread-safe if the members are.
/// </remarks>
public sealed class BootstrapEnsemble : IPointPredictor
{
    // Rows that are predicted by every member before the next rows: members × Chunk numbers of scratch.
    internal const int Chunk = 256;

    private readonly IPointPredictor[] _members;

    internal BootstrapEnsemble(IPointPredictor[] members, int features)
    {
        _members = members;
        Features = features;
    }

    /// <summary>Number of features a row must have.</summary>
    public int Features { get; }

    /// <summary>The fitted models.</summary>
    public IReadOnlyList<IPointPredictor> Members => _members;

    /// <summary>Writes the mean of the members' predictions.</summary>
    public void Predict(FeatureMatrix x, Span<double> destination) => ForEachRow(x, destination, default, 0, 0);

    /// <summary>The percentile interval of the mean at a level, and the mean: a confidence interval, not a prediction interval.</summary>
    public void MeanInterval(FeatureMatrix x, Coverage coverage, Span<double> mean, Span<Interval> intervals)
    {
        Check.Batch(x, Features, mean.Length, intervals.Length);
        ForEachRow(x, mean, intervals, coverage.Miss / 2, 1 - coverage.Miss / 2);
    }

    /// <summary>Writes members × rows predictions, member after member.</summary>
    internal void PredictMembers(FeatureMatrix x, Span<double> answers)
    {
        for (int m = 0; m < _members.Length; m++) _members[m].Predict(x, answers.Slice(m * x.Rows, x.Rows));
    }

    private void ForEachRow(FeatureMatrix x, Span<double> means, Span<Interval> intervals, double low, double high)
    {
        Check.Features(x, Features);
        Throw.IfDifferent("destination", means.Length, x.Rows, "predictions, one per row");
        double[] scratch = ArrayPool<double>.Shared.Rent(_members.Length * (Math.Min(Chunk, x.Rows) + 1));
        Span<double> row = scratch.AsSpan(0, _members.Length);
        for (int start = 0; start < x.Rows; start += Chunk)
        {
            int rows = Math.Min(Chunk, x.Rows - start);
            Span<double> answers = scratch.AsSpan(_members.Length, _members.Length * rows);
            PredictMembers(x.Slice(start, rows), answers);
            for (int i = 0; i < rows; i++)
            {
                double sum = 0;
                for (int m = 0; m < row.Length; m++) sum += row[m] = answers[m * rows + i];
                if (!double.IsFinite(sum)) Check.Member(row, start + i);
                means[start + i] = sum / row.Length;
                if (intervals.IsEmpty) continue;
                row.Sort();
                intervals[start + i] = new Interval(OrderStatistics.SortedQuantile(row, low), OrderStatistics.SortedQuantile(row, high));
            }
        }

        ArrayPool<double>.Shared.Return(scratch);
    }
}
