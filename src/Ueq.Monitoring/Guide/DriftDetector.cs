using System.Text.Json.Serialization;

namespace Ueq.Monitoring;

/// <summary>The guide's three comparisons of widths.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DriftMethod>))]
public enum DriftMethod
{
    /// <summary>The guide's score of mean, standard deviation and median.</summary>
    [JsonStringEnumMemberName("statistical")]
    Statistical,

    /// <summary>Kolmogorov–Smirnov.</summary>
    [JsonStringEnumMemberName("ks_test")]
    KsTest,

    /// <summary>Wasserstein-1 in standard deviations of the baseline.</summary>
    [JsonStringEnumMemberName("wasserstein")]
    Wasserstein,
}

/// <summary>Where overall drift is heading.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DriftTrend>))]
public enum DriftTrend
{
    /// <summary>Fewer than three comparisons so far.</summary>
    [JsonStringEnumMemberName("insufficient_data")]
    InsufficientData,

    /// <summary>The last three are within a fifth of the mean of all.</summary>
    [JsonStringEnumMemberName("stable")]
    Stable,

    /// <summary>The last three are more than a fifth above the mean of all.</summary>
    [JsonStringEnumMemberName("increasing")]
    Increasing,

    /// <summary>The last three are more than a fifth below the mean of all.</summary>
    [JsonStringEnumMemberName("decreasing")]
    Decreasing,
}

/// <summary>One of the guide's comparisons.</summary>
/// <param name="Method">Which.</param>
/// <param name="DriftDetected">Chance does not explain the figure, over all methods together.</param>
/// <param name="Figure">The guide's score, KS distance, or Wasserstein distance in standard deviations: all without a unit.</param>
/// <param name="PValue">Probability of a figure this large without change.</param>
public readonly record struct DriftMethodReading(DriftMethod Method, bool DriftDetected, double Figure, double PValue);

/// <summary>What one comparison of widths says.</summary>
/// <param name="DriftDetected">A method detected drift.</param>
/// <param name="OverallDrift">Mean of the methods' figures, as in the guide.</param>
/// <param name="Methods">Each method.</param>
/// <param name="Trend">Where overall drift is heading; a description, no test.</param>
/// <param name="Content">Whether the baseline can tell anything.</param>
public sealed record DriftDetection(bool DriftDetected, double OverallDrift, IReadOnlyList<DriftMethodReading> Methods, DriftTrend Trend, SignalContent Content);

/// <summary>The guide's <c>DriftDetector</c>: batches of widths against a baseline by three methods, and the trend.</summary>
/// <remarks>
/// <para>
/// What differs from the guide, and why: its Wasserstein distance is in the unit of the target and compared with 0.1 whatever that unit is, so here it
/// is in standard deviations of the baseline; its score alarms above 0.1 without drift in half or more of small batches, so here each method has a probability, by
/// permutations or Smirnov's distribution, and the three share <see cref="UncertaintyDriftOptions.FalseAlarmProbability"/>; it averages three units, and ours
/// have none. Equal widths are "not informative". <see cref="UncertaintyDriftOptions.Threshold"/> is how large the score must be at least for the score to alarm.
/// </para>
/// <para>The probability holds for one batch; with many batches a day an alarm that counts all of them is needed, such as that of a model watch.</para>
/// </remarks>
public sealed class DriftDetector
{
    private readonly UncertaintyDriftOptions _options;
    private readonly DriftMethod[] _methods;
    private readonly double[] _baseline;
    private readonly SampleSummary _summary;
    private readonly double[] _lastThree = new double[3];
    private double _sum;

