using System.Text;

namespace Ueq.HouseLaws;

public sealed class SourceLawTests
{
    [Fact]
    public void NoSourceFileIsTooLong() => Law.Holds(Repository.Sources().SelectMany(f => SourceLaws.TooLong(f.Path, f.Text)));

    [Fact]
    public void NamespacesMatchFolders() => Law.Holds(Repository.Sources().SelectMany(f => SourceLaws.NamespaceElsewhere(f.Path, f.Text)));

    [Fact]
    public void NoCommittedTextNamesAPathOfOneMachine() =>
        Law.Holds(Repository.Committed().Where(p => !p.StartsWith("data/", StringComparison.Ordinal)).SelectMany(path =>
        {
            byte[] bytes = File.ReadAllBytes(Path.Combine(Repository.Root, path));
            return bytes.AsSpan(0, Math.Min(bytes.Length, 8000)).Contains((byte)0) ? [] : SourceLaws.MachinePaths(path, Encoding.UTF8.GetString(bytes));
        }));

    [Fact]
    public void SourcesAreSeen()
    {
        Assert.Contains("src/Ueq/Rng.cs", Repository.Sources().Select(f => f.Path));
        Assert.Contains("Directory.Build.props", Repository.Committed());
        Assert.DoesNotContain(Repository.Sources(), f => f.Path.Contains("/obj/", StringComparison.Ordinal));
    }

    [Fact]
    public void ALongFileIsSeen()
    {
        Assert.Single(SourceLaws.TooLong("a.cs", new string('\n', 401)));
        Assert.Empty(SourceLaws.TooLong("a.cs", new string('\n', 400)));
        Assert.Single(SourceLaws.TooLong("a.cs", new string('\n', 400) + "}"));
    }

    [Fact]
    public void ANamespaceElsewhereIsSeen()
    {
        Assert.Single(SourceLaws.NamespaceElsewhere("src/Ueq/Conformal/A.cs", "using System;\n\nnamespace Ueq;\n"));
        Assert.Empty(SourceLaws.NamespaceElsewhere("src/Ueq/Conformal/A.cs", "using System;\n\nnamespace Ueq.Conformal;\n"));
        Assert.Empty(SourceLaws.NamespaceElsewhere("src/Ueq/A.cs", "namespace Ueq;"));
        Assert.Empty(SourceLaws.NamespaceElsewhere("src/Ueq.Monitoring/Detectors/A.cs", "namespace Ueq.Monitoring;"));
    }

    [Fact]
    public void AMachinePathIsSeen()
    {
        foreach (string folder in new[] { "wor" + "k/data", "tm" + "p/wt/a", "hom" + "e/ada/x" })
        {
            Assert.Single(SourceLaws.MachinePaths("a.md", $"one\nsee /{folder}\n"));
            Assert.Single(SourceLaws.MachinePaths("a.md", $"'/{folder}'"));
        }

        Assert.Empty(SourceLaws.MachinePaths("a.md", "https://example.org/work/item, $HOME/work/x, ${TMPDIR:-/tmp}"));
    }
}
