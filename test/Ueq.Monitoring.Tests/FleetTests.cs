namespace Ueq.Monitoring.Tests;

public sealed class FleetTests
{
    private static readonly WatchOptions Yearly = new() { ObservationsPerYear = 100_000 };

    private static List<WatchSnapshot> Snapshots(DriftReference reference, int replicas, int rounds, double shift)
    {
        List<WatchSnapshot> all = [];
        for (int r = 0; r < replicas; r++)
        {
            ModelWatch watch = new(reference, Yearly);
            Streams stream = new((ulong)(500 + r)) { Shift = shift };
            for (int round = 0; round < rounds; round++)
            {
                stream.AddTo(watch, 50);
                all.Add(watch.Snapshot($"replica-{r}", round));
            }
        }

        return all;
    }

    [Fact]
    public void AnyOrderAnyRepetitionAndAnyLossBeforeTheLastGiveTheSameCounts()
    {
        DriftReference reference = new Streams(90).Reference(1000);
        List<WatchSnapshot> all = Snapshots(reference, 3, 6, 0);
        Rng rng = Rng.Stream(91, 1);
        (long, long, EffectReading)[]? expected = null;
        for (int trial = 0; trial < 20; trial++)
        {
            WatchSnapshot[] mixed = [.. all, .. all];
            rng.Shuffle<WatchSnapshot>(mixed);
            FleetWatch fleet = new(reference, Yearly);
            foreach (WatchSnapshot snapshot in mixed)
            {
                if (snapshot.Sequence < 5 && rng.NextUniform() < 0.3) continue;
                fleet.Offer(snapshot);
                if (rng.NextUniform() < 0.3) fleet.Advance(Streams.At);
            }

            fleet.Advance(Streams.At);
            Assert.Equal(0, fleet.Advance(Streams.At));
            Assert.Equal((3, 900L), (fleet.Replicas, fleet.Read().Rows));
            (long, long, EffectReading)[] counts = [.. fleet.Read().Signals.Select(s => (s.Rows, (long)s.Effect.Count, s.Effect))];
            expected ??= counts;
            Assert.Equal(expected.Select(e => (e.Item1, e.Item2)), counts.Select(c => (c.Item1, c.Item2)));
            foreach (((_, _, EffectReading a), (_, _, EffectReading b)) in expected.Zip(counts)) Assert.Equal(a.KS, b.KS, 1e-12);
        }
    }

    [Fact]
    public void FourReplicasTogetherSeeASmallChangeSoonerThanOneAlone()
    {
        DriftReference reference = new Streams(92).Reference(5000);
        int alone = 0, together = 0;
        for (ulong run = 0; run < 20; run++)
        {
            ModelWatch[] watches = [.. Enumerable.Range(0, 4).Select(r => new ModelWatch(reference, Yearly with { Seed = run }))];
            Streams[] streams = [.. Enumerable.Range(0, 4).Select(r => new Streams(10_000 + 10 * run + (ulong)r) { Widening = 1.1 })];
            FleetWatch fleet = new(reference, Yearly with { Seed = run });
            int first = 0, pooled = 0;
            for (int round = 1; first == 0 || pooled == 0; round++)
            {
                for (int r = 0; r < 4; r++)
                {
                    streams[r].AddTo(watches[r], 25);
                    fleet.Offer(watches[r].Snapshot($"{r}", round));
                }

                fleet.Advance(Streams.At);
                if (pooled == 0 && fleet.TakeTransitions().Any(t => t.To == SignalState.Alarm)) pooled = round;
                if (first == 0 && watches[0].TakeTransitions().Any(t => t.To == SignalState.Alarm)) first = round;
                Assert.True(round < 400, $"run {run}: alone {first}, together {pooled}");
            }

            alone += first;
            together += pooled;
        }

        TestContext.Current.SendDiagnosticMessage($"rows per replica until the alarm: alone {alone / 20.0 * 25}, together {together / 20.0 * 25}");
        Assert.True(2 * together < alone, $"alone {alone}, together {together}");
    }

