using System.Diagnostics;
using System.Globalization;
using Ueq.Versions;

namespace Ueq.Registry.Tests;

/// <summary>What is there after a process was killed (SIGKILL) before any one of its writes, flushes, renames and deletions.</summary>
[Trait("Suite", "Faults")]
public sealed class KillTests
{
    [Fact]
    public Task NoHalfVersionIsSeenAfterAKillAtSomeSteps() => Kill(steps => Enumerable.Range(1, steps).Where(step => step % (steps / 6) == 1));

    [Fact]
    [Trait("Category", "Long")]
    public Task NoHalfVersionIsSeenAfterAKillAtEveryStep() => Kill(steps => Enumerable.Range(1, steps));

    private static async Task Kill(Func<int, IEnumerable<int>> chosen)
    {
        using Folder folder = new();
        for (int i = 1; i <= 3; i++) folder.Version(i);
        (_, int steps) = await Change(folder, 0);
        Assert.True(steps > 150, $"{steps} steps");
        CheckTheEnd(folder);
        foreach (int step in chosen(steps))
        {
            Directory.Delete(folder.Registry, recursive: true);
            (string[] said, int ended) = await Change(folder, step);
            Assert.Equal(0, ended);
            CheckWhatIsThere(folder, said, step);
            (_, ended) = await Change(folder, 0);
            Assert.True(ended > 0, $"step {step}: the same work again did not come to its end");
            CheckTheEnd(folder);
        }
    }

    // What the process said it had done is there; everything that is there is whole.
    private static void CheckWhatIsThere(Folder folder, string[] said, int step)
    {
        // While somebody else holds the lock nothing can be mended: a reader meets what the killed process left.
        if (File.Exists(new Layout(folder.Registry).Seal))
        {
            using RegistryLock held = RegistryLock.Take(new Layout(folder.Registry), TimeSpan.FromSeconds(10));
            CheckWhole(folder.Open(), said, step);
        }

        ModelRegistry registry = folder.Open();
        CheckWhole(registry, said, step);
        Assert.Empty(Folder.Below(new Layout(folder.Registry).Temporary));
        long number = registry.Audit().LastOrDefault()?.Number ?? 0;
        Assert.True(number >= said.Length, $"step {step}: {number} entries");
    }

    private static void CheckWhole(ModelRegistry registry, string[] said, int step)
    {
        string[] faults = [.. registry.Verify().Where(found => found.Fault is not null).Select(found => found.Fault!)];
        Assert.True(faults.Length == 0, $"step {step}: {string.Join('\n', faults)}");
        RegisteredModel? iris = registry.List().SingleOrDefault();
        foreach (RegisteredVersion version in iris?.Versions ?? [])
        {
            Assert.Null(version.Fault);
            Assert.Equal(version.Number, Folder.Number(registry.Load(ModelReference.Of("iris", version.Number))));
        }

        string? last = said.LastOrDefault(line => line.StartsWith("published", StringComparison.Ordinal));
        if (last is null) return;
        ModelVersion champion = registry.Load(ModelReference.Parse("iris"));
        Assert.InRange(Folder.Number(champion), said.Length >= 3 ? 2 : int.Parse(last.Split(' ')[1], CultureInfo.InvariantCulture), 3);
    }

    private static void CheckTheEnd(Folder folder)
    {
        ModelRegistry registry = folder.Open();
        RegisteredModel iris = Assert.Single(registry.List());
        Assert.Equal("champion", Assert.Single(iris.Aliases).Name);
        Assert.Equal(3, Folder.Number(registry.Load(ModelReference.Of("iris"))));
        Assert.DoesNotContain(registry.Verify(), found => found.Fault is not null);
        // The model and the manifest are each version's own; calibration and drift reference are the same in all.
        Assert.Equal(iris.Versions.Count * 2 + 2, Folder.Below(new Layout(folder.Registry).Blobs).Length);
        Assert.Empty(Folder.Below(new Layout(folder.Registry).Temporary));
        Assert.Equal(0, registry.PlanPrune(null, 1).Files);
    }

    private static async Task<(string[] Said, int Steps)> Change(Folder folder, int killed)
    {
        using Process process = Child.Start("change", folder.Path, killed.ToString(CultureInfo.InvariantCulture));
        string[] said = (await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(killed == 0 ? 0 : 137, process.ExitCode);
        return said is [.. string[] before, { } last] && last.StartsWith("steps ", StringComparison.Ordinal)
            ? (before, int.Parse(last[6..], CultureInfo.InvariantCulture))
            : (said, 0);
    }
}
