using Microsoft.Extensions.Time.Testing;

namespace Ueq.Storage.Tests;

/// <summary>What a store promises, whatever it lies in.</summary>
public abstract class StoreTests
{
    private static readonly string[] _parts = ["watch", "labels"];

    private protected FakeTimeProvider Time { get; } = new(Labels.Noon);

    private protected abstract Task<StoreOptions> Fresh();

    [Fact]
    public async Task LabelsComeBackAsTheyWereInTheirOrder()
    {
        await using UeqStore store = await Open(await Fresh());
        LabelRecord strange = Labels.Of(3) with
        {
            Group = "größe \u0001 'x'",
            Prediction = -0.0,
            Lower = double.NegativeInfinity,
            Upper = double.PositiveInfinity,
            Score = double.NaN,
            Y = double.Epsilon,
            Covered = true,
        };
        LabelRecord[] labels = [Labels.Of(2), Labels.Of(1), strange];
        Assert.Equal([true, true, true], await store.AppendLabelsAsync(labels, default));
        List<StoredLabel> read = await store.All();
        Assert.Equal(labels, read.Select(l => l.Label));
        Assert.Equal(read.Select(l => l.Sequence).Order().Distinct(), read.Select(l => l.Sequence));
    }

    [Fact]
    public async Task AReceiptCountsOnce()
    {
        StoreOptions options = await Fresh();
        await using (UeqStore store = await Open(options))
        {
            Assert.Equal([true, true, false], await store.AppendLabelsAsync([Labels.Of(1), Labels.Of(2), Labels.Of(1) with { Y = 9 }], default));
            Assert.Equal([false, true], await store.AppendLabelsAsync([Labels.Of(2, "other"), Labels.Of(3)], default));
        }

        await using UeqStore again = await Open(options);
        Assert.Equal([false, false, false, true], await again.AppendLabelsAsync(Labels.Range(1, 4), default));
        Assert.Equal(Labels.Range(1, 4), (await again.All()).Select(l => l.Label));
        Assert.Empty(await again.All("other"));
    }

    [Fact]
    public async Task WhoComesTogetherCountsOnceToo()
    {
        StoreOptions options = await Fresh();
        await using UeqStore one = await Open(options), two = await Open(options);
        IReadOnlyList<bool>[] answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i =>
            (i % 2 == 0 ? one : two).AppendLabelsAsync(Labels.Range(i / 4 * 5, 10), default)));
        Assert.Equal(55, answers.SelectMany(a => a).Count(isNew => isNew));
        Assert.Equal(Enumerable.Range(0, 55).Select(i => (long)i), (await one.All()).Select(l => Labels.Number(l.Label.ReceiptId)).Order());
    }

    [Fact]
    public async Task WhoReadsWhileOthersWriteMissesNothing()
    {
        StoreOptions options = await Fresh();
        await using UeqStore one = await Open(options), two = await Open(options);
        Task[] writers = [.. Enumerable.Range(0, 4).Select(w => Task.Run(async () =>
        {
            for (int i = 0; i < 25; i++) await (w % 2 == 0 ? one : two).AppendLabelsAsync(Labels.Range(1000 * w + 10 * i, 10), default);
        }))];
        List<StoredLabel> seen = [];
        Task all = Task.WhenAll(writers);
        do seen.AddRange(await one.All(after: seen.Count == 0 ? 0 : seen[^1].Sequence));
        while (!all.IsCompleted);
        await all;
        seen.AddRange(await one.All(after: seen[^1].Sequence));
        Assert.Equal(1000, seen.Select(l => l.Label.ReceiptId).Distinct().Count());
        Assert.Equal(1000, seen.Count);
    }

    [Fact]
    public async Task LabelsAreReadFromAPlaceOn()
    {
        await using UeqStore store = await Open(await Fresh());
        await store.AppendLabelsAsync(Labels.Range(0, 9000), default);
        await store.AppendLabelsAsync(Labels.Range(9000, 10, version: "2"), default);
        List<StoredLabel> all = await store.All();
        Assert.Equal(9000, all.Count);
        Assert.Equal(all[5000..], await store.All(after: all[4999].Sequence));
        Assert.Empty(await store.All(after: all[^1].Sequence));
        Assert.Equal(10, (await store.All(version: "2")).Count);
    }

    [Fact]
    public async Task ForgottenReceiptsCountAgainAndTheOrderGoesOn()
    {
        await using UeqStore store = await Open(await Fresh());
        await store.AppendLabelsAsync(Labels.Range(0, 100), default);
        long last = (await store.All())[^1].Sequence;
        Assert.Equal(100, await store.ForgetLabelsAsync(Labels.Noon.AddSeconds(100), default));
        Assert.Equal(0, await store.ForgetLabelsAsync(Labels.Noon.AddSeconds(100), default));
        Assert.Equal([true], await store.AppendLabelsAsync([Labels.Of(99)], default));
        Assert.True(Assert.Single(await store.All()).Sequence > last);
    }

    [Fact]
    public async Task AStateReplacesTheOneBefore()
    {
        StoreOptions options = await Fresh();
        await using (UeqStore store = await Open(options))
        {
            Assert.Null(await store.LoadStateAsync("m", "1", "watch", default));
            foreach (string part in _parts) await store.SaveStateAsync("m", "1", part, new byte[] { 1, 2, 3 }, 5, default);
            Time.Advance(TimeSpan.FromHours(1));
            await store.SaveStateAsync("m", "1", "watch", new byte[] { 9 }, 7, default);
        }

        await using UeqStore again = await Open(options);
        StoredState watch = (await again.LoadStateAsync("m", "1", "watch", default))!, labels = (await again.LoadStateAsync("m", "1", "labels", default))!;
        Assert.Equal([9], watch.State.ToArray());
        Assert.Equal((7, Labels.Noon.AddHours(1)), (watch.LabelSequence, watch.SavedAt));
        Assert.Equal([1, 2, 3], labels.State.ToArray());
        Assert.Equal((5, Labels.Noon), (labels.LabelSequence, labels.SavedAt));
        Assert.Null(await again.LoadStateAsync("m", "2", "watch", default));
    }

    [Fact]
    public async Task ReplicasMayStartAtTheSameTime()
    {
        StoreOptions options = await Fresh();
        UeqStore[] stores = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Open(options))));
        foreach (UeqStore store in stores) Assert.Equal([store == stores[0]], await store.AppendLabelsAsync([Labels.Of(1)], default));
        foreach (UeqStore store in stores) await store.DisposeAsync();
    }

    [Fact]
    public async Task ACallerWhoGivesUpDoesNotHoldTheOthers()
    {
        await using UeqStore store = await Open(await Fresh());
        using CancellationTokenSource gone = new();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.AppendLabelsAsync([Labels.Of(1)], gone.Token));
        Assert.Equal([true], await store.AppendLabelsAsync([Labels.Of(2)], default));
    }

    private protected Task<UeqStore> Open(StoreOptions options) => UeqStore.OpenAsync(options, Time, default);
}
