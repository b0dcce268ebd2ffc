namespace Ueq.Monitoring.Tests;

public sealed class WatchTests
{
    internal static readonly WatchOptions Yearly = new() { ObservationsPerYear = 100_000 };

    private static (ModelWatch Watch, Rng Rng) Scored(WatchOptions options)
    {
        (FeatureMatrix x, double[] p, double[] s) = new Streams(70).Next(1000);
        Rng rng = Rng.Stream(71, 1);
        double[] scores = [.. Enumerable.Range(0, 1000).Select(_ => Math.Abs(rng.NextNormal()))];
        return (new ModelWatch(DriftReference.From(Streams.Schema, x, p, s, scores, []), options), rng);
    }

    private static SignalTransition[] Alarms(ModelWatch watch) => [.. watch.TakeTransitions().Where(t => t.To == SignalState.Alarm)];

    [Fact]
    public void AWatchLearnsFirstAndThenIsHealthy()
    {
        ModelWatch watch = new(new Streams(10).Reference(1000), new());
        Streams stream = new(11);
        stream.AddTo(watch, 50);
        Assert.Equal(SignalState.Learning, watch.Read().State);
        stream.AddTo(watch, 250);
        WatchReading reading = watch.Read();
        Assert.Equal((SignalState.Healthy, 300L), (reading.State, reading.Rows));
        Assert.All(watch.TakeTransitions(), t => Assert.Equal((SignalState.Learning, SignalState.Healthy), (t.From, t.To)));
        Assert.Empty(watch.TakeTransitions());
        Assert.Equal(Math.Log(6e6), reading.Signals[0].LogThreshold, 1e-12);
        Assert.All(reading.Signals, s => Assert.InRange(s.LogEvidence, -20, Math.Log(6e6)));
    }

