using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using Ueq.Versions;

namespace Ueq.Registry.Tests;

public sealed class ModelRegistryTests : IDisposable
{
    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    private ModelRegistry With(int versions)
    {
        ModelRegistry registry = _folder.Open();
        for (int i = 1; i <= versions; i++) Assert.Equal(i, registry.Publish("iris", _folder.Version(i), "ann").Number);
        return registry;
    }

    private static int Number(ModelRegistry registry, string reference) => Folder.Number(registry.Load(ModelReference.Parse(reference)));

    [Fact]
    public void APublishedVersionIsListedFoundAndLoadedByEveryReference()
    {
        FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        ModelRegistry registry = ModelRegistry.Open(_folder.Registry, [], time);
        Assert.Empty(registry.List());
        RegisteredVersion published = registry.Publish("iris", _folder.Version(1), "ann", "the first – ever");
        Assert.Equal(("iris", 1, "ann", "the first – ever", time.GetUtcNow()), (published.Model, published.Number, published.Who, published.Note, published.When));
        ModelVersion direct = VersionDirectory.Load(_folder.Version(1), []);
        Assert.Equal(direct.Digest, published.Digest);
        Assert.Equal(direct.Manifest.Seed, published.Manifest!.Seed);
        registry.Publish("iris", _folder.Version(2), "bob");
        registry.SetAlias("iris", "old", 1, "ann");

        ModelRegistry again = _folder.Open();
        RegisteredModel model = Assert.Single(again.List());
        Assert.Equal([1, 2], model.Versions.Select(version => version.Number));
        Assert.Equal(("old", 1, "ann"), (model.Aliases[0].Name, model.Aliases[0].Version, model.Aliases[0].Who));
        Assert.Equal([2, 1, 2, 1, 1], ((string[])["iris", "iris:1", "iris:2", "iris@old", $"iris:{published.Digest[..8]}"]).Select(reference => Number(again, reference)));
        Assert.Equal(1, again.Find(ModelReference.Parse($"iris:{published.Digest}")).Number);
        Assert.Equal(published, again.Find(ModelReference.Parse("iris:1")) with { Manifest = published.Manifest });
        Assert.Equal(direct.Digest, again.Load(ModelReference.Parse("iris@old"), out int number).Digest);
        Assert.Equal(1, number);
    }

    [Fact]
    public void ABareNameIsTheChampionOrElseTheNewest()
    {
        ModelRegistry registry = With(3);
        Assert.Equal(3, Number(registry, "iris"));
        registry.SetAlias("iris", ModelRegistry.Champion, 2, "ann");
        Assert.Equal(2, Number(registry, "iris"));
        registry.RemoveAlias("iris", ModelRegistry.Champion, "ann");
        Assert.Equal(3, Number(registry, "iris"));
    }

    [Fact]
    public void TheSameContentAgainIsTheVersionThatItIs()
    {
        ModelRegistry registry = With(2);
        string stamp = registry.Stamp;
        string[] before = Folder.Below(_folder.Registry);
        Assert.Equal(1, registry.Publish("iris", _folder.Version(1), "bob").Number);
        Assert.Equal((stamp, 2), (registry.Stamp, registry.Audit().Count()));
        Assert.Equal(before, Folder.Below(_folder.Registry));
        Assert.Equal(1, registry.Publish("wine", _folder.Version(1), "bob").Number);
        Assert.Equal(before.Length + 1, Folder.Below(_folder.Registry).Length);
    }

