using Ueq.Versions;

namespace Ueq.Monitoring.Tests;

public sealed class CoverageMonitorTests
{
    private static readonly DateTimeOffset Later = Truths.Start.AddDays(20);

    private static void AddTo(CoverageMonitor monitor, Truths truths, int labels, double missRate, string? group = null)
    {
        for (int i = 0; i < labels; i++) monitor.Add(truths.Next(missRate, group));
    }

    [Fact]
    public void AMonitorLearnsThenIsHealthyThenStale()
    {
        CoverageMonitor monitor = Truths.Monitor();
        CoverageReading empty = monitor.Read(Truths.Start);
        Assert.Equal((SignalState.Learning, 0L), (empty.State, empty.Coverage.Labels));
        Assert.True(double.IsNaN(empty.Coverage.Covered) && double.IsNaN(empty.Recent.Mse) && double.IsNaN(empty.MeanWidth));
        Assert.Null(empty.Lag.Median);
        Truths truths = new(1);
        AddTo(monitor, truths, 49, 0.1);
        Assert.Equal(SignalState.Learning, monitor.Read(Truths.Start).State);
        AddTo(monitor, truths, 951, 0.1);
        CoverageReading reading = monitor.Read(Truths.Start.AddDays(1));
        Assert.Equal((SignalState.Healthy, 1000L, 0L), (reading.State, reading.Coverage.Labels, reading.Alarms));
        Assert.True(reading.Coverage.Bounds.Contains(0.9));
        Assert.Equal(2, reading.MeanWidth);
        Assert.Equal(SignalState.Stale, monitor.Read(Later).State);
    }

    [Fact]
    public void LostCoverageAlarmsAndFreshLabelsEndTheAlarm()
    {
        CoverageMonitor monitor = Truths.Monitor();
        Truths truths = new(2);
        AddTo(monitor, truths, 2000, 0.1);
        int noticed = 0;
        for (; monitor.Read(Truths.Start).State == SignalState.Healthy; noticed++) monitor.Add(truths.Next(0.35));
        CoverageReading alarm = monitor.Read(Truths.Start);
        Assert.Equal(SignalState.Alarm, alarm.State);
        Assert.InRange(noticed, 10, 300);
        Assert.InRange((alarm.Since!.Value - Truths.Start).TotalMinutes, 1800, 2000 + noticed);
        AddTo(monitor, truths, 500, 0.35);
        Assert.Equal(SignalState.Alarm, monitor.Read(Truths.Start).State);
        Assert.True(monitor.Read(Truths.Start).LogEvidence > alarm.LogEvidence);
        List<SignalState> states = [];
        for (int i = 0; i < 3000 && monitor.Read(Truths.Start).State != SignalState.Healthy; i++)
        {
            monitor.Add(truths.Next(0.08));
            if (monitor.Read(Truths.Start).State is var state && (states.Count == 0 || states[^1] != state)) states.Add(state);
        }

        Assert.Equal([SignalState.Alarm, SignalState.Recovering, SignalState.Healthy], states);
        Assert.Equal(1, monitor.Read(Truths.Start).Alarms);
    }

