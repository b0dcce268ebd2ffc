namespace Ueq.Storage.Tests;

/// <summary>A store that leaves nothing behind.</summary>
public sealed class MemoryStoreTests
{
    [Fact]
    public async Task ItKeepsItsPromisesAsLongAsItIsOpen()
    {
        await using UeqStore store = await Open(), other = await Open();
        IReadOnlyList<bool>[] answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => store.AppendLabelsAsync(Labels.Range(i / 4 * 5, 10), default)));
        Assert.Equal(30, answers.SelectMany(a => a).Count(isNew => isNew));
        await store.SaveStateAsync("m", "1", "watch", new byte[] { 1 }, 2, default);
        Assert.Equal(2, (await store.LoadStateAsync("m", "1", "watch", default))!.LabelSequence);
        Assert.Empty(await store.ListAuditAsync(null, 10, default));
        Assert.Equal(30, (await store.All()).Count);
        Assert.Empty(await other.All());
        Assert.True(store.IsMemory);
    }

    /// <summary>A service that is stopped at once lets go of the store while it still reads.</summary>
    [Fact]
    public async Task ItMayBeLetGoOfInTheMiddleOfWorkAndTwice()
    {
        for (int round = 0; round < 200; round++)
        {
            UeqStore store = await Open();
            Task<StoredState?>[] reads = [.. Enumerable.Range(0, 20).Select(_ => store.LoadStateAsync("m", "1", "watch", default))];
            await store.DisposeAsync();
            await store.DisposeAsync();
            Assert.All(await Task.WhenAll(reads), Assert.Null);
            await Assert.ThrowsAsync<ObjectDisposedException>(() => store.LoadStateAsync("m", "1", "watch", default));
        }
    }

    private static Task<UeqStore> Open() => UeqStore.OpenAsync(new StoreOptions { Store = StoreOptions.Memory }, TimeProvider.System, default);
}
