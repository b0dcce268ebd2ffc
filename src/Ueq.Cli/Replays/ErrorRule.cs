using Ueq.Monitoring;

namespace Ueq.Cli.Replays;

/// <summary>Which values of a column count as an error for detectors of errors: all but 0 of a column of 0 and 1, of others those outside the middle.</summary>
/// <param name="Low">Values up to this are errors.</param>
/// <param name="High">Values above this are errors.</param>
/// <param name="IsDeclared">Whether the values are errors of 0 and 1 themselves.</param>
internal readonly record struct ErrorRule(double Low, double High, bool IsDeclared)
{
    private const double Tail = 0.1;

    /// <summary>A column of 0 and 1.</summary>
    public static ErrorRule Declared => new(double.NaN, double.NaN, IsDeclared: true);

    /// <summary>Of a column without errors of its own: the lowest and the highest tenth of the reference, less where ties would be split.</summary>
    public static ErrorRule From(SignalReference reference)
    {
        SampleSummary summary = reference.Summary;
        if (summary.Count == 0) return new(double.NegativeInfinity, double.PositiveInfinity, IsDeclared: false);
        if (summary.Minimum is 0 or 1 && summary.Maximum is 0 or 1 && reference.Edges.All(edge => edge == 0 || summary.Minimum == summary.Maximum)) return Declared;
        double low = Math.BitDecrement(summary.Minimum), high = summary.Maximum;
        long upTo = 0;
        for (int b = 0; b < reference.Edges.Count; b++)
        {
            upTo += reference.Counts[b];
            if (upTo <= Tail * summary.Count) low = reference.Edges[b];
            if (upTo < (1 - Tail) * summary.Count) continue;
            high = reference.Edges[b];
            break;
        }

        return new(low, high, IsDeclared: false);
    }

    /// <summary>1 for an error, 0 for none.</summary>
    public double Of(double value) => (IsDeclared ? value != 0 : value <= Low || value > High) ? 1 : 0;
}
