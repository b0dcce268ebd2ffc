using Ueq.Versions;

namespace Ueq.Monitoring;

/// <summary>Live coverage from labels that arrive late: a test that alarms, bounds of the coverage, losses, lag and completeness.</summary>
/// <remarks>
/// <para>
/// The test bets against the largest tolerable miss rate (<see cref="CoverageTolerance"/>) and alarms when its capital reaches one over the alarm
/// probability. While coverage is as promised it ever alarms with at most that probability, however long it runs and however often
/// it is read; the probability of k false alarms is at most its k-th power.
/// </para>
/// <para>
/// Labels are numbered by the ledger that keeps them, so each counts once. Merging takes the newer tally of each ledger, so
/// snapshots may come in any order and repeatedly. The test over several ledgers multiplies their evidence and also shows an alarm
/// of any of them: with m ledgers its probability of a false alarm is at most m + 1 times the one of the options.
/// </para>
/// <para>Single writer. <see cref="Add(in LabelledAnswer, long)"/> allocates only when a group is seen first.</para>
/// </remarks>
public sealed class CoverageMonitor
{
    /// <summary>The name that steps and incidents of coverage go by.</summary>
    public const string Signal = "coverage";

    private const string Magic = "UEQ-COVERAGE";
    private const int Version = 2;
    private const int MostLedgers = 10_000;

    private static readonly TimeSpan[] Ages =
        [TimeSpan.Zero, TimeSpan.FromHours(1), TimeSpan.FromDays(1), TimeSpan.FromDays(7), TimeSpan.FromDays(30), TimeSpan.FromDays(90)];

    private readonly CoverageTolerance _tolerance;
    private readonly ModelTask _task;
    private readonly CoverageOptions _options;
    private readonly string _ledger;
    private readonly SortedDictionary<string, LedgerTally> _ledgers = new(StringComparer.Ordinal);
    private List<SignalTransition> _steps = [];

