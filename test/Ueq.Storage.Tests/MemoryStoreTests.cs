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

    private static Task<UeqStore> Open() => UeqStore.OpenAsync(new StoreOptions { Store = StoreOptions.Memory }, TimeProvider.System, default);
}