    /// <summary>A detector against these widths.</summary>
    /// <param name="baselineUncertainty">Widths as they were: 0 or more, infinite where unbounded, two finite ones or more.</param>
    /// <param name="methods">Which comparisons are made; all three when none is named.</param>
    /// <param name="options">Threshold, probability and permutations.</param>
    /// <exception cref="ArgumentException">A width is negative or NaN, there are fewer than two finite ones, or a method is named twice.</exception>
    public DriftDetector(ReadOnlySpan<double> baselineUncertainty, IReadOnlyList<DriftMethod>? methods = null, UncertaintyDriftOptions? options = null)
    {
        _options = options ?? new UncertaintyDriftOptions();
        _options.Validate();
        _methods = methods is null or { Count: 0 } ? [DriftMethod.Statistical, DriftMethod.KsTest, DriftMethod.Wasserstein] : [.. methods];
        if (_methods.Distinct().Count() != _methods.Length) throw new ArgumentException($"Expected each method once, got {string.Join(", ", _methods)}.", nameof(methods));
        _baseline = GuideScore.Finite(baselineUncertainty, nameof(baselineUncertainty));
        if (_baseline.Length < 2) throw new ArgumentException($"Expected two finite widths or more, got {_baseline.Length}.", nameof(baselineUncertainty));
        RadixSort.Ascending(_baseline);
        _summary = SampleSummary.From(_baseline);
    }

    /// <summary>Comparisons so far.</summary>
    public long Count { get; private set; }

    /// <summary>Compares a batch of widths with the baseline.</summary>
    /// <exception cref="ArgumentException">A width is negative or NaN, or none is finite; the message says where.</exception>
    public DriftDetection Detect(ReadOnlySpan<double> currentUncertainty, CancellationToken cancellation = default)
    {
        double[] now = GuideScore.Finite(currentUncertainty, nameof(currentUncertainty));
        if (now.Length == 0) throw new ArgumentException("Expected one finite width or more, got none.", nameof(currentUncertainty));
        bool informative = !GuideScore.IsOneValue(_summary);
        DriftMethodReading[] readings = informative ? Compare(now, cancellation) : [.. _methods.Select(m => new DriftMethodReading(m, false, 0, double.NaN))];
        double overall = readings.Average(r => r.Figure);
        _lastThree[Count++ % 3] = overall;
        _sum += overall;
        return new DriftDetection(readings.Any(r => r.DriftDetected), overall, readings, Trend(), informative ? SignalContent.Informative : SignalContent.OneValue);
    }

    private DriftMethodReading[] Compare(double[] now, CancellationToken cancellation)
    {
        SampleComparison comparison = SampleComparison.Of(_baseline, now);
        double[] then = GuideScore.Thin(_baseline, UncertaintyDrift.MostValues, _options.Seed), thinned = GuideScore.Thin(now, UncertaintyDrift.MostValues, _options.Seed);
        PermutationOptions shuffles = new() { Permutations = _options.Permutations, Seed = _options.Seed };
        double each = _options.FalseAlarmProbability / _methods.Length;
        return [.. _methods.Select(method =>
        {
            (double figure, double p, double least) = method switch
            {
                DriftMethod.Statistical => (GuideScore.Of(comparison.Reference, comparison.Current), PermutationTest.OfStatistic(then, thinned, GuideScore.OfSorted, shuffles, cancellation: cancellation).PValue, _options.Threshold),
                DriftMethod.KsTest => (comparison.Distances.KolmogorovSmirnov, comparison.KolmogorovSmirnov.PValue, 0),
                _ => (comparison.WassersteinScaled, PermutationTest.Of(then, thinned, d => d.Wasserstein, shuffles, cancellation: cancellation).PValue, 0.0),
            };
            return new DriftMethodReading(method, p <= each && figure > least, figure, p);
        })];
    }

    private DriftTrend Trend()
    {
        if (Count < 3) return DriftTrend.InsufficientData;
        double recent = _lastThree.Average(), all = _sum / Count;
        return recent > all * 1.2 ? DriftTrend.Increasing : recent < all * 0.8 ? DriftTrend.Decreasing : DriftTrend.Stable;
    }
}