    /// <summary>A monitor that has seen no label.</summary>
    /// <param name="tolerance">What is promised and tolerated.</param>
    /// <param name="task">Whether predictions are numbers or classes.</param>
    /// <param name="options">How coverage is judged.</param>
    /// <param name="ledger">Name of the ledger whose labels are added here.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range, or the tolerance is no tolerance.</exception>
    public CoverageMonitor(CoverageTolerance tolerance, ModelTask task, CoverageOptions options, string ledger = "ledger")
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(ledger);
        options.Validate();
        if (!(tolerance.LargestMiss is > 0 and < 1)) Throw.OutOfRange(nameof(tolerance), tolerance.LargestMiss, "a largest miss rate strictly between 0 and 1");
        if (!(tolerance.SmallestMiss > 0 && tolerance.SmallestMiss <= tolerance.LargestMiss))
            Throw.OutOfRange(nameof(tolerance), tolerance.SmallestMiss, "a smallest miss rate above 0 and up to the largest");
        _tolerance = tolerance;
        _task = task;
        _options = options;
        _ledger = ledger;
        _ledgers[ledger] = new LedgerTally(tolerance, options);
    }

    /// <summary>The number of the latest label of this monitor's own ledger; 0 before the first.</summary>
    public long Sequence => _ledgers[_ledger].Sequence;

    /// <summary>Counts a label; one that was counted already, by its number, is ignored.</summary>
    /// <param name="label">The answer and its truth.</param>
    /// <param name="sequence">Its number in the ledger, from 1; numbers rise, with gaps or without.</param>
    /// <exception cref="ArgumentOutOfRangeException">The truth or the prediction is not finite.</exception>
    public void Add(in LabelledAnswer label, long sequence)
    {
        if (!double.IsFinite(label.Y)) Throw.OutOfRange(nameof(label), label.Y, "a finite truth");
        if (!double.IsFinite(label.Prediction)) Throw.OutOfRange(nameof(label), label.Prediction, "a finite prediction");
        LedgerTally tally = _ledgers[_ledger];
        if (sequence <= tally.Sequence) return;
        SignalState before = tally.Alarm.State;
        tally.Add(label, sequence);
        if (tally.Alarm.State != before) _steps.Add(CoverageStep.Of(tally.Alarm, before, _tolerance, _options.Sequence, label.ArrivedAt));
    }

    /// <summary>Counts a label where no ledger numbers them.</summary>
    public void Add(in LabelledAnswer label) => Add(label, Sequence + 1);

    /// <summary>The steps of the monitor's own ledger between healthy, alarm and recovering since the last call, in their order.</summary>
    /// <remarks>The same labels make the same steps, so whoever hears of one again can know it.</remarks>
    public IReadOnlyList<SignalTransition> TakeTransitions()
    {
        if (_steps.Count == 0) return [];
        List<SignalTransition> taken = _steps;
        _steps = [];
        return taken;
    }

    /// <summary>Coverage as a signal while it is lost, by the monitor's own ledger; <c>null</c> while it is not.</summary>
    public WatchedSignal? ReadAlarm()
    {
        LedgerTally tally = _ledgers[_ledger];
        return tally.Alarm.State == SignalState.Alarm ? CoverageStep.Of(tally.Alarm, _tolerance, _options.Sequence, tally.LatestArrival) : null;
    }

    /// <summary>Takes over what another monitor of the same promise has counted.</summary>
    /// <exception cref="ArgumentException">The other watches another promise or task.</exception>
    public void Merge(CoverageMonitor other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other._tolerance != _tolerance || other._task != _task || other._options.AlarmProbability != _options.AlarmProbability)
        {
            throw new ArgumentException(
                $"Expected a monitor of {_task} with {_tolerance} and the alarm probability {_options.AlarmProbability}, got {other._task}, {other._tolerance}, {other._options.AlarmProbability}.",
                nameof(other));
        }

        using MemoryStream snapshot = new();
        other.Save(snapshot);
        snapshot.Position = 0;
        Take(snapshot);
    }

    /// <summary>Everything labels have shown so far.</summary>
    /// <param name="now">The time, for ages.</param>
    /// <param name="receipts">Receipts that were issued; <c>null</c> where nobody counts them.</param>
    public CoverageReading Read(DateTimeOffset now, ReceiptCounts? receipts = null)
    {
        GroupTally all = new(), others = new();
        SortedDictionary<string, GroupTally> groups = new(StringComparer.Ordinal);
        RealisedLosses.Sums losses = default;
        LagSketch lags = new();
        double evidence = 0, together = 0, fewer = 0;
        long alarms = 0, otherCoverage = 0;
        AlarmTrack? latest = null;
        DateTimeOffset arrival = default;
        foreach (LedgerTally tally in _ledgers.Values)
        {
            all.Merge(tally.All);
            others.Merge(tally.OtherGroups);
            foreach ((string name, GroupTally group) in tally.Groups)
            {
                if (!groups.TryGetValue(name, out GroupTally? sum)) groups[name] = sum = new GroupTally();
                sum.Merge(group);
            }

            tally.Losses.AddTo(ref losses);
            lags.Merge(tally.Lags);
            evidence += tally.Alarm.LogEvidence;
            if (tally.Alarm.State == SignalState.Healthy) together += tally.Alarm.LogEvidence;
            fewer += tally.LogEvidenceOfFewer;
            alarms += tally.Alarm.Alarms;
            otherCoverage += tally.OtherCoverage;
            if (tally.Alarm.Alarms > 0 && (latest is null || tally.Alarm.AlarmedAt > latest.AlarmedAt)) latest = tally.Alarm;
            if (tally.LatestArrival > arrival) arrival = tally.LatestArrival;
        }

        double threshold = _ledgers[_ledger].Alarm.LogThreshold;
        return new CoverageReading
        {
            State = State(all.Labels, together >= threshold, now, arrival),
            Tolerance = _tolerance,
            Coverage = RealisedCoverage.From(all, _options.Sequence),
            LogEvidence = evidence,
            LogThreshold = threshold,
            LogEvidenceOfFewer = fewer,
            Alarms = alarms,
            Since = latest?.Since,
            AlarmedAt = latest?.AlarmedAt,
            OtherCoverage = otherCoverage,
            Performance = Performance(losses.Labels, losses.Absolute, losses.Squares, losses.Right),
            Recent = Performance(losses.RecentLabels, losses.RecentAbsolute, losses.RecentSquares, losses.RecentRight),
            MeanWidth = losses.Widths / losses.Bounded,
            MeanWinkler = _task == ModelTask.Regression ? losses.Winkler / losses.Bounded : double.NaN,
            Groups = [.. groups.Select(g => new GroupCoverage(g.Key, RealisedCoverage.From(g.Value, _options.Sequence)))],
            OtherGroups = RealisedCoverage.From(others, _options.Sequence),
            Lag = new LabelLag(lags.Count, lags.Quantile(0.5), lags.Quantile(0.95)),
            Completeness = receipts is null ? [] : Completeness(now, receipts),
            LatestArrival = arrival == default ? null : arrival,
        };
    }

    /// <summary>Writes everything that was counted. The stream need not seek.</summary>
    public void Save(Stream destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        TallyWriter state = new(Magic, Version);
        state.Number(_tolerance.Nominal.Value);
        state.Number(_tolerance.LargestMiss);
        state.Number(_tolerance.SmallestMiss);
        state.Number(_options.AlarmProbability);
        state.Whole((int)_task);
        state.Whole(_ledgers.Count);
        foreach ((string name, LedgerTally tally) in _ledgers)
        {
            state.Text(name);
            tally.Save(state);
        }

        state.End(destination);
    }

    /// <summary>A monitor that continues what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The content is damaged, of another version, or of another promise; the message names the place.</exception>
    public static CoverageMonitor Restore(Stream source, CoverageTolerance tolerance, ModelTask task, CoverageOptions options, string ledger = "ledger")
    {
        ArgumentNullException.ThrowIfNull(source);
        CoverageMonitor monitor = new(tolerance, task, options, ledger);
        monitor.Take(source);
        return monitor;
    }

    private void Take(Stream source)
    {
        TallyReader state = new(source, Magic, Version);
        Same(_tolerance.Nominal.Value, state.Number("$.nominal"), "$.nominal", "the coverage that is watched");
        Same(_tolerance.LargestMiss, state.Number("$.largest_miss"), "$.largest_miss", "the largest miss rate that is tolerated");
        Same(_tolerance.SmallestMiss, state.Number("$.smallest_miss"), "$.smallest_miss", "the smallest miss rate that is tolerated");
        Same(_options.AlarmProbability, state.Number("$.alarm_probability"), "$.alarm_probability", "the alarm probability of the options");
        Same((int)_task, state.Count("$.task"), "$.task", "the task that is watched");
        long ledgers = state.Count("$.ledgers", MostLedgers);
        List<(string Name, LedgerTally Tally)> read = [];
        for (int i = 0; i < ledgers; i++)
        {
            string name = state.Text($"$.ledgers[{i}].name");
            LedgerTally tally = new(_tolerance, _options);
            tally.Restore(ref state, $"$.ledgers[{i}]");
            read.Add((name, tally));
        }

        state.End();
        foreach ((string name, LedgerTally tally) in read)
            if (!_ledgers.TryGetValue(name, out LedgerTally? mine) || tally.Sequence > mine.Sequence) _ledgers[name] = tally;
    }

    private static void Same(double expected, double found, string place, string what)
    {
        if (expected != found) throw TallyReader.Damaged(place, FormattableString.Invariant($"expected {expected:R}, {what}"), found);
    }

    private SignalState State(long labels, bool together, DateTimeOffset now, DateTimeOffset arrival)
    {
        if (together || _ledgers.Values.Any(l => l.Alarm.State == SignalState.Alarm)) return SignalState.Alarm;
        if (_ledgers.Values.Any(l => l.Alarm.State == SignalState.Recovering)) return SignalState.Recovering;
        if (labels == 0 || labels < _options.LearningLabels) return SignalState.Learning;
        return now - arrival > _options.StaleAfter ? SignalState.Stale : SignalState.Healthy;
    }

    private RealisedPerformance Performance(long labels, double absolute, double squares, long right) => _task == ModelTask.Regression
        ? new(labels, absolute / labels, squares / labels, Math.Sqrt(squares / labels), double.NaN)
        : new(labels, double.NaN, double.NaN, double.NaN, (double)right / labels);

    private LabelCompleteness[] Completeness(DateTimeOffset now, ReceiptCounts receipts)
    {
        LabelCompleteness[] all = new LabelCompleteness[Ages.Length - 1];
        long hour = HourCounts.HourOf(now);
        for (int i = 0; i < all.Length; i++)
        {
            long to = hour - (long)Ages[i].TotalHours, from = hour - (long)Ages[i + 1].TotalHours + 1;
            all[i] = new(Ages[i], Ages[i + 1], receipts.Sum(from, to), _ledgers.Values.Sum(l => l.Hours.Sum(from, to)));
        }

        return all;
    }
}