    [Fact]
    public void StepsAreToldOnceAndTheSameLabelsMakeTheSameSteps()
    {
        List<LabelledAnswer> labels = [];
        Truths truths = new(2);
        foreach ((int count, double missRate) in new[] { (2000, 0.1), (400, 0.5), (3000, 0.05) })
            for (int i = 0; i < count; i++) labels.Add(truths.Next(missRate));
        CoverageMonitor whole = Truths.Monitor(), half = Truths.Monitor();
        foreach (LabelledAnswer label in labels) whole.Add(label);
        IReadOnlyList<SignalTransition> steps = whole.TakeTransitions();
        Assert.Equal([SignalState.Alarm, SignalState.Recovering, SignalState.Healthy], steps.Select(s => s.To));
        Assert.Empty(whole.TakeTransitions());
        SignalTransition alarm = steps[0];
        Assert.Equal((CoverageMonitor.Signal, SignalKind.Coverage, 1, SignalState.Healthy), (alarm.Signal, alarm.Kind, alarm.Epoch, alarm.From));
        Assert.InRange(alarm.Row, 2001, 2200);
        Assert.Equal(labels[(int)alarm.Row - 1].ArrivedAt, alarm.At);
        Assert.InRange(alarm.Effect.Count, 5, 400);
        Assert.InRange(alarm.Effect.KS, 0.2, 0.9);
        Assert.InRange(alarm.Effect.KSLower, 0, alarm.Effect.KS);
        Assert.Matches(@"^Coverage is lost: \d+(\.\d)?% of the last \d+ labels are covered, where 90% is promised and 8\d(\.\d)?% tolerated \(evidence 10\^2(\.\d)?, threshold 10\^2\)\.$", alarm.Message);

        for (int i = 0; i < 2005; i++) half.Add(labels[i]);
        List<SignalTransition> found = [.. half.TakeTransitions()];
        using MemoryStream saved = new();
        half.Save(saved);
        saved.Position = 0;
        half = CoverageMonitor.Restore(saved, CoverageTolerance.From(Truths.Promise(200)), ModelTask.Regression, new());
        for (int i = 2005; i < labels.Count; i++) half.Add(labels[i]);
        Assert.Equal(steps, found.Concat(half.TakeTransitions()));
    }

    [Fact]
    public void TooMuchCoverageIsReportedAndNeverAlarms()
    {
        CoverageMonitor monitor = Truths.Monitor(1000);
        AddTo(monitor, new Truths(3), 5000, 0.01);
        CoverageReading reading = monitor.Read(Truths.Start.AddDays(4));
        Assert.Equal((SignalState.Healthy, 0L), (reading.State, reading.Alarms));
        Assert.True(reading.LogEvidenceOfFewer > Math.Log(1000));
    }

    [Fact]
    public void GroupsAreCountedUpToABoundAndTheRestTogether()
    {
        CoverageMonitor monitor = Truths.Monitor(options: new() { MostGroups = 3 });
        Truths truths = new(4);
        for (int i = 0; i < 1000; i++) monitor.Add(truths.Next(i % 10 == 0 ? 0.5 : 0.05, $"g{i % 10}"));
        monitor.Add(truths.Next(0));
        CoverageReading reading = monitor.Read(Truths.Start);
        Assert.Equal(["g0", "g1", "g2"], reading.Groups.Select(g => g.Group));
        Assert.All(reading.Groups, g => Assert.Equal(100, g.Coverage.Labels));
        Assert.Equal(700, reading.OtherGroups.Labels);
        Assert.Equal(1001, reading.Coverage.Labels);
        Assert.True(reading.Groups[0].Coverage.Bounds.Upper < 0.75);
        Assert.True(reading.Groups[1].Coverage.Bounds.Contains(0.95));
    }

    [Fact]
    public void LossesAreThoseOfTheLabels()
    {
        CoverageMonitor monitor = Truths.Monitor(options: new() { RecentLabels = 2 });
        DateTimeOffset t = Truths.Start;
        monitor.Add(new LabelledAnswer(t, t.AddSeconds(10), null, default, 1, new Interval(0, 2), 3, LabelOutcome.Missed));
        monitor.Add(new LabelledAnswer(t, t.AddSeconds(10), null, default, 1, new Interval(0, 4), 2, LabelOutcome.Covered));
        monitor.Add(new LabelledAnswer(t, t.AddSeconds(10), null, default, 1, Interval.Unbounded, 5, LabelOutcome.Covered));
        monitor.Add(new LabelledAnswer(t, t.AddSeconds(1000), null, new Coverage(0.5), 1, new Interval(0, 2), -5, LabelOutcome.Missed));
        CoverageReading reading = monitor.Read(t);
        Assert.Equal(new RealisedPerformance(4, (2 + 1 + 4 + 6) / 4.0, (4 + 1 + 16 + 36) / 4.0, Math.Sqrt(57 / 4.0), double.NaN), reading.Performance);
        Assert.Equal(5, reading.Recent.Mae);
        Assert.Equal((3L, 1L, 1L), (reading.Coverage.Labels, reading.Coverage.Unbounded, reading.OtherCoverage));
        Assert.Equal(3, reading.MeanWidth);
        Assert.Equal((2 + 20 * 1 + 4) / 2.0, reading.MeanWinkler, 1e-9);
        Assert.Equal(10, reading.Lag.Median!.Value.TotalSeconds, 0.4);
        Assert.Equal(1000, reading.Lag.Percentile95!.Value.TotalSeconds, 40.0);
    }