    [Fact]
    public void EqualFilesOfSeveralVersionsAreStoredOnce()
    {
        With(3);
        string[] blobs = Folder.Below(new Layout(_folder.Registry).Blobs);
        // Calibration and drift reference are the same in all three; model and manifest are not.
        Assert.Equal(2 + 3 * 2, blobs.Length);
        foreach (string blob in blobs)
            Assert.Equal(Path.GetFileName(blob), Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(blob))));
    }

    [Fact]
    public void RollbackGoesBackStepByStepAndIsInTheLog()
    {
        ModelRegistry registry = With(3);
        foreach (int version in (int[])[1, 2, 3]) registry.SetAlias("iris", "champion", version, "ann");
        Assert.Equal((3, 2), (registry.Rollback("iris", "champion", "bob").Before, Number(registry, "iris")));
        Assert.Equal((2, 1), (registry.Rollback("iris", "champion", "bob").Before, Number(registry, "iris")));
        Assert.Contains("no other version", Assert.Throws<InvalidOperationException>(() => registry.Rollback("iris", "champion", "bob")).Message, StringComparison.Ordinal);
        registry.SetAlias("iris", "champion", 3, "ann");
        registry.Rollback("iris", "champion", "bob");
        Assert.Equal(1, Number(registry, "iris"));
        RegistryEntry[] log = [.. registry.Audit()];
        Assert.Equal(Enumerable.Range(1, log.Length).Select(number => (long)number), log.Select(entry => entry.Number));
        Assert.Equal([(null, 1), (1, 2), (2, 3), (3, 2), (2, 1), (1, 3), (3, 1)], log.Where(entry => entry.Alias == "champion").Select(entry => (entry.Before, entry.Version!.Value)));
        Assert.Equal([RegistryAction.Rollback, RegistryAction.Rollback, RegistryAction.Rollback], log.Where(entry => entry.Who == "bob").Select(entry => entry.Action));
    }

    [Fact]
    public void AnAliasThatPointsThereAlreadyIsNotMovedAgain()
    {
        ModelRegistry registry = With(1);
        RegistryEntry first = registry.SetAlias("iris", "champion", 1, "ann");
        Assert.Equal(first, registry.SetAlias("iris", "champion", 1, "bob"));
        Assert.Equal(2, registry.Audit().Count());
    }

    [Fact]
    public void TheStampDiffersAfterEveryChangeAndOnlyThen()
    {
        ModelRegistry registry = With(2);
        HashSet<string> stamps = [registry.Stamp];
        Action[] changes =
        [
            () => registry.SetAlias("iris", "champion", 1, "a"), () => registry.SetAlias("iris", "champion", 2, "a"), () => registry.Rollback("iris", "champion", "a"),
            () => registry.Publish("iris", _folder.Version(3), "a"), () => registry.RemoveAlias("iris", "champion", "a"), () => registry.Prune("iris", 1, "a"),
        ];
        foreach (Action change in changes)
        {
            Assert.Equal(registry.Stamp, _folder.Open().Stamp);
            change();
            Assert.True(stamps.Add(registry.Stamp));
        }
    }

    [Fact]
    public void PruneKeepsTheNewestAndWhateverAnAliasNeedsNowOrAfterARollback()
    {
        ModelRegistry registry = With(6);
        registry.Publish("wine", _folder.Version(1), "ann");
        foreach (int version in (int[])[1, 2, 3]) registry.SetAlias("iris", "champion", version, "ann");
        string[] before = Folder.Below(_folder.Registry);
        Pruning plan = registry.PlanPrune("iris", 2);
        Assert.Equal(before, Folder.Below(_folder.Registry));
        // 5 and 6 are the newest, champion is 3 and was 2. Version 1 of iris shares all its files with wine.
        Assert.Equal(["iris:1", "iris:4"], plan.Versions.Select(version => version.ToString()));
        Assert.Equal(2, plan.Files);
        Pruning done = registry.Prune("iris", 2, "bob");
        Assert.Equal((plan.Files, plan.Bytes, plan.Kept), (done.Files, done.Bytes, done.Kept));
        Assert.Equal(plan.Versions, done.Versions);
        Assert.Equal([2, 3, 5, 6], registry.Get("iris").Versions.Select(version => version.Number));
        Assert.DoesNotContain(registry.Verify(), found => found.Fault is not null);
        Assert.Equal(1, Number(registry, "wine"));
        Assert.Equal(2, registry.Rollback("iris", "champion", "bob").Version);
        Assert.Contains("iris:1", Assert.Throws<UnknownModelException>(() => registry.Rollback("iris", "champion", "bob")).Message, StringComparison.Ordinal);
        // A number is never given twice.
        Assert.Equal(7, registry.Publish("iris", _folder.Version(4), "ann").Number);
        Assert.Empty(registry.Prune(null, 10, "bob").Versions);
    }

    [Fact]
    public void WhatIsNotThereIsSaidWithWhatIs()
    {
        ModelRegistry registry = _folder.Open();
        Assert.Contains("there is none", Unknown(registry, "iris"), StringComparison.Ordinal);
        registry = With(2);
        registry.SetAlias("iris", "old", 1, "ann");
        Assert.Contains("there are: iris", Unknown(registry, "iriss"), StringComparison.Ordinal);
        Assert.Contains("it has: old", Unknown(registry, "iris@new"), StringComparison.Ordinal);
        Assert.Contains("there are: iris:2, iris:1", Unknown(registry, "iris:3"), StringComparison.Ordinal);
        Assert.Contains("iris:00000000", Unknown(registry, "iris:00000000"), StringComparison.Ordinal);
        Assert.Throws<UnknownModelException>(() => registry.SetAlias("iris", "champion", 3, "ann"));
        Assert.Throws<UnknownModelException>(() => registry.RemoveAlias("iris", "new", "ann"));
        Assert.Throws<UnknownModelException>(() => registry.Rollback("iris", "new", "ann"));
        Assert.Throws<UnknownModelException>(() => registry.Verify("iriss").ToArray());
        Assert.Throws<UnknownModelException>(() => registry.PlanPrune("iriss", 1));
        Assert.Throws<UnknownModelException>(() => registry.Load(default));
    }

    private static string Unknown(ModelRegistry registry, string reference) =>
        Assert.Throws<UnknownModelException>(() => registry.Load(ModelReference.Parse(reference))).Message;

    [Fact]
    public void NamesPeopleAndNotesThatCannotBeAreRefusedBeforeAnythingIsWritten()
    {
        ModelRegistry registry = With(1);
        string[] before = Folder.Below(_folder.Path);
        string version = _folder.Version(1);
        foreach (string name in (string[])["", "../iris", "a/b", "a b", ".hidden", "iris\n", new string('a', 65)])
            Assert.Throws<ArgumentException>(() => registry.Publish(name, version, "ann"));
        Assert.Contains("'iris'", Assert.Throws<ArgumentException>(() => registry.Publish("Iris", version, "ann")).Message, StringComparison.Ordinal);
        foreach (string who in (string[])["", " ", "a\nb", new string('a', 129)]) Assert.Throws<ArgumentException>(() => registry.Publish("iris", version, who));
        Assert.Throws<ArgumentException>(() => registry.Publish("iris", version, "ann", new string('a', 1001)));
        Assert.Throws<ArgumentException>(() => registry.SetAlias("iris", "../champion", 1, "ann"));
        Assert.Throws<ArgumentOutOfRangeException>(() => registry.SetAlias("iris", "champion", 0, "ann"));
        Assert.Throws<ArgumentOutOfRangeException>(() => registry.Prune("iris", 0, "ann"));
        Assert.Equal(before, Folder.Below(_folder.Path));
    }

    [Fact]
    public void ADirectoryOfSomethingElseIsRefusedAndLeftAlone()
    {
        Directory.CreateDirectory(_folder["photos"]);
        File.WriteAllText(_folder["photos/holiday.txt"], "sun");
        Assert.Contains("holiday.txt", Assert.Throws<IOException>(() => Folder.Open(_folder["photos"])).Message, StringComparison.Ordinal);
        Assert.Equal(["holiday.txt"], Folder.Below(_folder["photos"]).Select(Path.GetFileName));
        Assert.Throws<IOException>(() => Folder.Open(_folder["photos/holiday.txt"]));
        Assert.Throws<IOException>(() => Folder.Open(_folder.Version(1)));
        Directory.CreateDirectory(_folder["empty"]);
        Assert.Empty(Folder.Open(_folder["empty"]).List());
    }

    [Fact]
    public void AVersionThatIsDamagedOrNoneIsNotPublished()
    {
        ModelRegistry registry = With(1);
        string version = _folder.Version(2), model = Assert.Single(Folder.Below(Path.Combine(version, "model")));
        byte[] content = File.ReadAllBytes(model);
        content[^5] ^= 1;
        File.WriteAllBytes(model, content);
        Assert.Contains("point.bayesian_linear", Assert.Throws<InvalidDataException>(() => registry.Publish("iris", version, "ann")).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => registry.Publish("iris", _folder.Registry, "ann"));
        Assert.Throws<DirectoryNotFoundException>(() => registry.Publish("iris", _folder["nowhere"], "ann"));
        Assert.Single(Assert.Single(registry.List()).Versions);
    }

    [Fact]
    public async Task ProcessesThatPublishAtTheSameTimeGetNumbersOfTheirOwn()
    {
        const int Each = 8;
        _folder.Open();
        for (int i = 0; i < 2 * Each; i++) _folder.Version(i);
        Process[] both = [Child.Start("publish", _folder.Registry, _folder.Path, "0", $"{Each}"), Child.Start("publish", _folder.Registry, _folder.Path, $"{Each}", $"{Each}")];
        List<int> numbers = [];
        foreach (Process process in both) Assert.Equal("ready", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        foreach (Process process in both) await process.StandardInput.WriteLineAsync("go");
        // What is read meanwhile is whole.
        ModelRegistry registry = _folder.Open();
        while (registry.List() is var list && (list.Count == 0 || list[0].Versions.Count < 2 * Each) && both.Any(process => !process.HasExited))
            Assert.DoesNotContain(registry.Verify(), found => found.Fault is not null);
        foreach (Process process in both)
        {
            string said = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            numbers.AddRange(said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => int.Parse(line, CultureInfo.InvariantCulture)));
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            process.Dispose();
        }

        Assert.Equal(Enumerable.Range(1, 2 * Each), numbers.Order());
        Assert.Equal(2 * Each, registry.Audit().Count());
        Assert.Equal(Enumerable.Range(0, 2 * Each), registry.Get("iris").Versions.Select(version => Number(registry, $"iris:{version.Number}")).Order());
    }

    [Fact]
    public async Task TheLockOfAKilledProcessIsFree()
    {
        _folder.Open();
        using Process holder = Child.Start("hold", _folder.Registry);
        Assert.Equal("held", await holder.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        Layout layout = new(_folder.Registry);
        ModelRegistry impatient = new(layout, new Disk(layout), [], TimeProvider.System) { Patience = TimeSpan.Zero };
        Assert.Contains("Another process", Assert.Throws<IOException>(() => impatient.Publish("iris", _folder.Version(1), "ann")).Message, StringComparison.Ordinal);
        holder.Kill();
        await holder.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, impatient.Publish("iris", _folder.Version(1), "ann").Number);
    }

    [Fact]
    public void AThousandReadersOfAnAliasThatMovesGetOneVersionOrTheOther()
    {
        ModelRegistry registry = With(2);
        registry.SetAlias("iris", "champion", 1, "ann");
        Thread mover = new(() =>
        {
            for (int i = 0; i < 30; i++) registry.SetAlias("iris", "champion", 2 - i % 2, "ann");
        });
        mover.Start();
        for (int i = 0; i < 200 || mover.IsAlive; i++) Assert.InRange(Number(registry, "iris"), 1, 2);
        mover.Join();
    }
}
