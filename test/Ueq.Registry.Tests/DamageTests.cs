using Ueq.Versions;

namespace Ueq.Registry.Tests;

/// <summary>What becomes of a registry whose files are changed or cut by something else than a registry.</summary>
[Trait("Suite", "Faults")]
public sealed class DamageTests : IDisposable
{
    private readonly Folder _folder = new();
    private readonly ModelRegistry _registry;
    private readonly Layout _layout;

    public DamageTests()
    {
        _registry = _folder.Open();
        _layout = new Layout(_folder.Registry);
        for (int i = 1; i <= 3; i++)
        {
            _registry.Publish("iris", _folder.Version(i), "ann");
            _registry.SetAlias("iris", "champion", i, "ann");
        }
    }

    public void Dispose() => _folder.Dispose();

    private static ModelReference Version(int number) => ModelReference.Of("iris", number);

    // Every tenth byte flipped, and every length that tells something.
    private static IEnumerable<byte[]> Damages(byte[] content)
    {
        for (int at = 0; at < content.Length; at += Math.Max(1, content.Length / 23))
        {
            byte[] flipped = [.. content];
            flipped[at] ^= 1;
            yield return flipped;
        }

        yield return [];
        yield return content[..(content.Length / 2)];
        yield return content[..^1];
        yield return [.. content, (byte)' '];
    }

    private static void Damaged(string file, Action<byte[]> check)
    {
        byte[] content = File.ReadAllBytes(file);
        foreach (byte[] damage in Damages(content))
        {
            File.WriteAllBytes(file, damage);
            check(damage);
        }

        File.WriteAllBytes(file, content);
    }

    [Fact]
    public void ADamagedFileOfAVersionIsNamedAndOtherVersionsLoad()
    {
        Manifest second = _registry.Find(Version(2)).Manifest!;
        string[] shared = [.. second.Files.Select(file => file.Sha256).Intersect(_registry.Find(Version(1)).Manifest!.Files.Select(file => file.Sha256))];
        string[] files = [_layout.Version("iris", 2), _layout.Blob(_registry.Find(Version(2)).Digest), .. second.Files.Select(file => _layout.Blob(file.Sha256))];
        Assert.Equal(5, files.Length);
        foreach (string file in files)
        {
            Damaged(file, _ =>
            {
                Assert.Contains(file, Assert.Throws<InvalidDataException>(() => _registry.Load(Version(2))).Message, StringComparison.Ordinal);
                Assert.Throws<InvalidDataException>(() => _registry.SetAlias("iris", "champion", 2, "bob"));
                Assert.Contains(_registry.Verify(), found => found.What == "iris:2" && found.Fault!.Contains(file, StringComparison.Ordinal));
                Assert.Equal([1, 2, 3], _registry.Get("iris").Versions.Select(version => version.Number));
                if (!shared.Contains(Path.GetFileName(file))) Assert.Equal(1, Folder.Number(_registry.Load(Version(1))));
            });
            byte[] content = File.ReadAllBytes(file);
            File.Delete(file);
            Assert.ThrowsAny<Exception>(() => _registry.Load(Version(2)));
            File.WriteAllBytes(file, content);
        }

        Assert.Equal(2, Folder.Number(_registry.Load(Version(2))));
        Assert.Equal(3, Folder.Number(_registry.Load(ModelReference.Of("iris"))));
    }

    [Fact]
    public void AVersionThatIsPublishedAgainIsMended()
    {
        foreach (string blob in Folder.Below(_layout.Blobs)) File.WriteAllText(blob, "damage");
        Assert.All(_registry.Verify().Where(found => found.What.Contains(':', StringComparison.Ordinal)), found => Assert.NotNull(found.Fault));
        for (int i = 1; i <= 3; i++) Assert.Equal(i, _registry.Publish("iris", _folder.Version(i), "ann").Number);
        Assert.DoesNotContain(_registry.Verify(), found => found.Fault is not null);
    }

    [Fact]
    public void ARollbackToADamagedVersionLeavesTheAliasWhereItIs()
    {
        File.WriteAllText(_layout.Blob(_registry.Find(Version(2)).Digest), "damage");
        Assert.Contains("iris:2", Assert.Throws<InvalidDataException>(() => _registry.Rollback("iris", "champion", "bob")).Message, StringComparison.Ordinal);
        Assert.Equal(3, Folder.Number(_registry.Load(ModelReference.Of("iris"))));
    }

    [Fact]
    public void ADamagedAliasIsNamedAndCanBeSetAgain()
    {
        string file = _layout.Alias("iris", "champion");
        Damaged(file, _ =>
        {
            Assert.Contains(file, Assert.Throws<InvalidDataException>(() => _registry.Load(ModelReference.Of("iris"))).Message, StringComparison.Ordinal);
            Assert.NotNull(Assert.Single(_registry.Get("iris").Aliases).Fault);
            Assert.Throws<InvalidDataException>(() => _registry.Prune("iris", 1, "bob"));
            Assert.Equal(1, Folder.Number(_registry.Load(Version(1))));
        });
        File.WriteAllText(file, "damage");
        _registry.SetAlias("iris", "champion", 1, "bob");
        Assert.Equal(1, Folder.Number(_registry.Load(ModelReference.Of("iris"))));
    }

