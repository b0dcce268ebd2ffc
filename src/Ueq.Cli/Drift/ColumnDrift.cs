using System.Runtime.InteropServices;
using Ueq.Monitoring;

namespace Ueq.Cli.Drift;

/// <summary>What the caller calls drift.</summary>
internal sealed record DriftRule(double FalseDiscoveryRate, double NegligibleEffect)
{
    /// <summary>What is called drift where nobody says otherwise.</summary>
    public static readonly DriftRule Standard = new(0.05, 0.05);
}

/// <summary>One column compared: figures that do not apply are NaN.</summary>
internal sealed record ColumnDrift(string Name, bool IsText)
{
    public required ColumnSample Baseline { get; init; }

    public required ColumnSample Current { get; init; }

    /// <summary>The comparison of finite numbers; <c>null</c> for texts and where a file has none.</summary>
    public SampleComparison? Numbers { get; init; }

    /// <summary>The comparison of counts: over deciles of the baseline, or over categories; <c>null</c> where a file has none.</summary>
    public BinnedComparison? Binned { get; init; }

    /// <summary>PSI of raw shares; where a bin is empty in one file, which would make it infinite, of counts with one more in every bin.</summary>
    public double Psi { get; init; } = double.NaN;

    public TestReading? ChiSquare { get; init; }

    public TestReading? Missing { get; init; }

    public TestReading? Infinite { get; init; }

    public string? Note { get; init; }

    /// <summary>The smallest probability of the column's tests, times how many there are.</summary>
    public double PValue { get; init; } = double.NaN;

    /// <summary>Among all columns, by Benjamini and Hochberg.</summary>
    public double AdjustedPValue { get; init; } = double.NaN;

    /// <summary>The largest effect, in share of rows: KS or total variation of the values, differences of missing and infinite shares.</summary>
    public double Effect { get; init; }

    public bool Drifted { get; init; }

    public static ColumnDrift Of(ColumnKind kind, ColumnSample baseline, ColumnSample current)
    {
        TestReading? missing = Events(baseline, current, s => s.Missing), infinite = Events(baseline, current, s => s.Infinite);
        double effect = Math.Max(Gap(baseline, current, s => s.Missing), Gap(baseline, current, s => s.Infinite));
        ColumnDrift drift = new(kind.Name, kind.IsText) { Baseline = baseline, Current = current, Missing = missing, Infinite = infinite, Effect = effect };
        if (kind.Overflows) return drift with { Note = "more than 1000 categories: values not compared", PValue = Combined(missing, infinite) };
        if (kind.IsText ? baseline.Texts.Count == 0 || current.Texts.Count == 0 : baseline.Numbers.Count == 0 || current.Numbers.Count == 0)
            return drift with { Note = $"no value in the {(baseline.Texts.Count + baseline.Numbers.Count == 0 ? "baseline" : "current file")}: values not compared", PValue = Combined(missing, infinite) };
        return kind.Change is { } change ? OfTexts(drift) with { Note = change } : kind.IsText ? OfTexts(drift) : OfNumbers(drift);
    }

    /// <summary>Which of the columns drifted: an adjusted probability at most the rate, and an effect that is not negligible.</summary>
    public static IReadOnlyList<ColumnDrift> Judge(IReadOnlyList<ColumnDrift> columns, DriftRule rule)
    {
        double[] p = [.. columns.Select(c => c.PValue)], adjusted = new double[p.Length];
        FalseDiscovery.BenjaminiHochberg(p, adjusted);
        return [.. columns.Select((c, i) => c with { AdjustedPValue = adjusted[i], Drifted = adjusted[i] <= rule.FalseDiscoveryRate && c.Effect > rule.NegligibleEffect })];
    }

    private static ColumnDrift OfNumbers(ColumnDrift drift)
    {
        Span<double> then = CollectionsMarshal.AsSpan(drift.Baseline.Numbers), now = CollectionsMarshal.AsSpan(drift.Current.Numbers);
        RadixSort.Ascending(then);
        RadixSort.Ascending(now);
        SampleComparison comparison = SampleComparison.OfSorted(then, now);
        QuantileBins bins = new(then);
        long[] before = new long[bins.Count], after = new long[bins.Count];
        bins.CountSorted(then, before);
        bins.CountSorted(now, after);
        bool constant = then[0] == then[^1] && now[0] == now[^1];
        return WithCounts(drift, before, after) with
        {
            Numbers = comparison,
            PValue = Combined(comparison.KolmogorovSmirnov, drift.Missing, drift.Infinite),
            Effect = Math.Max(drift.Effect, comparison.Distances.KolmogorovSmirnov),
            Note = constant ? then[0] == now[0] ? "constant" : "constant, and another constant than before" : then[0] == then[^1] ? "constant in the baseline" : now[0] == now[^1] ? "constant in the current file" : null,
        };
    }

    private static ColumnDrift OfTexts(ColumnDrift drift)
    {
        string[] texts = [.. drift.Baseline.Texts.Keys.Union(drift.Current.Texts.Keys).Order(StringComparer.Ordinal)];
        long[] before = [.. texts.Select(t => drift.Baseline.Texts.GetValueOrDefault(t))], after = [.. texts.Select(t => drift.Current.Texts.GetValueOrDefault(t))];
        ColumnDrift counted = WithCounts(drift, before, after);
        TestReading test = ContingencyTests.OfCategories(before, after);
        string[] unseen = [.. texts.Where(t => !drift.Baseline.Texts.ContainsKey(t))];
        return counted with
        {
            ChiSquare = test,
            PValue = Combined(test, drift.Missing),
            Effect = Math.Max(drift.Effect, counted.Binned!.Value.TotalVariation),
            Note = unseen.Length > 0 ? $"{unseen.Length} categor{(unseen.Length == 1 ? "y" : "ies")} that the baseline lacks" : texts.Length == 1 ? "constant" : null,
        };
    }

    private static ColumnDrift WithCounts(ColumnDrift drift, long[] before, long[] after)
    {
        BinnedComparison raw = BinnedComparison.Of(before, after);
        double psi = double.IsFinite(raw.Psi) ? raw.Psi : BinnedComparison.Of(before, after, new BinnedOptions { PseudoCount = 1 }).Psi;
        return drift with { Binned = raw, Psi = psi };
    }

    private static TestReading? Events(ColumnSample baseline, ColumnSample current, Func<ColumnSample, long> count)
    {
        long before = count(baseline), after = count(current);
        return before + after == 0 ? null : ContingencyTests.Fisher(before, baseline.Rows - before, after, current.Rows - after);
    }

    private static double Gap(ColumnSample baseline, ColumnSample current, Func<ColumnSample, long> count) =>
        Math.Abs((double)count(baseline) / Math.Max(1, baseline.Rows) - (double)count(current) / Math.Max(1, current.Rows));

    private static double Combined(params ReadOnlySpan<TestReading?> tests)
    {
        double least = double.NaN;
        int count = 0;
        foreach (TestReading? test in tests)
        {
            if (test is not { } reading || double.IsNaN(reading.PValue)) continue;
            count++;
            least = double.IsNaN(least) ? reading.PValue : Math.Min(least, reading.PValue);
        }

        return Math.Min(1, least * count);
    }
}