    [Fact]
    public void ClassesHaveAnAccuracyAndNoErrors()
    {
        CoverageMonitor monitor = Truths.Monitor(task: ModelTask.Classification);
        DateTimeOffset t = Truths.Start;
        monitor.Add(new LabelledAnswer(t, t, null, default, 1, new Interval(0, 2), 1, LabelOutcome.Covered));
        monitor.Add(new LabelledAnswer(t, t, null, default, 1, new Interval(0, 1), 0, LabelOutcome.Missed));
        CoverageReading reading = monitor.Read(t);
        Assert.Equal((0.5, 1.5, 0.5), (reading.Performance.Accuracy, reading.MeanWidth, reading.Coverage.Covered));
        Assert.True(double.IsNaN(reading.Performance.Mse) && double.IsNaN(reading.MeanWinkler));
    }

    [Fact]
    public void CompletenessIsByTheAgeOfReceipts()
    {
        CoverageMonitor monitor = Truths.Monitor();
        ReceiptCounts receipts = new("a");
        DateTimeOffset now = Truths.Start.AddDays(10).AddMinutes(30);
        foreach ((double hours, int issued, int labels) in new[] { (0.0, 10, 1), (5, 20, 5), (100, 40, 30), (200, 8, 8) })
        {
            receipts.Add(issued, now.AddHours(-hours));
            for (int i = 0; i < labels; i++)
                monitor.Add(new LabelledAnswer(now.AddHours(-hours), now, null, default, 0, new Interval(-1, 1), 0, LabelOutcome.Covered));
        }

        IReadOnlyList<LabelCompleteness> ages = monitor.Read(now, receipts).Completeness;
        Assert.Equal([(10L, 1L), (20, 5), (40, 30), (8, 8), (0, 0)], ages.Select(a => (a.Receipts, a.Labels)));
        Assert.Equal(0.75, ages[2].Share);
        Assert.True(double.IsNaN(ages[4].Share));

        ReceiptCounts other = new("b");
        other.Add(5, now);
        receipts.Merge(other);
        receipts.Merge(other);
        using MemoryStream saved = new();
        receipts.Save(saved);
        saved.Position = 0;
        Assert.Equal(15, monitor.Read(now, ReceiptCounts.Restore(saved, "a")).Completeness[0].Receipts);
        Assert.Equal(0, monitor.Read(now.AddDays(200), receipts).Completeness.Sum(a => a.Receipts));
    }

    [Fact]
    public void ARestoredMonitorContinuesAsIfNothingHadHappened()
    {
        foreach (int before in new[] { 0, 1, 60, 150, 2300 })
        {
            CoverageMonitor whole = Truths.Monitor(), first = Truths.Monitor();
            Truths one = new(5), two = new(5);
            for (int i = 0; i < 3000; i++) whole.Add(one.Next(i is > 1000 and < 2000 ? 0.4 : 0.05, $"g{i % 3}"));
            for (int i = 0; i < before; i++) first.Add(two.Next(i is > 1000 and < 2000 ? 0.4 : 0.05, $"g{i % 3}"));
            using MemoryStream saved = new();
            first.Save(saved);
            saved.Position = 0;
            CoverageMonitor second = CoverageMonitor.Restore(saved, CoverageTolerance.From(Truths.Promise(200)), ModelTask.Regression, new());
            Assert.Equal(before, second.Sequence);
            for (int i = before; i < 3000; i++) second.Add(two.Next(i is > 1000 and < 2000 ? 0.4 : 0.05, $"g{i % 3}"));
            AssertSame(whole.Read(Later), second.Read(Later));
        }
    }

