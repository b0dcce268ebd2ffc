using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Ueq.Serving;

namespace Ueq.InferenceLog.Tests;

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

    public static int Run(string[] work)
    {
        switch (work)
        {
            case ["write", var folder]:
                Write(folder);
                return 0;
            case ["fill", var folder]:
                Fill(folder);
                return 0;
            default:
                return 2;
        }
    }

    private static ParquetLog Open(string folder)
    {
        ParquetLog log = new(new InferenceLogConfig { Folder = folder, RotateMegabytes = 1 }, TimeProvider.System, NullLogger<ParquetLog>.Instance);
        _ = log.StartAsync(default);
        return log;
    }

    // Writes file after file and says how many rows are in closed ones, until it is killed.
    private static void Write(string folder)
    {
        ParquetLog log = Open(folder);
        long said = 0;
        for (ulong seed = 0; ; seed++)
        {
            Logs.Add(log, Logs.Sum(10), 1000, seed);
            while (log.Read().Written > said) Say(said = log.Read().Written);
            if (seed % 50 == 49) Thread.Sleep(50);
        }
    }

    private static void Fill(string folder)
    {
        string ballast = Path.Combine(folder, "ballast");
        File.WriteAllBytes(ballast, new byte[1 << 20]);
        using ParquetLog log = Open(folder);
        ulong seed = 0;
        while (log.Read().Dropped == 0)
        {
            Logs.Add(log, Logs.Sum(10), 1000, seed++);
            Thread.Sleep(5);
        }

        Say("full");
        foreach (string file in Directory.GetFiles(folder)) File.Delete(file);
        long written = log.Read().Written;
        while (log.Read().Written == written)
        {
            Logs.Add(log, Logs.Sum(10), 1000, seed++);
            Thread.Sleep(5);
        }

        Say("written again");
    }

    private static void Say<T>(T what)
    {
        Console.Out.WriteLine(FormattableString.Invariant($"{what}"));
        Console.Out.Flush();
    }
}
