using System.Text.Json;

namespace Ueq.Monitoring.Tests;

/// <summary>The repository's fixtures, found by walking up from the test program.</summary>
internal static class Fixtures
{
    public static JsonElement Read(string file) => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Root, "fixtures", file))).RootElement;

    public static double Exactness(string file) => Read("manifest.json").GetProperty("fixtures").EnumerateArray()
        .Single(entry => entry.GetProperty("file").GetString() == file).GetProperty("exactness").GetDouble();

    public static double[] Numbers(this JsonElement list) => [.. list.EnumerateArray().Select(number => number.GetDouble())];

    public static void Near(double expected, double actual, double exactness, string what = "") =>
        Assert.True(Math.Abs(expected - actual) <= exactness * Math.Max(1, Math.Abs(expected)), FormattableString.Invariant($"{what}: expected {expected:R}, got {actual:R}"));

    private static string Root { get; } = FindRoot();

    private static string FindRoot()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (File.Exists(Path.Combine(at.FullName, "Ueq.slnx"))) return at.FullName;
        throw new DirectoryNotFoundException($"No repository above {AppContext.BaseDirectory}.");
    }
}
