using System.Diagnostics;

namespace Ueq.Registry.Tests;

/// <summary>Measured alone: other tests have files and memory of their own.</summary>
[CollectionDefinition(nameof(MemoryTests), DisableParallelization = true)]
[Collection(nameof(MemoryTests))]
public sealed class MemoryTests
{
    [Fact]
    public void TwoHundredLoadsLeaveNothingBehind() => Load(200);

    [Fact]
    [Trait("Category", "Long")]
    public void TenThousandLoadsLeaveNothingBehind() => Load(10_000);

    private static void Load(int times)
    {
        using Folder folder = new();
        ModelRegistry registry = folder.Open();
        for (int i = 1; i <= 2; i++) registry.Publish("iris", folder.Version(i), "ann");
        // The first loads make what stays for ever: types, code, pools.
        (long heap, long files, long resident) before = default;
        for (int i = 0; i < 100 + times; i++)
        {
            if (i == 100) before = Measure();
            registry.Load(ModelReference.Of("iris", 1 + i % 2));
        }

        (long heap, long files, long resident) after = Measure();
        Assert.InRange(after.heap - before.heap, long.MinValue, 200_000);
        Assert.InRange(after.files - before.files, long.MinValue, 5);
        // What one load holds, kept, would be 60 MB after ten thousand.
        if (times >= 10_000) Assert.InRange(after.resident - before.resident, long.MinValue, 40_000_000);
    }

    private static (long Heap, long Files, long Resident) Measure()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using Process self = Process.GetCurrentProcess();
        return (GC.GetTotalMemory(forceFullCollection: true), Directory.Exists("/proc/self/fd") ? Directory.GetFiles("/proc/self/fd").Length : 0, self.WorkingSet64);
    }
}
