using System.Globalization;

namespace Ueq.Monitoring;

/// <summary>A full window against its reference.</summary>
internal readonly struct WindowJudgement(DriftReference reference, SignalTest[] tests, WindowBuffer window, DriftOptions options)
{
    /// <summary>How many alerts the window raises; allocates nothing.</summary>
    public int CountAlerts()
    {
        int alerts = 0;
        for (int s = 0; s < tests.Length; s++)
        {
            SignalTest test = tests[s];
            SignalWindow signal = window.Signals[s];
            if (test.Kind is not null && test.Statistic(signal.Counts) >= test.Critical(signal.Finite)) alerts++;
            if (test.TestsMissing && signal.Missing >= test.CriticalMissing) alerts++;
            if (test.TestsUnbounded && signal.Unbounded >= test.CriticalUnbounded) alerts++;
        }

        return alerts;
    }

    /// <summary>The guide's drift score; see <see cref="DriftReading.DriftScore"/>.</summary>
    public double DriftScore()
    {
        SignalReference size = reference.Signals[^1];
        if (size.Content != SignalContent.Informative) return 0;
        if (window.Sizes.IsEmpty) return 1;
        SampleSummary then = size.Summary, now = SampleSummary.From(window.Sizes);
        return 0.4 * Relative(then.Mean, now.Mean) + 0.3 * Relative(then.StandardDeviation, now.StandardDeviation) + 0.3 * Relative(then.Median, now.Median);
    }

    public DriftReading Reading(long windows, long alertsSoFar, double maxScore)
    {
        bool learning = windows == 0;
        SignalReference size = reference.Signals[^1];
        double score = learning ? 0 : DriftScore();
        DriftAlert[] alerts = learning ? [] : Alerts();
        return new DriftReading
        {
            State = learning ? DriftState.Learning : alerts.Length > 0 ? DriftState.Alert : DriftState.Healthy,
            Status = score > options.DriftThreshold ? GuideStatus.Warning : GuideStatus.Healthy,
            WindowsClosed = windows,
            Rows = windows * options.WindowSize,
            HistorySize = learning ? 0 : options.WindowSize,
            DriftScore = score,
            MaxDriftScore = maxScore,
            AlertsSoFar = alertsSoFar,
            SizeContent = size.Content,
            Alerts = alerts,
            CurrentStats = learning ? null : SampleSummary.From(window.Sizes),
            BaselineStats = size.Summary,
            Signals = learning ? [] : Signals(),
        };
    }

    private static double Relative(double then, double now) => now == then ? 0 : then == 0 ? 1 : Math.Abs(now - then) / Math.Abs(then);

    private SignalReading[] Signals()
    {
        SignalReading[] readings = new SignalReading[tests.Length];
        for (int s = 0; s < tests.Length; s++)
        {
            SignalReference r = reference.Signals[s];
            SignalWindow w = window.Signals[s];
            readings[s] = new SignalReading(
                r.Name, r.Kind, r.Content, tests[s].Kind, tests[s].Statistic(w.Counts), tests[s].Critical(w.Finite),
                w.Finite, w.Missing, w.Unbounded, w.Mean, w.StandardDeviation);
        }

        return readings;
    }

    private DriftAlert[] Alerts()
    {
        List<DriftAlert> alerts = [];
        for (int s = 0; s < tests.Length; s++)
        {
            SignalTest test = tests[s];
            SignalReference r = reference.Signals[s];
            SignalWindow w = window.Signals[s];
            if (test.Kind is { } kind) Judge(alerts, r, w, kind, test.Statistic(w.Counts), test.Critical(w.Finite));
            if (test.TestsMissing) Judge(alerts, r, w, TestKind.Missing, w.Missing, test.CriticalMissing);
            if (test.TestsUnbounded) Judge(alerts, r, w, TestKind.Unbounded, w.Unbounded, test.CriticalUnbounded);
        }

        return [.. alerts];
    }

    private void Judge(List<DriftAlert> alerts, SignalReference r, SignalWindow w, TestKind test, double statistic, double critical)
    {
        if (statistic < critical) return;
        bool grew = r.Kind == SignalKind.Size && (test == TestKind.Unbounded || w.Mean > r.Summary.Mean);
        alerts.Add(new DriftAlert(
            grew ? AlertType.UncertaintySpike : AlertType.Drift,
            statistic >= 2 * critical ? AlertSeverity.High : AlertSeverity.Medium,
            r.Name, test, Message(r, w, test, statistic, critical), statistic, critical));
    }

    private string Message(SignalReference r, SignalWindow w, TestKind test, double statistic, double critical)
    {
        CultureInfo plain = CultureInfo.InvariantCulture;
        string what = r.Kind == SignalKind.Feature ? $"Feature '{r.Name}'" : r.Kind == SignalKind.Size ? "The size of intervals or sets" : "The prediction";
        int rows = options.WindowSize;
        return test switch
        {
            TestKind.Psi => string.Create(plain,
                $"{what} is distributed differently: PSI {statistic:0.###} over the last {rows} rows, where chance stays below {critical:0.###}; mean {w.Mean:0.####}, was {r.Summary.Mean:0.####}."),
            TestKind.RareValues => string.Create(plain,
                $"{what} has {statistic} values in the last {rows} rows that were rare in the reference, where chance stays below {critical}."),
            TestKind.Missing => string.Create(plain,
                $"{what} is missing in {statistic} of the last {rows} rows, where chance stays below {critical}; it was in {r.Missing} of {r.Rows}."),
            _ => string.Create(plain,
                $"{statistic} of the last {rows} intervals are unbounded, where chance stays below {critical}; {r.Unbounded} of {r.Rows} were."),
        };
    }
}
