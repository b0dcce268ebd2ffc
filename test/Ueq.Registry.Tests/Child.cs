using System.Diagnostics;
using System.Globalization;

namespace Ueq.Registry.Tests;

/// <summary>Work that a test gives to a process of its own.</summary>
internal static class Child
{
    // Small, so that a process dies in the middle of a file and of a line, too.
    private const int Chunk = 100;

    public static Process Start(params string[] work)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardInput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet") start.ArgumentList.Add(typeof(Child).Assembly.Location);
        foreach (string word in (string[])["child", .. work]) start.ArgumentList.Add(word);
        return Process.Start(start)!;
    }

    public static int Run(string[] work)
    {
        switch (work)
        {
            case ["change", var folder, var step]:
                Change(folder, int.Parse(step, CultureInfo.InvariantCulture));
                return 0;
            case ["publish", var registry, var folder, var first, var count]:
                Publish(registry, folder, int.Parse(first, CultureInfo.InvariantCulture), int.Parse(count, CultureInfo.InvariantCulture));
                return 0;
            case ["hold", var registry]:
                Hold(registry);
                return 0;
            default:
                return 2;
        }
    }

    /// <summary>Everything that can be done to a registry, by a process that is killed before the given step; says the number of steps if it comes to the end.</summary>
    private static void Change(string folder, int killed)
    {
        int step = 0;
        Layout layout = new(Path.Combine(folder, "registry"));
        Disk disk = new(layout, Chunk, _ =>
        {
            if (++step != killed) return;
            using Process self = Process.GetCurrentProcess();
            self.Kill();
            Thread.Sleep(Timeout.Infinite);
        });
        ModelRegistry registry = new(layout, disk, [], TimeProvider.System);
        int[] versions = new int[4];
        for (int number = 1; number <= 3; number++)
        {
            int version = versions[number] = registry.Publish("iris", Path.Combine(folder, $"version-{number}"), "child").Number;
            registry.SetAlias("iris", "champion", version, "child");
            Say($"published {number} {version}");
        }

        Say($"rolled {registry.Rollback("iris", "champion", "child").Version}");
        registry.SetAlias("iris", "challenger", versions[1], "child");
        registry.RemoveAlias("iris", "challenger", "child");
        registry.SetAlias("iris", "champion", versions[3], "child");
        registry.Prune("iris", 1, "child");
        Say($"steps {step}");
    }

    private static void Publish(string place, string folder, int first, int count)
    {
        ModelRegistry registry = Folder.Open(place);
        Say("ready");
        Console.In.ReadLine();
        for (int i = first; i < first + count; i++) Say(registry.Publish("iris", Path.Combine(folder, $"version-{i}"), "child").Number);
    }

    private static void Hold(string place)
    {
        using RegistryLock taken = RegistryLock.Take(new Layout(place), TimeSpan.FromSeconds(10));
        Say("held");
        Console.In.ReadLine();
    }

    private static void Say<T>(T what)
    {
        Console.Out.WriteLine(FormattableString.Invariant($"{what}"));
        Console.Out.Flush();
    }
}