    [Fact]
    public void DependenceThatReplicasMeasuredVoidsTheFleet()
    {
        Rng rng = Rng.Stream(93, 1);
        float[] values = new float[12_000];
        double value = 0;
        for (int i = 0; i < values.Length; i++) values[i] = (float)(value = 0.8 * value + 0.6 * rng.NextNormal());
        DriftReference reference = DriftReference.OfColumns(["a"], new FeatureMatrix(values.AsMemory(0, 2000), 1), []);
        FleetWatch fleet = new(reference, Yearly);
        for (int r = 0; r < 2; r++)
        {
            ModelWatch watch = new(reference, Yearly);
            watch.AddColumns(new FeatureMatrix(values.AsMemory(2000 + 5000 * r, 5000), 1), Streams.At);
            fleet.Offer(watch.Snapshot($"{r}", 1));
        }

        fleet.Advance(Streams.At);
        Assert.Equal(SignalState.Void, fleet.Read().State);
        Assert.DoesNotContain(fleet.TakeTransitions(), t => t.To == SignalState.Alarm);
    }

    [Fact]
    public void WhatAReplicaSawWhileItWasFrozenIsNoEvidenceForTheFleet()
    {
        DriftReference reference = new Streams(97).Reference(1000);
        FleetWatch fleet = new(reference, Yearly);
        ModelWatch watch = new(reference, Yearly);
        watch.Freeze();
        new Streams(98) { Shift = 3 }.AddTo(watch, 1000);
        watch.Resume();
        new Streams(99).AddTo(watch, 500);
        fleet.Offer(watch.Snapshot("a", 1));
        Assert.Equal(500 * 6, fleet.Advance(Streams.At));
        Assert.Equal(SignalState.Healthy, fleet.Read().State);
    }

    [Fact]
    public void ASnapshotIsReadAsItWasWrittenAndADamagedOneIsRefused()
    {
        DriftReference reference = new Streams(94).Reference(300);
        WatchSnapshot snapshot = Snapshots(reference, 1, 1, 0)[0];
        using MemoryStream written = new();
        snapshot.Save(written);
        WatchSnapshot again = WatchSnapshot.Restore(new MemoryStream(written.ToArray()));
        FleetWatch fleet = new(reference, Yearly);
        Assert.True(fleet.Offer(again));
        Assert.False(fleet.Offer(snapshot));
        Assert.Equal(50 * 6, fleet.Advance(Streams.At));
        string text = System.Text.Encoding.UTF8.GetString(written.ToArray());
        foreach ((string sound, string damaged, string place) in new[]
        {
            ("\"sequence\":0", "\"sequence\":-1", "$.sequence"), ("\"rows\":50", "\"rows\":\"x\"", "$.rows"), ("\"counts\":[", "\"counts\":[-1,", "counts"), ("\"near\":", "\"near\":-", "$.signals[0]"),
        })
        {
            Assert.Contains(sound, text, StringComparison.Ordinal);
            using MemoryStream broken = new(System.Text.Encoding.UTF8.GetBytes(text.Replace(sound, damaged, StringComparison.Ordinal)));
            Assert.Contains(place, Assert.Throws<InvalidDataException>(() => WatchSnapshot.Restore(broken)).Message, StringComparison.Ordinal);
        }

        Assert.Contains("got one by", Assert.Throws<ArgumentException>(() => new FleetWatch(new Streams(95).Reference(300), Yearly).Offer(snapshot)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AReplicaThatStartsAnewUnderItsOldNameIsRefused()
    {
        DriftReference reference = new Streams(96).Reference(300);
        List<WatchSnapshot> old = Snapshots(reference, 1, 3, 0);
        FleetWatch fleet = new(reference, Yearly);
        fleet.Offer(old[2]);
        ModelWatch anew = new(reference, Yearly);
        Assert.Contains("needs a new name", Assert.Throws<ArgumentException>(() => fleet.Offer(anew.Snapshot("replica-0", 7))).Message, StringComparison.Ordinal);
    }
}