    [Fact]
    public void ASetOfAllClassesSaysNothingAndIsCountedApart()
    {
        CoverageMonitor monitor = Truths.Monitor(task: ModelTask.Classification);
        for (int labels = 1; labels <= 3; labels++)
            monitor.Add(new LabelledAnswer(Truths.Start, Truths.Start, "g", default, 1, new Interval(0, labels), 1, LabelOutcome.Covered) { Classes = 3 });
        CoverageReading reading = monitor.Read(Later);
        Assert.Equal((3, 1, 1, 2.0), (reading.Coverage.Labels, reading.Coverage.Unbounded, reading.Groups[0].Coverage.Unbounded, reading.MeanWidth));
    }

    [Fact]
    public void TruthsTooFarOffForASquareAreKeptOverARestart()
    {
        CoverageMonitor monitor = Truths.Monitor();
        monitor.Add(new LabelledAnswer(Truths.Start, Truths.Start, null, default, 0, new Interval(-1, 1), 1e200, LabelOutcome.Missed));
        monitor.Add(new LabelledAnswer(Truths.Start, Truths.Start, null, default, -1e308, new Interval(-1e308, 1e308), 1.7e308, LabelOutcome.Missed));
        using MemoryStream saved = new();
        monitor.Save(saved);
        saved.Position = 0;
        CoverageReading reading = CoverageMonitor.Restore(saved, CoverageTolerance.From(Truths.Promise(200)), ModelTask.Regression, new()).Read(Later);
        Assert.Equal((2, double.PositiveInfinity, double.PositiveInfinity), (reading.Coverage.Labels, reading.Performance.Mse, reading.Recent.Mae));
        AssertSame(monitor.Read(Later), reading);
    }

    [Fact]
    public void ALabelCountsOnceByItsNumber()
    {
        CoverageMonitor monitor = Truths.Monitor();
        Truths truths = new(6);
        for (int i = 1; i <= 10; i++) monitor.Add(truths.Next(0.1), i * 2);
        for (int i = 1; i <= 20; i++) monitor.Add(truths.Next(0.1), i);
        Assert.Equal(10, monitor.Read(Later).Coverage.Labels);
        Assert.Equal(20, monitor.Sequence);
    }

    [Fact]
    public void SnapshotsOfReplicasAddUpInAnyOrderAndRepeatedly()
    {
        CoverageMonitor[] replicas = [.. "abc".Select(name => Truths.Monitor(ledger: name.ToString()))];
        CoverageMonitor[] early = [.. "abc".Select(name => Truths.Monitor(ledger: name.ToString()))];
        for (int r = 0; r < 3; r++)
        {
            Truths truths = new((ulong)(60 + r));
            for (int i = 0; i < 300; i++)
            {
                LabelledAnswer label = truths.Next(0.1, $"g{i % 2}");
                replicas[r].Add(label);
                if (i < 100) early[r].Add(label);
            }
        }

        CoverageMonitor one = Truths.Monitor(ledger: "aggregate"), two = Truths.Monitor(ledger: "aggregate");
        foreach (CoverageMonitor m in new[] { early[0], replicas[0], replicas[1], early[1], replicas[2], replicas[2], early[2] }) one.Merge(m);
        foreach (CoverageMonitor m in new[] { replicas[2], replicas[1], early[2], replicas[0] }) two.Merge(m);
        two.Merge(one);
        CoverageReading a = one.Read(Later), b = two.Read(Later);
        Assert.Equal(900, a.Coverage.Labels);
        Assert.Equal(replicas.Sum(r => r.Read(Later).LogEvidence), a.LogEvidence, 1e-9);
        AssertSame(a, b);
        Assert.Equal(300, replicas[0].Read(Later).Coverage.Labels);
        Assert.Throws<ArgumentException>(() => one.Merge(Truths.Monitor(500)));
    }

    [Fact]
    public void SharedEvidenceOfReplicasAlarmsWhereNoneDoesAlone()
    {
        CoverageMonitor all = Truths.Monitor(ledger: "aggregate");
        bool alone = false;
        for (int r = 0; r < 4; r++)
        {
            CoverageMonitor replica = Truths.Monitor(ledger: $"r{r}");
            Truths truths = new((ulong)(80 + r));
            for (int i = 0; i < 50; i++) replica.Add(truths.Next(i % 3 == 0 ? 1 : 0));
            alone |= replica.Read(Truths.Start).State == SignalState.Alarm;
            all.Merge(replica);
        }

        Assert.False(alone);
        Assert.Equal(SignalState.Alarm, all.Read(Truths.Start).State);
    }

