namespace Ueq.Monitoring;

/// <summary>How <see cref="UQMonitor"/> judges.</summary>
public sealed record UQMonitorOptions
{
    /// <summary>Latest rows that are compared with the baseline (the guide's <c>window_size</c>): 20 to 100,000. Default: 100.</summary>
    public int WindowSize { get; init; } = 100;

    /// <summary>The guide's <c>drift_threshold</c> of its score: smaller changes raise no alert, however sure. 0 or more. Default: 0.1.</summary>
    public double DriftThreshold { get; init; } = 0.1;

    /// <summary>Probability that a call alerts when nothing changed, over widths and predictions together: inside (0, ½). Default: 0.001.</summary>
    public double FalseAlarmProbability { get; init; } = 0.001;

    /// <summary>Simulated windows from which the limit of the score is found: at least 2/probability. Default: 3,999.</summary>
    public int Replicates { get; init; } = 3999;

    /// <summary>Names the simulated windows.</summary>
    public ulong Seed { get; init; }

    internal void Validate()
    {
        if (WindowSize is < 20 or > 100_000) Throw.OutOfRange(nameof(WindowSize), WindowSize, "20 to 100,000 rows");
        if (!(DriftThreshold >= 0 && double.IsFinite(DriftThreshold))) Throw.OutOfRange(nameof(DriftThreshold), DriftThreshold, "a score of 0 or more");
        if (!(FalseAlarmProbability is > 0 and < 0.5)) Throw.OutOfRange(nameof(FalseAlarmProbability), FalseAlarmProbability, "a probability above 0 and below 0.5");
        new NullCalibrationOptions { Replicates = Replicates }.Validate();
        if (Replicates + 1 < 2 / FalseAlarmProbability)
            Throw.OutOfRange(nameof(Replicates), Replicates, FormattableString.Invariant($"{Math.Ceiling(2 / FalseAlarmProbability)} replicates or more for a probability of {FalseAlarmProbability}"));
    }
}

/// <summary>The guide's <c>UQMonitor</c>: the latest widths and predictions against a baseline.</summary>
/// <remarks>
/// What differs from the guide, and why: the baseline is used from the first row on (the guide's never takes effect); an alert needs a score
/// above a limit found by simulation as well as above the threshold, since 0.1 alone alerts on 53 to 95 % of small batches without drift, and must be
/// as rare among shuffles of both, which takes a moment where there is drift; nothing is said
/// before the window is full; equal widths are "not informative"; the status is that of the latest call and does not latch. The probability is per call;
/// where calls are many, an alarm with a rate per year is the better choice. One writer.
/// </remarks>
public sealed class UQMonitor
{
    private readonly UQMonitorOptions _options;
    private readonly double[] _baselinePredictions, _drawn;
    private readonly SampleSummary _baseline;
    private readonly SignalContent _content;
    private readonly double _limit;
    private readonly double[] _widths, _predictions, _sorted;
    private long _rows, _alerts;
    private double _recent, _most;
    private bool _warned;

    /// <summary>A monitor against this baseline; finds the limit of its score by simulation, which takes a moment.</summary>
    /// <param name="baselineData">Predictions on the baseline rows; empty leaves predictions uncompared.</param>
    /// <param name="baselineUncertainty">Widths on the baseline rows: 0 or more, infinite where unbounded; twenty finite ones or more.</param>
    /// <param name="options">Window, threshold and probability.</param>
    /// <param name="cancellation">Stops the simulation.</param>
    /// <exception cref="ArgumentException">A value is not what is asked for; the message says where.</exception>
    public UQMonitor(ReadOnlySpan<double> baselineData, ReadOnlySpan<double> baselineUncertainty, UQMonitorOptions? options = null, CancellationToken cancellation = default)
    {
        const int Fewest = 20;
        _options = options ?? new UQMonitorOptions();
        _options.Validate();
        double[] widths = GuideScore.Finite(baselineUncertainty, nameof(baselineUncertainty));
        if (widths.Length < Fewest) throw new ArgumentException($"Expected {Fewest} finite widths or more, got {widths.Length}.", nameof(baselineUncertainty));
        if (!baselineData.IsEmpty) SampleCheck.Finite(baselineData, nameof(baselineData));
        _baselinePredictions = baselineData.ToArray();
        RadixSort.Ascending(_baselinePredictions);
        RadixSort.Ascending(widths);
        _baseline = SampleSummary.From(widths);
        _content = GuideScore.IsOneValue(_baseline) ? SignalContent.OneValue : SignalContent.Informative;
        _widths = new double[_options.WindowSize];
        _predictions = new double[_options.WindowSize];
        _sorted = new double[_options.WindowSize];
        _drawn = [.. GuideScore.Thin(widths, UncertaintyDrift.MostValues, _options.Seed).Order()];
        _limit = _content == SignalContent.OneValue ? double.PositiveInfinity : Limit(_drawn, cancellation);
    }