    [Fact]
    public void FilesThatAreSwappedAreFound()
    {
        string one = _layout.Version("iris", 1), two = _layout.Version("iris", 2);
        byte[] first = File.ReadAllBytes(one);
        File.Copy(two, one, overwrite: true);
        Assert.Contains(one, Assert.Throws<InvalidDataException>(() => _registry.Load(Version(1))).Message, StringComparison.Ordinal);
        File.WriteAllBytes(one, first);
        File.Copy(one, _layout.Alias("iris", "champion"), overwrite: true);
        Assert.Contains("champion", Assert.Throws<InvalidDataException>(() => _registry.Load(ModelReference.Of("iris"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ADamagedSealOfTheRegistryIsNotOpenedAndNotOverwritten()
    {
        Damaged(_layout.Seal, damage =>
        {
            // A blank at the end changes nothing.
            if (damage is [.., (byte)'}', (byte)' ']) return;
            Assert.Contains(_layout.Seal, Assert.Throws<InvalidDataException>(() => _folder.Open()).Message, StringComparison.Ordinal);
            Assert.Equal(damage, File.ReadAllBytes(_layout.Seal));
        });
        File.WriteAllText(_layout.Seal, "{\"kind\":\"ueq-registry\",\"layout\":2}");
        Assert.Contains("layout 1, got 2", Assert.Throws<InvalidDataException>(() => _folder.Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ADamagedLogStopsChangesButNoReading()
    {
        Damaged(_layout.Log, damage =>
        {
            ModelRegistry registry = _folder.Open();
            Assert.Equal(3, Folder.Number(registry.Load(ModelReference.Of("iris"))));
            // What follows the last end of a line is of a writer that was killed, and is nothing.
            if (damage is [.., (byte)'\n', (byte)' ']) return;
            Assert.Contains(registry.Verify(), found => found.What == _layout.Log && found.Fault!.Contains(_layout.Log, StringComparison.Ordinal));
            Assert.Contains(_layout.Log, Assert.Throws<InvalidDataException>(() => registry.Rollback("iris", "champion", "bob")).Message, StringComparison.Ordinal);
        });
        Assert.Equal(2, _registry.Rollback("iris", "champion", "bob").Version);
    }

    [Fact]
    public void ATornTailOfTheLogIsNothingAndIsCutOff()
    {
        byte[] whole = File.ReadAllBytes(_layout.Log);
        byte[] line = whole[(whole.AsSpan(0, whole.Length - 1).LastIndexOf((byte)'\n') + 1)..];
        for (int length = 1; length < line.Length; length += 37)
        {
            File.WriteAllBytes(_layout.Log, [.. whole, .. line[..length]]);
            Assert.Equal(6, _folder.Open().Audit().Count());
        }

        Assert.Equal(2, _folder.Open().Rollback("iris", "champion", "bob").Version);
        Assert.Equal(7, _registry.Audit().Count());
    }

    [Fact]
    public void ALogThatIsGoneOrCutIsToldAndGoneOnFromOnceThatIsAskedFor()
    {
        byte[] whole = File.ReadAllBytes(_layout.Log);
        File.WriteAllBytes(_layout.Log, whole[..(whole.AsSpan(0, whole.Length - 1).LastIndexOf((byte)'\n') + 1)]);
        Assert.Contains("ends at entry 5, but 6", Assert.Throws<InvalidDataException>(() => _registry.Publish("iris", _folder.Version(4), "ann")).Message, StringComparison.Ordinal);
        File.Delete(_layout.Log);
        Assert.Throws<InvalidDataException>(() => _registry.Publish("iris", _folder.Version(4), "ann"));
        File.Delete(_layout.Generation);
        Assert.Equal(4, _registry.Publish("iris", _folder.Version(4), "ann").Number);
        Assert.Equal(3, Folder.Number(_registry.Load(ModelReference.Of("iris"))));
        _registry.SetAlias("iris", "champion", 4, "bob");
        // The new log says where the alias came from.
        Assert.Equal(3, _registry.Rollback("iris", "champion", "bob").Version);
    }

    [Fact]
    public void ADamagedGenerationIsNamedAndReadingGoesOn()
    {
        File.WriteAllText(_layout.Generation, "many\n");
        ModelRegistry registry = _folder.Open();
        Assert.Equal(3, Folder.Number(registry.Load(ModelReference.Of("iris"))));
        Assert.Contains(_layout.Generation, Assert.Throws<InvalidDataException>(() => registry.Prune("iris", 1, "bob")).Message, StringComparison.Ordinal);
        File.Delete(_layout.Generation);
        Assert.Single(registry.Prune("iris", 1, "bob").Versions);
    }

    [Fact]
    public void FilesOfADamagedVersionAreNotSweptAway()
    {
        File.WriteAllText(_layout.Blob(_registry.Find(Version(2)).Digest), "damage");
        int blobs = Folder.Below(_layout.Blobs).Length;
        Pruning pruning = _registry.Prune("iris", 1, "bob");
        Assert.Equal("iris:1", Assert.Single(pruning.Versions).ToString());
        Assert.Contains("iris:2", pruning.Kept, StringComparison.Ordinal);
        Assert.Equal(blobs, Folder.Below(_layout.Blobs).Length);
    }

    [Fact]
    public void ADigestThatIsAPathIsRefused()
    {
        Assert.Throws<InvalidDataException>(() => _layout.Blob("../../../etc/passwd"));
        Assert.Throws<InvalidDataException>(() => _layout.Blob(new string('A', 64)));
        Assert.Throws<ArgumentException>(() => _layout.Version("..", 1));
        Assert.Throws<ArgumentException>(() => _layout.Alias("iris", "../../x"));
    }
}
