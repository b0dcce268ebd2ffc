using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Ueq.Storage.Tests;

/// <summary>Work that a test gives to a process of its own.</summary>
internal static class Child
{
    /// <summary>The command that runs work in a child.</summary>
    public static ProcessStartInfo Command(params string[] work)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardInput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet") start.ArgumentList.Add(typeof(Child).Assembly.Location);
        foreach (string word in (string[])["child", .. work]) start.ArgumentList.Add(word);
        return start;
    }

    public static Process Start(params string[] work) => Process.Start(Command(work))!;

    public static async Task<int> Run(string[] work)
    {
        switch (work)
        {
            case ["append", var store, var first]:
                await Append(store, long.Parse(first, CultureInfo.InvariantCulture));
                return 0;
            case ["same", var store, var count]:
                await Same(store, int.Parse(count, CultureInfo.InvariantCulture));
                return 0;
            case ["fill", var folder]:
                await Fill(folder);
                return 0;
            case ["hold", var store]:
                await Hold(store);
                return 0;
            default:
                return 2;
        }
    }

    private static Task<UeqStore> Open(string store) => UeqStore.OpenAsync(new StoreOptions { Store = store }, TimeProvider.System, default);

    // Says a receipt's number after it was acknowledged, until it is killed.
    private static async Task Append(string store, long first)
    {
        await using UeqStore open = await Open(store);
        for (long next = first; ; next += 3)
        {
            await open.AppendLabelsAsync(Labels.Range(next, 3), default);
            await open.SaveStateAsync("m", "1", "watch", BitConverter.GetBytes(next), next, default);
            Say(next + 2);
        }
    }

    private static async Task Same(string store, int count)
    {
        await using UeqStore open = await Open(store);
        Say("ready");
        await Console.In.ReadLineAsync();
        int mine = 0;
        for (int i = 0; i < count; i++) mine += (await open.AppendLabelsAsync([Labels.Of(i)], default)).Count(isNew => isNew);
        Say(mine);
    }

    private static async Task Fill(string folder)
    {
        string ballast = Path.Combine(folder, "ballast");
        await File.WriteAllBytesAsync(ballast, new byte[1 << 20]);
        await using UeqStore open = await Open(Path.Combine(folder, "ueq.db"));
        long stored = 0;
        try
        {
            while (stored < 1_000_000)
            {
                await open.AppendLabelsAsync(Labels.Range(stored, 100), default);
                stored += 100;
            }
        }
        catch (StoreFullException)
        {
            Say("full");
        }

        Say((await open.All()).Count - stored);
        File.Delete(ballast);
        await open.AppendLabelsAsync(Labels.Range(stored, 100), default);
        Say((await open.All()).Count - stored);
    }

    private static async Task Hold(string store)
    {
        await using SqliteConnection connection = new($"Data Source={store}");
        await connection.OpenAsync();
        await using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;";
        await command.ExecuteNonQueryAsync();
        Say("held");
        await Console.In.ReadLineAsync();
    }

    private static void Say<T>(T what)
    {
        Console.Out.WriteLine(FormattableString.Invariant($"{what}"));
        Console.Out.Flush();
    }
}