    [Fact]
    public void DamagedStatesAreRefusedWithThePlace()
    {
        CoverageMonitor monitor = Truths.Monitor();
        AddTo(monitor, new Truths(9), 500, 0.1, "g");
        using MemoryStream saved = new();
        monitor.Save(saved);
        byte[] state = saved.ToArray();
        CoverageTolerance tolerance = CoverageTolerance.From(Truths.Promise(200));
        InvalidDataException Refused(byte[] bytes, CoverageTolerance? other = null) => Assert.Throws<InvalidDataException>(
            () => CoverageMonitor.Restore(new MemoryStream(bytes), other ?? tolerance, ModelTask.Regression, new()));
        for (int cut = 0; cut < state.Length; cut += 7) Refused(state[..cut]);
        for (int at = 0; at < state.Length; at += 3)
        {
            byte[] changed = [.. state];
            changed[at] ^= 0x10;
            Refused(changed);
        }

        Assert.Contains("$.largest_miss", Refused(state, CoverageTolerance.From(Truths.Promise(201))).Message);
        Assert.True(state.Length < 3000, $"{state.Length} bytes");
    }

    [Fact]
    public void AddAllocatesNothing()
    {
        CoverageMonitor monitor = Truths.Monitor();
        Truths truths = new(10);
        LabelledAnswer[] labels = [.. Enumerable.Range(0, 1000).Select(i => truths.Next(0.15, i % 2 == 0 ? "a" : "b"))];
        foreach (LabelledAnswer label in labels) monitor.Add(label);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
            foreach (LabelledAnswer label in labels) monitor.Add(label);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void TheCallersMistakesSayWhatWasExpected()
    {
        CoverageTolerance tolerance = CoverageTolerance.From(Truths.Promise(200));
        Assert.Contains("between 1e-9 and 0.5", Assert.Throws<ArgumentOutOfRangeException>(() => Truths.Monitor(options: new() { AlarmProbability = 0 })).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => Truths.Monitor(options: new() { MostGroups = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CoverageMonitor(default, ModelTask.Regression, new()));
        LabelledAnswer bad = new Truths(1).Next(0) with { Y = double.NaN };
        Assert.Contains("a finite truth", Assert.Throws<ArgumentOutOfRangeException>(() => new CoverageMonitor(tolerance, ModelTask.Regression, new()).Add(bad)).Message);
    }

    [Fact]
    public void AnEmptyIntervalMissesAndIsNotUnbounded()
    {
        CoverageMonitor monitor = Truths.Monitor();
        DateTimeOffset t = Truths.Start;
        LabelledAnswer empty = new(t, t, null, default, 1, Interval.Empty, 1, LabelOutcome.Missed);
        monitor.Add(empty);
        monitor.Add(new LabelledAnswer(t, t, null, default, 1, new Interval(0, 2), 1, LabelOutcome.Covered));
        CoverageReading reading = monitor.Read(t);
        Assert.Equal((2, 0.5, 0), (reading.Coverage.Labels, reading.Coverage.Covered, reading.Coverage.Unbounded));
        Assert.Equal((2.0, 2.0), (reading.MeanWidth, reading.MeanWinkler));
        Assert.Equal(double.PositiveInfinity, LabelScore.Of(Interval.Empty, 1));
        Assert.Equal((1, 0, 0, 0.0), (OutcomeSums.Of(empty, ModelTask.Regression).Labels, OutcomeSums.Of(empty, ModelTask.Regression).Covered, OutcomeSums.Of(empty, ModelTask.Regression).Bounded, OutcomeSums.Of(empty, ModelTask.Regression).Loss));
    }

    private static void AssertSame(CoverageReading a, CoverageReading b)
    {
        Assert.Equal(a.Groups, b.Groups);
        Assert.Equal(a.Completeness, b.Completeness);
        Assert.Equal(a with { Groups = [], Completeness = [] }, b with { Groups = [], Completeness = [] });
    }
}