    [Theory]
    [InlineData(200)]
    [InlineData(1000)]
    [InlineData(5000)]
    public void AShiftOfOneStandardDeviationAlarmsSoonAndSaysWhere(int rows)
    {
        for (ulong run = 0; run < 20; run++)
        {
            ModelWatch watch = new(new Streams(1000 + run).Reference(rows), Yearly);
            new Streams(2000 + run).AddTo(watch, 500);
            Assert.Empty(Alarms(watch));
            new Streams(3000 + run) { Shift = 1 }.AddTo(watch, 400);
            SignalTransition alarm = Assert.Single(Alarms(watch));
            Assert.Equal(("gaussian", 1), (alarm.Signal, alarm.Epoch));
            Assert.InRange(alarm.Row, 501, 700);
            Assert.True(alarm.LogEvidence >= alarm.LogThreshold && alarm.Effect.KSLower > 0.02 && alarm.Effect.KSLower < alarm.Effect.KS);
            Assert.Contains("Feature 'gaussian' has changed: values ", alarm.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void WiderAndNarrowerIntervalsAlarm()
    {
        foreach (double widening in new[] { 1.3, 0.75 })
        {
            ModelWatch watch = new(new Streams(30).Reference(1000), Yearly);
            new Streams(31) { Widening = widening }.AddTo(watch, 500);
            Assert.Equal("size", Assert.Single(Alarms(watch)).Signal);
            Assert.Equal(SignalState.Alarm, watch.Read().Signals[^1].State);
            Assert.Equal("size", Assert.Single(watch.ReadAlarms()).Name);
        }
    }

    [Fact]
    public void MissingValuesUnboundedIntervalsAndUnseenValuesAlarm()
    {
        ModelWatch watch = new(new Streams(35).Reference(1000), Yearly);
        (FeatureMatrix x, double[] p, double[] s) = new Streams(36).Next(3000);
        float[] values = x.Values.ToArray();
        Rng rng = Rng.Stream(1, 2);
        for (int i = 0; i < 3000; i++)
        {
            if (rng.NextUniform() < 0.15) values[4 * i + 2] = float.NaN;
            if (rng.NextUniform() < 0.1) values[4 * i + 3] = 8;
            if (rng.NextUniform() < 0.1) s[i] = double.PositiveInfinity;
        }

        watch.Add(new FeatureMatrix(values, 4), p, s, Streams.At);
        SignalTransition[] alarms = Alarms(watch);
        Assert.Equal(["constant", "size", "ties"], alarms.Select(a => a.Signal).Order());
        Assert.Contains("missing values are", alarms.Single(a => a.Signal == "ties").Message, StringComparison.Ordinal);
        Assert.Contains("infinite values are", alarms.Single(a => a.Signal == "size").Message, StringComparison.Ordinal);
        Assert.Contains(watch.Read().Signals[2].Shifts, shift => double.IsNaN(shift.From) && shift.ReferenceShare == 0 && shift.CurrentShare > 0.05);
    }

    [Fact]
    public void OneWidthForAllRowsIsNotInformativeAndItsRoundingNeverAlarms()
    {
        (FeatureMatrix x, double[] p, double[] s) = new Streams(37).Next(400);
        Array.Fill(s, 0.3);
        ModelWatch watch = new(DriftReference.From(Streams.Schema, x, p, s), Yearly);
        (x, p, s) = new Streams(38).Next(2000);
        for (int i = 0; i < s.Length; i++) s[i] = p[i] % 1 + 0.15 - (p[i] % 1 - 0.15);
        watch.Add(x, p, s, Streams.At);
        WatchedSignal size = watch.Read().Signals[^1];
        Assert.Equal((SignalState.Healthy, SignalContent.OneValue, 0.0), (size.State, size.Content, size.Effect.KS));
    }

    [Fact]
    public void AnAlarmRecoversByFreshRowsAndOpensANewEpochNextTime()
    {
        ModelWatch watch = new(new Streams(40).Reference(2000), Yearly);
        new Streams(41).AddTo(watch, 500);
        new Streams(42) { Shift = 1 }.AddTo(watch, 5000);
        new Streams(43).AddTo(watch, 20_000);
        new Streams(44) { Shift = -1 }.AddTo(watch, 1000);
        SignalTransition[] steps = [.. watch.TakeTransitions().Where(t => t.Signal == "gaussian" && t.To != SignalState.Warning && t.From != SignalState.Learning && t.To != SignalState.Healthy | t.From == SignalState.Recovering)];
        Assert.Equal(
            [(SignalState.Alarm, 1), (SignalState.Recovering, 1), (SignalState.Healthy, 1), (SignalState.Alarm, 2)],
            steps.Select(t => (t.To, t.Epoch)));
        Assert.InRange(steps[0].Row, 501, 700);
        Assert.InRange(steps[1].Row, 5501 + 500, 5500 + 5000);
        Assert.InRange(steps[3].Row, 25_501, 25_700);
    }

    [Fact]
    public void ALastingChangeStaysInAlarm()
    {
        ModelWatch watch = new(new Streams(45).Reference(2000), Yearly);
        Streams shifted = new(46) { Shift = 0.5 };
        shifted.AddTo(watch, 100_000);
        Assert.Equal(SignalState.Alarm, watch.Read().Signals[0].State);
        Assert.Single(Alarms(watch));
    }

    [Fact]
    public void RebaseliningMakesTheNewNormalTheReference()
    {
        ModelWatch watch = new(new Streams(50).Reference(2000), Yearly);
        Streams shifted = new(51) { Shift = 2 };
        shifted.AddTo(watch, 90);
        Assert.Equal(SignalState.Alarm, watch.Read().Signals[0].State);
        Assert.Contains("'gaussian'", Assert.Throws<InvalidOperationException>(() => watch.Rebaseline(Streams.At)).Message, StringComparison.Ordinal);
        shifted.AddTo(watch, 2000);
        Assert.Equal(["gaussian"], watch.Rebaseline(Streams.At));
        Assert.Equal(2.0, watch.Reference.Signals[0].Summary.Mean, 0.2);
        Assert.Equal(SignalState.Healthy, watch.TakeTransitions()[^1].To);
        shifted.AddTo(watch, 20_000);
        Assert.Empty(Alarms(watch));
        new Streams(52).AddTo(watch, 300);
        SignalTransition again = Assert.Single(Alarms(watch));
        Assert.Equal(("gaussian", 2), (again.Signal, again.Epoch));
    }

    [Fact]
    public void ASignalThatHasNoValuesAnyMoreDoesNotHinderRebaselining()
    {
        (ModelWatch watch, Rng rng) = Scored(Yearly);
        for (int i = 0; i < 70; i++) watch.AddScores([Math.Abs(rng.NextNormal())], Streams.At);
        (FeatureMatrix x, double[] p, double[] s) = new Streams(51) { Shift = 2 }.Next(1000);
        watch.Add(x, p, s, Streams.At.AddDays(2));
        watch.Tick(Streams.At.AddDays(2));
        Assert.Equal(SignalState.Stale, watch.Read().Signals[^1].State);
        Assert.Equal(["gaussian"], watch.Rebaseline(Streams.At.AddDays(2)));
    }

    [Fact]
    public void AFrozenWatchCountsAndConcludesNothing()
    {
        ModelWatch watch = new(new Streams(55).Reference(1000), Yearly);
        new Streams(56).AddTo(watch, 500);
        watch.TakeTransitions();
        watch.Freeze();
        new Streams(57) { Shift = 3 }.AddTo(watch, 1000);
        Assert.Empty(watch.TakeTransitions());
        Assert.Equal((true, 1500L), (watch.Read().Frozen, watch.Read().Signals[0].Rows));
        watch.Resume();
        new Streams(58).AddTo(watch, 5000);
        Assert.Empty(Alarms(watch));
        Assert.False(watch.Read().Frozen);
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(0.9)]
    [InlineData(0.99)]
    public void RowsThatDependOnEachOtherVoidThePromiseVisibly(double coefficient)
    {
        Rng rng = Rng.Stream(60, 1);
        DriftReference reference = DriftReference.OfColumns(["a"], Autoregression(2000, coefficient, ref rng), []);
        ModelWatch watch = new(reference, Yearly);
        watch.AddColumns(Autoregression(20_000, coefficient, ref rng), Streams.At);
        WatchedSignal signal = watch.Read().Signals[0];
        Assert.Equal(SignalState.Void, signal.State);
        Assert.True(signal.Autocorrelation > 0.2);
        Assert.Empty(Alarms(watch));
    }

    [Fact]
    public void ThinningBringsThePromiseBack()
    {
        Rng rng = Rng.Stream(61, 1);
        DriftReference reference = DriftReference.OfColumns(["a"], Autoregression(50_000, 0.5, ref rng), []);
        ModelWatch watch = new(reference, Yearly with { Thinning = 10, ObservationsPerYear = 1e7 });
        watch.AddColumns(Autoregression(50_000, 0.5, ref rng), Streams.At);
        Assert.Equal((SignalState.Healthy, 5000L), (watch.Read().State, watch.Read().Signals[0].Rows));
        Assert.Equal(Math.Log(1e6), watch.Read().Signals[0].LogThreshold, 1e-9);
        float[] shifted = [.. Autoregression(20_000, 0.5, ref rng).Values.ToArray().Select(v => v + 1)];
        watch.AddColumns(new FeatureMatrix(shifted, 1), Streams.At);
        Assert.Single(Alarms(watch));
    }

    [Fact]
    public void HoursOfTheWeekAreComparedWithTheirOwn()
    {
        Rng rng = Rng.Stream(62, 1);
        (float[] reference, DateTimeOffset[] times) = Daily(168 * 60, ref rng);
        DriftReference by = DriftReference.OfColumns(["load"], new FeatureMatrix(reference, 1), times), plain = DriftReference.OfColumns(["load"], new FeatureMatrix(reference, 1), []);
        ModelWatch seasonal = new(by, Yearly), blind = new(plain, Yearly);
        (float[] live, times) = Daily(168 * 20, ref rng);
        for (int i = 0; i < live.Length; i++)
        {
            seasonal.AddColumns(new FeatureMatrix(live.AsMemory(i, 1), 1), times[i]);
            blind.AddColumns(new FeatureMatrix(live.AsMemory(i, 1), 1), times[i]);
        }

        Assert.Equal(SignalState.Void, blind.Read().State);
        Assert.Equal(SignalState.Healthy, seasonal.Read().State);
        Assert.InRange(seasonal.Read().Signals[0].Effect.KSLower, 0, 0.02);

        // A shift by half a standard deviation of an hour is a quarter of the week's.
        (live, _) = Daily(1000, ref rng);
        for (int i = 0; i < live.Length; i++) seasonal.AddColumns(new FeatureMatrix(new[] { live[i] + 0.5f }, 1), times[^1].AddHours(1 + i));
        Assert.NotEmpty(Alarms(seasonal));
    }

    [Fact]
    public void SignalsWithoutValuesForLongAreStale()
    {
        ModelWatch watch = new(new Streams(65).Reference(500), new() { StaleAfter = TimeSpan.FromHours(1) });
        new Streams(66).AddTo(watch, 500);
        watch.Tick(Streams.At.AddMinutes(59));
        Assert.Equal(SignalState.Healthy, watch.State);
        watch.Tick(Streams.At.AddMinutes(61));
        Assert.Equal(SignalState.Stale, watch.State);
        new Streams(67).AddTo(watch, 500);
        Assert.Equal(SignalState.Healthy, watch.State);
    }

    [Fact]
    public void ScoresAreASignalOfTheirOwn()
    {
        (FeatureMatrix x, double[] p, double[] s) = new Streams(70).Next(1000);
        Rng rng = Rng.Stream(71, 1);
        double[] scores = [.. Enumerable.Range(0, 1000).Select(_ => Math.Abs(rng.NextNormal()))];
        ModelWatch watch = new(DriftReference.From(Streams.Schema, x, p, s, scores, []), Yearly);
        for (int i = 0; i < 1000; i++) watch.AddScores([1.5 * Math.Abs(rng.NextNormal())], Streams.At);
        Assert.Equal("score", Assert.Single(Alarms(watch)).Signal);
        Assert.Equal((0L, 1000L), (watch.Rows, watch.Read().Signals[^1].Rows));
    }

    [Fact]
    public void ScoresAreThinnedLikeRowsHoweverTheyComeAndOverARestart()
    {
        WatchOptions thin = Yearly with { Thinning = 10 };
        (ModelWatch one, Rng rng) = Scored(thin);
        ModelWatch together = Scored(thin).Watch;
        double[] scores = [.. Enumerable.Range(0, 1000).Select(_ => Math.Abs(rng.NextNormal()))];
        together.AddScores(scores, Streams.At);
        for (int i = 0; i < scores.Length; i++)
        {
            if (i == 555)
            {
                using MemoryStream state = new();
                one.Save(state);
                one = ModelWatch.Restore(new MemoryStream(state.ToArray()), one.Reference, thin);
            }

            one.AddScores([scores[i]], Streams.At);
        }

        Assert.Equal(100, one.Read().Signals[^1].Rows);
        Assert.Equal(Essence(together), Essence(one));
    }

    [Fact]
    public void BatchesOfAnySizeGiveTheSameEvidence()
    {
        DriftReference reference = new Streams(13).Reference(300);
        (FeatureMatrix x, double[] p, double[] s) = new Streams(14) { Widening = 1.2 }.Next(2050);
        ModelWatch whole = new(reference, Yearly with { Thinning = 3 }), pieces = new(reference, Yearly with { Thinning = 3 });
        whole.Add(x, p, s, Streams.At);
        for (int at = 0, size = 1; at < 2050; at += size, size = Math.Min(size + 3, 2050 - at))
            pieces.Add(x.Slice(at, size), p.AsSpan(at, size), s.AsSpan(at, size), Streams.At);
        Assert.Equal(Essence(whole), Essence(pieces));
        Assert.Equal(whole.TakeTransitions().OrderBy(t => t.Signal).ThenBy(t => t.Row), pieces.TakeTransitions().OrderBy(t => t.Signal).ThenBy(t => t.Row));
    }

    [Fact]
    public void AddAllocatesNothing()
    {
        ModelWatch watch = new(new Streams(17).Reference(300), new());
        (FeatureMatrix x, double[] p, double[] s) = new Streams(18).Next(64);
        Rng rng = Rng.Stream(1, 1);
        for (int i = 0; i < 200; i++) watch.Add(x, p, s, Streams.At);
        watch.TakeTransitions();
        watch.Freeze();
        watch.Resume();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 20; i++) watch.Add(x, p, s, Streams.At);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (watch.TakeTransitions().Count == 0) Assert.Equal(0, allocated);
        else Assert.InRange(allocated, 0, 20_000);
    }

    [Fact]
    public void TheCallersMistakesSayWhatWasExpected()
    {
        DriftReference reference = new Streams(20).Reference(50);
        ModelWatch watch = new(reference, new());
        Assert.Contains("Expected 4 features", Assert.Throws<ArgumentException>(() => watch.Add(new(new float[3], 3), [1], [1], Streams.At)).Message);
        Assert.Contains("Expected 1 sizes", Assert.Throws<ArgumentException>(() => watch.Add(new(new float[4], 4), [1], [], Streams.At)).Message);
        Assert.Throws<InvalidOperationException>(() => watch.AddColumns(new(new float[4], 4), Streams.At));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ModelWatch(reference, new() { FalseAlarmsPerYear = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ModelWatch(reference, new() { ObservationsPerYear = double.NaN }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ModelWatch(reference, new() { Thinning = 0 }));
        Assert.Equal(0, watch.Rows);
    }

    internal static (double, EffectReading, SignalState, int, long)[] Essence(ModelWatch watch) =>
        [.. watch.Read().Signals.Select(s => (s.LogEvidence, s.Effect, s.State, s.Epoch, s.Rows))];

    private static FeatureMatrix Autoregression(int rows, double coefficient, ref Rng rng)
    {
        float[] values = new float[rows];
        double value = rng.NextNormal();
        for (int i = 0; i < rows; i++) values[i] = (float)(value = coefficient * value + Math.Sqrt(1 - coefficient * coefficient) * rng.NextNormal());
        return new FeatureMatrix(values, 1);
    }

    private static (float[] Values, DateTimeOffset[] Times) Daily(int hours, ref Rng rng)
    {
        float[] values = new float[hours];
        DateTimeOffset[] times = new DateTimeOffset[hours];
        for (int i = 0; i < hours; i++)
        {
            times[i] = new DateTimeOffset(2026, 1, 5, 0, 0, 0, TimeSpan.Zero).AddHours(i);
            values[i] = (float)(3 * Math.Sin(2 * Math.PI * i / 24) + rng.NextNormal());
        }

        return (values, times);
    }
}
