using System.Diagnostics;
using System.Globalization;

namespace Ueq.Storage.Tests;

/// <summary>What is there after a process ended in the worst moment.</summary>
[Trait("Suite", "Faults")]
public sealed class DurabilityTests
{
    [Fact]
    public Task NoAcknowledgedLabelIsLostByAKill() => Kill(times: 8);

    [Fact]
    [Trait("Category", "Long")]
    public Task NoAcknowledgedLabelIsLostByTwoHundredKills() => Kill(times: 200);

    [Fact]
    public async Task TwoProcessesCountAReceiptOnce()
    {
        using Folder folder = new();
        const int Count = 200;
        Process[] both = [Child.Start("same", folder.Store, $"{Count}"), Child.Start("same", folder.Store, $"{Count}")];
        int counted = 0;
        foreach (Process process in both) Assert.Equal("ready", await process.StandardOutput.ReadLineAsync());
        foreach (Process process in both) await process.StandardInput.WriteLineAsync("go");
        foreach (Process process in both)
        {
            counted += int.Parse((await process.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
            await process.WaitForExitAsync();
            process.Dispose();
        }

        Assert.Equal(Count, counted);
        await using UeqStore store = await folder.Open();
        Assert.Equal(Labels.Range(0, Count), (await store.All()).Select(l => l.Label).OrderBy(l => Labels.Number(l.ReceiptId)));
    }

    [Fact]
    public async Task AFullDiskIsSaidAndStoresAgainWhenThereIsRoom()
    {
        using Folder folder = new();
        // A file system of its own in a name space of its own: nothing to clean up, and no need to be root where that is allowed.
        ProcessStartInfo child = Child.Command("fill", folder.Path), start = new("unshare") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string word in (string[])["-rm", "sh", "-c", "mount -t tmpfs -o size=3m ueq \"$0\" && echo mounted && exec \"$@\"", folder.Path, child.FileName, .. child.ArgumentList])
            start.ArgumentList.Add(word);
        Process? process = null;
        try
        {
            process = Process.Start(start);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("There is no unshare command to make a small disk with.");
        }

        using (process!)
        {
            Assert.SkipUnless(await process!.StandardOutput.ReadLineAsync() == "mounted", "A small disk could not be mounted here.");
            Assert.Equal("full", await process.StandardOutput.ReadLineAsync());
            Assert.Equal("0", await process.StandardOutput.ReadLineAsync());
            Assert.Equal("100", await process.StandardOutput.ReadLineAsync());
            await process.WaitForExitAsync();
            Assert.Equal(0, process.ExitCode);
        }
    }

    private static async Task Kill(int times)
    {
        using Folder folder = new();
        Rng rng = Rng.Stream(7, 0);
        List<long> acknowledged = [];
        for (int kill = 0; kill < times; kill++)
        {
            long first = kill * 1_000_000L;
            int lines = 1 + rng.NextIndex(20);
            using Process process = Child.Start("append", folder.Store, first.ToString(CultureInfo.InvariantCulture));
            for (int i = 0; i < lines; i++)
            {
                long last = long.Parse((await process.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
                acknowledged.AddRange([last - 2, last - 1, last]);
            }

            process.Kill();
            // What it said before it died was acknowledged too.
            while (await process.StandardOutput.ReadLineAsync() is { } line && long.TryParse(line, CultureInfo.InvariantCulture, out long more))
                acknowledged.AddRange([more - 2, more - 1, more]);
            await process.WaitForExitAsync();
        }

        await using UeqStore store = await folder.Open();
        List<long> stored = [.. (await store.All()).Select(l => Labels.Number(l.Label.ReceiptId))];
        Assert.Equal(stored.Distinct().Count(), stored.Count);
        Assert.Empty(acknowledged.Except(stored));
        Assert.True(stored.Count <= acknowledged.Count + 3 * times);
        StoredState state = (await store.LoadStateAsync("m", "1", "watch", default))!;
        Assert.Equal(state.LabelSequence, BitConverter.ToInt64(state.State.Span));
    }
}
