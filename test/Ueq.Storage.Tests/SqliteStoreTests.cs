using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace Ueq.Storage.Tests;

/// <summary>The store in a file.</summary>
public sealed class SqliteStoreTests : StoreTests, IDisposable
{
    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    private protected override Task<StoreOptions> Fresh() => Task.FromResult(new StoreOptions { Store = _folder.Store });

    [Fact]
    public async Task TheFileIsItsOwnersAlone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no permission bits.");
        await using UeqStore store = await _folder.Open();
        await store.AppendLabelsAsync([Labels.Of(1)], default);
        foreach (string name in new[] { "ueq.db", "ueq.db-wal", "ueq.db-shm" })
#pragma warning disable CA1416 // Skipped on Windows.
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder[name]));
#pragma warning restore CA1416
    }

    [Theory]
    [InlineData("ueq.db")]
    [InlineData(StoreOptions.Memory)]
    public async Task NobodyWaitsForTheDiskOnAThreadOfThePool(string name)
    {
        await using SqliteDatabase database = new(new StoreOptions { Store = name == StoreOptions.Memory ? name : _folder[name] });
        await database.PrepareAsync(default);
        foreach (Access access in Enum.GetValues<Access>())
            Assert.False(await database.RunAsync(access, (_, _) => Task.FromResult(Thread.CurrentThread.IsThreadPoolThread), default));
    }

    [Fact]
    public async Task AFileOfGarbageIsNamedAndSaysWhatToDo()
    {
        await File.WriteAllTextAsync(_folder.Store, string.Concat(Enumerable.Repeat("this is not a database. ", 1000)));
        InvalidDataException e = await Assert.ThrowsAsync<InvalidDataException>(() => _folder.Open());
        Assert.Contains(_folder.Store, e.Message, StringComparison.Ordinal);
        Assert.Contains("Move it away", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnotherProgramsFileIsLeftAlone()
    {
        Run("CREATE TABLE recipes (name TEXT)");
        byte[] before = await File.ReadAllBytesAsync(_folder.Store);
        InvalidDataException e = await Assert.ThrowsAsync<InvalidDataException>(() => _folder.Open());
        Assert.Contains("another program", e.Message, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(_folder.Store));
    }

    [Fact]
    public async Task AStoreOfANewerProgramIsLeftAlone()
    {
        await (await _folder.Open()).DisposeAsync();
        Run("PRAGMA user_version = 1000");
        Assert.Contains("has schema 1000", (await Assert.ThrowsAsync<InvalidDataException>(() => _folder.Open())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AStoreFromBeforeOnlineLevelsKeepsItsLabels()
    {
        await using (UeqStore store = await _folder.Open()) await store.AppendLabelsAsync(Labels.Range(0, 20), default);
        Run("ALTER TABLE ueq_labels DROP COLUMN online_miss");
        Run("PRAGMA user_version = 2");
        await using UeqStore opened = await _folder.Open();
        LabelRecord late = Labels.Of(20) with { OnlineMiss = -0.125 };
        Assert.Equal([true], await opened.AppendLabelsAsync([late], default));
        Assert.Equal([.. Labels.Range(0, 20), late], (await opened.All()).Select(l => l.Label));
    }

    [Fact]
    public async Task DamageInTheMiddleIsSaidWhenItIsRead()
    {
        await using (UeqStore store = await _folder.Open()) await store.AppendLabelsAsync(Labels.Range(0, 5000), default);
        byte[] bytes = await File.ReadAllBytesAsync(_folder.Store);
        Array.Fill(bytes, (byte)0xA5, bytes.Length / 4, bytes.Length / 2);
        await File.WriteAllBytesAsync(_folder.Store, bytes);
        await Assert.ThrowsAsync<InvalidDataException>(async () =>
        {
            await using UeqStore store = await _folder.Open();
            await store.All();
        });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(4096)]
    [InlineData(6000)]
    public async Task ALogWithATornTailOpens(int torn)
    {
        using Folder copy = new();
        await using (UeqStore store = await _folder.Open())
        {
            await store.AppendLabelsAsync(Labels.Range(0, 50), default);
            long whole = new FileInfo(_folder["ueq.db-wal"]).Length;
            await store.AppendLabelsAsync(Labels.Range(50, 50), default);
            File.Copy(_folder.Store, copy.Store);
            byte[] log = await File.ReadAllBytesAsync(_folder["ueq.db-wal"]);
            Assert.True(log.Length - torn > whole);
            await File.WriteAllBytesAsync(copy["ueq.db-wal"], log[..^torn]);
        }

        await using UeqStore opened = await copy.Open();
        Assert.Equal(Labels.Range(0, 50), (await opened.All()).Select(l => l.Label));
        Assert.Equal([false, true], await opened.AppendLabelsAsync([Labels.Of(49), Labels.Of(50)], default));
    }

    [Fact]
    public async Task ALockedStoreIsSaidInTheTimeItWasGiven()
    {
        await using UeqStore store = await _folder.Open(TimeSpan.FromMilliseconds(100));
        await store.AppendLabelsAsync([Labels.Of(1)], default);
        using SqliteConnection other = new($"Data Source={_folder.Store};Pooling=False");
        other.Open();
        using (SqliteTransaction writing = other.BeginTransaction())
        {
            Stopwatch waited = Stopwatch.StartNew();
            StoreUnavailableException e = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.AppendLabelsAsync([Labels.Of(2)], default));
            Assert.Contains("locked by another process", e.Message, StringComparison.Ordinal);
            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(10), $"{waited.Elapsed}");
            Assert.Single(await store.All());
        }

        Assert.Equal([true], await store.AppendLabelsAsync([Labels.Of(2)], default));
    }

    [Fact]
    public async Task AStoreThatAnotherProcessKeepsToItselfIsSaidAtTheStart()
    {
        await (await _folder.Open()).DisposeAsync();
        using Process holder = Child.Start("hold", _folder.Store);
        try
        {
            Assert.Equal("held", await holder.StandardOutput.ReadLineAsync());
            StoreUnavailableException e = await Assert.ThrowsAsync<StoreUnavailableException>(() => _folder.Open(TimeSpan.FromMilliseconds(100)));
            Assert.Contains(_folder.Store, e.Message, StringComparison.Ordinal);
        }
        finally
        {
            holder.Kill();
            await holder.WaitForExitAsync();
        }

        await (await _folder.Open()).DisposeAsync();
    }

    [Fact]
    public async Task PlacesThatCannotHoldAStoreAreNamed()
    {
        Task<UeqStore> At(string store) => UeqStore.OpenAsync(new StoreOptions { Store = store }, TimeProvider.System, default);
        Assert.Contains("no folder", (await Assert.ThrowsAsync<DirectoryNotFoundException>(() => At(_folder["missing/ueq.db"]))).Message, StringComparison.Ordinal);
        Assert.Contains("is a folder", (await Assert.ThrowsAsync<IOException>(() => At(_folder.Path))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => At(" "));
        await Assert.ThrowsAsync<ArgumentException>(() => At("postgres://db/ueq"));
        await Assert.ThrowsAsync<ArgumentException>(() => At("Host=db;Nonsense=1"));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _folder.Open(TimeSpan.Zero));
    }

    private void Run(string sql)
    {
        using SqliteConnection connection = new($"Data Source={_folder.Store};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // The tests' own words.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