    /// <summary>Takes rows as they were answered, and compares the latest ones.</summary>
    /// <param name="predictions">Finite predictions.</param>
    /// <param name="widths">Widths of their intervals: 0 or more, infinite where unbounded.</param>
    /// <exception cref="ArgumentException">The lengths differ or a value is not what is asked for; nothing is taken then.</exception>
    public UQMonitorReading Monitor(ReadOnlySpan<double> predictions, ReadOnlySpan<double> widths)
    {
        Throw.IfDifferent(nameof(widths), widths.Length, predictions.Length, "widths, one per prediction");
        for (int i = 0; i < widths.Length; i++)
        {
            if (!(widths[i] >= 0)) throw new ArgumentException(FormattableString.Invariant($"Expected widths of 0 or more, got {widths[i]} at index {i}."), nameof(widths));
            if (!double.IsFinite(predictions[i])) throw new ArgumentException(FormattableString.Invariant($"Expected finite predictions, got {predictions[i]} at index {i}."), nameof(predictions));
        }

        for (int i = 0; i < widths.Length; i++)
        {
            int at = (int)(_rows++ % _options.WindowSize);
            (_predictions[at], _widths[at]) = (predictions[i], widths[i]);
        }

        return Read();
    }

    /// <summary>Takes rows as they were answered, and compares the latest ones.</summary>
    /// <inheritdoc cref="Monitor(ReadOnlySpan{double}, ReadOnlySpan{double})"/>
    /// <param name="predictions">Finite predictions.</param>
    /// <param name="uncertainty">Their intervals.</param>
    public UQMonitorReading Monitor(ReadOnlySpan<double> predictions, ReadOnlySpan<Interval> uncertainty) => Monitor(predictions, UncertaintyDrift.Widths(uncertainty));

    /// <summary>The guide's <c>get_monitoring_summary</c>.</summary>
    public UQMonitorSummary Summary() => new(_rows, _recent, _most, _alerts, _warned ? UQStatus.Warning : UQStatus.Healthy);

    private UQMonitorReading Read()
    {
        int rows = (int)Math.Min(_rows, _options.WindowSize);
        SampleSummary now = SampleSummary.From(Sorted(_widths, rows));
        _recent = _content == SignalContent.OneValue ? 0 : now.Count == 0 ? rows == 0 ? 0 : 1 : GuideScore.Of(_baseline, now);
        List<UQAlert> alerts = [];
        if (rows == _options.WindowSize)
        {
            _most = Math.Max(_most, _recent);
            if (_recent > _limit && _recent > _options.DriftThreshold && ShufflesConfirm()) alerts.Add(OfWidths(now));
            if (_baselinePredictions.Length > 0 && OfPredictions(Sorted(_predictions, rows)) is { } alert) alerts.Add(alert);
        }

        _alerts += alerts.Count;
        _warned = alerts.Count > 0;
        return new UQMonitorReading
        {
            DriftScore = _recent,
            DriftLimit = _limit,
            Alerts = alerts,
            CurrentStats = now,
            BaselineStats = _baseline,
            HistorySize = rows,
            Content = _content,
        };
    }

    /// <summary>Whether shuffling who is baseline reaches the score as rarely as claimed.</summary>
    /// <remarks>The limit knows no widths beyond the baseline's own: where tails are heavy it is passed too often, and this is exact.</remarks>
    private bool ShufflesConfirm()
    {
        ReadOnlySpan<double> now = Sorted(_widths, _options.WindowSize);
        if (now.IsEmpty) return true;
        PermutationOptions shuffles = new() { Permutations = _options.Replicates, Seed = _options.Seed };
        return PermutationTest.OfStatistic(_drawn, now, GuideScore.OfSorted, shuffles).PValue <= Share;
    }

