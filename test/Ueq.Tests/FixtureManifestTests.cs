using System.Text.Json;
using Ueq.Tests.Support;

namespace Ueq.Tests;

public sealed class FixtureManifestTests
{
    private static JsonElement[] Entries => [.. Repository.Fixture("manifest.json").GetProperty("fixtures").EnumerateArray()];

    [Fact]
    public void EveryFixtureFileIsListedOnceAndNoOther()
    {
        string[] files = [.. Directory.EnumerateFiles(Repository.Fixtures, "*.json", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Repository.Fixtures, file).Replace('\\', '/')).Where(file => file != "manifest.json").Order(StringComparer.Ordinal)];
        Assert.Equal(files, Entries.Select(entry => entry.GetProperty("file").GetString()!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void EveryFixtureStatesSourceVersionExactnessAndReason()
    {
        foreach (JsonElement entry in Entries)
        {
            foreach (string name in (string[])["file", "algorithm", "source", "version", "reason"])
                Assert.False(string.IsNullOrWhiteSpace(entry.GetProperty(name).GetString()), $"{entry}: {name}");
            Assert.InRange(entry.GetProperty("exactness").GetDouble(), 0, 0.05);
        }
    }

    [Fact]
    public void EveryFixtureIsUsedByATest()
    {
        string sources = string.Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "test"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)).Select(File.ReadAllText));
        foreach (JsonElement entry in Entries) Assert.Contains($"\"{entry.GetProperty("file").GetString()}\"", sources, StringComparison.Ordinal);
    }
}