    private UQAlert OfWidths(SampleSummary now)
    {
        bool grew = !(now.Mean <= _baseline.Mean);
        UQAlertSeverity severity = _recent >= 2 * _limit ? UQAlertSeverity.High : UQAlertSeverity.Medium;
        return new UQAlert(grew ? UQAlertType.UncertaintySpike : UQAlertType.Drift, severity, FormattableString.Invariant(
            $"Intervals are {(grew ? "wider" : "of other widths")}: score {_recent:0.###} over the last {_options.WindowSize} rows, where chance stays below {_limit:0.###}; mean width {now.Mean:0.####}, was {_baseline.Mean:0.####}."));
    }

    private UQAlert? OfPredictions(ReadOnlySpan<double> window)
    {
        TestReading ks = SampleComparison.OfSorted(_baselinePredictions, window).KolmogorovSmirnov;
        double each = Share;
        if (!(ks.PValue <= each)) return null;
        return new UQAlert(UQAlertType.Drift, ks.PValue <= each / 1000 ? UQAlertSeverity.High : UQAlertSeverity.Medium, FormattableString.Invariant(
            $"Predictions are distributed differently: Kolmogorov–Smirnov distance {ks.Statistic:0.###} over the last {_options.WindowSize} rows, which chance reaches with probability {ks.PValue:0.#e+0}."));
    }

    private Span<double> Sorted(double[] window, int rows)
    {
        int finite = 0;
        foreach (double value in window.AsSpan(0, rows))
            if (double.IsFinite(value)) _sorted[finite++] = value;
        Span<double> sorted = _sorted.AsSpan(0, finite);
        sorted.Sort();
        return sorted;
    }

    /// <summary>Each of two comparisons has half of the probability, one alone has all.</summary>
    private double Share => _options.FalseAlarmProbability / (_baselinePredictions.Length > 0 && _content == SignalContent.Informative ? 2 : 1);

    private double Limit(double[] widths, CancellationToken cancellation)
    {
        // Beyond this many windows, drawing the baseline anew would widen the limit by a twentieth at most, and shuffles decide in the end.
        const int Many = 8;
        NullCalibrationOptions replicates = new() { Replicates = _options.Replicates, Seed = _options.Seed };
        if (widths.Length >= Many * _options.WindowSize)
        {
            SampleSummary all = SampleSummary.From(widths);
            return NullCalibration.OfWindowAlone(widths, _options.WindowSize, now => GuideScore.Of(all, SampleSummary.From(Ascending(now))), Share, replicates, cancellation).Limit;
        }

        // Drawing places instead of widths puts a large drawn sample in order by counting: of two places the smaller has the smaller width.
        double[] places = [.. Enumerable.Range(0, widths.Length).Select(place => (double)place)];
        return NullCalibration.OfWindow(
            places, _options.WindowSize, (then, now) => GuideScore.OfSorted(Drawn(widths, then), now.Length < widths.Length / 8 ? Few(widths, now) : Drawn(widths, now)),
            Share, replicates, cancellation: cancellation).Limit;
    }

    private static double[] Ascending(double[] values)
    {
        values.AsSpan().Sort();
        return values;
    }

    private static double[] Few(double[] ascending, ReadOnlySpan<double> places)
    {
        double[] drawn = new double[places.Length];
        for (int i = 0; i < drawn.Length; i++) drawn[i] = ascending[(int)places[i]];
        drawn.AsSpan().Sort();
        return drawn;
    }

    private static double[] Drawn(double[] ascending, ReadOnlySpan<double> places)
    {
        // Most widths are drawn a few times: so many are always written, since guessing how many costs more.
        const int Always = 4;
        int[] times = new int[ascending.Length];
        double[] drawn = new double[places.Length + Always];
        foreach (double place in places) times[(int)place]++;
        int next = 0;
        for (int place = 0; place < ascending.Length; place++)
        {
            double width = ascending[place];
            int count = times[place];
            drawn.AsSpan(next, Always).Fill(width);
            if (count > Always) drawn.AsSpan(next, count).Fill(width);
            next += count;
        }

        return drawn[..next];
    }
}
