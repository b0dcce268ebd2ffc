using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Ueq.Serving;

namespace Ueq.InferenceLog.Tests;

public sealed class ParquetLogTests
{
    private static ParquetLog Open(Folder folder, InferenceLogConfig? config = null, TimeProvider? time = null, ILogger<ParquetLog>? log = null)
    {
        ParquetLog opened = new((config ?? new InferenceLogConfig()) with { Folder = folder.Path }, time ?? TimeProvider.System, log ?? NullLogger<ParquetLog>.Instance);
        _ = opened.StartAsync(default);
        return opened;
    }

    private static void Until(Func<bool> hoped, string what)
    {
        long started = Stopwatch.GetTimestamp();
        while (!hoped())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(30), $"after 30 seconds still not: {what}");
            Thread.Sleep(10);
        }
    }

    [Fact]
    public void FilesChangeBySizeAndTheOldestGo()
    {
        using Folder folder = new();
        File.WriteAllText(Path.Combine(folder.Path, "somebody-elses.parquet"), "");
        using (ParquetLog log = Open(folder, new InferenceLogConfig { RotateMegabytes = 1, KeepFiles = 3 }))
        {
            for (ulong i = 0; i < 60; i++)
            {
                Logs.Add(log, Logs.Sum(20), 2000, i);
                Until(() => log.Read() is var read && read.Written + read.Dropped + 40_000 >= (long)i * 2000, "the writer keeps up");
            }

            log.Dispose();
            Assert.Equal(new InferenceLogReading(120_000, 0), log.Read());
        }

        string[] files = [.. Logs.Files(folder.Path).Where(f => !f.EndsWith("elses.parquet", StringComparison.Ordinal))];
        Assert.Equal(3, files.Length);
        Assert.True(File.Exists(Path.Combine(folder.Path, "somebody-elses.parquet")));
        Assert.All(files, file => Assert.InRange(new FileInfo(file).Length, 1, 12 << 20));
        // The numbers in the names go on, and the last ones are left.
        Assert.Equal(files.Order(StringComparer.Ordinal), files.OrderBy(f => f.Split('-')[^1], StringComparer.Ordinal));
        Assert.True(int.Parse(files[^1].Split('-')[^1][..4], CultureInfo.InvariantCulture) > 3);
        Assert.All(files, file => Assert.True(Logs.Rows(file) > 0));
    }

    [Fact]
    public void FilesChangeByTimeAndAreNotSeenBefore()
    {
        using Folder folder = new();
        FakeTimeProvider time = new(new DateTimeOffset(2026, 11, 24, 3, 0, 0, TimeSpan.Zero));
        using ParquetLog log = Open(folder, new InferenceLogConfig { RotateMinutes = 15 }, time);
        Logs.Add(log, Logs.Sum(3), 10, 1, "odd/../name");
        Until(() => Directory.GetFiles(folder.Path, "*.tmp").Length == 1, "the file is begun");
        Assert.Empty(Logs.Files(folder.Path));
        time.Advance(TimeSpan.FromMinutes(15));
        Until(() => log.Read().Written == 10, "the file is closed");
        Assert.StartsWith("odd_.._name-aaaaaaaaaaaa-20261124T030000Z-", Path.GetFileName(Assert.Single(Logs.Files(folder.Path))), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder.Path, "*.tmp"));
    }

    [Fact]
    public void WhatHasNoRoomIsDroppedAndCounted()
    {
        using Folder folder = new();
        using ParquetLog log = new(new InferenceLogConfig { Folder = folder.Path }, TimeProvider.System, NullLogger<ParquetLog>.Instance);
        // Nobody writes yet.
        for (ulong i = 0; i < 100; i++) Logs.Add(log, Logs.Sum(100), 10_000, i);
        InferenceLogReading read = log.Read();
        Assert.InRange(read.Dropped, 500_000, 999_000);
        _ = log.StartAsync(default);
        log.Dispose();
        Assert.Equal(1_000_000 - read.Dropped, log.Read().Written);
        Logs.Add(log, Logs.Sum(100), 10, 1);
        Assert.Equal(read.Dropped + 10, log.Read().Dropped);
    }

    [Fact]
    public void AFolderThatCannotBeWrittenIsSaidOnceAndWrittenAgainLater()
    {
        using Folder folder = new();
        FakeTimeProvider time = new(DateTimeOffset.UtcNow);
        Said said = new();
        using ParquetLog log = Open(folder, new InferenceLogConfig { RotateMinutes = 1 }, time, said);
        Directory.Delete(folder.Path);
        for (ulong i = 0; i < 5; i++)
        {
            Logs.Add(log, Logs.Sum(3), 10, i);
            Until(() => log.Read().Dropped == 10 * ((long)i + 1), "the rows are dropped");
            time.Advance(TimeSpan.FromSeconds(6));
        }

        Assert.Equal([LogLevel.Error], said.Levels);
        Directory.CreateDirectory(folder.Path);
        Logs.Add(log, Logs.Sum(3), 10, 9);
        Until(() => Directory.GetFiles(folder.Path, "*.tmp").Length == 1, "the file is begun");
        time.Advance(TimeSpan.FromMinutes(1));
        Until(() => log.Read().Written == 10, "the file is closed");
        Assert.Equal([LogLevel.Error, LogLevel.Information], said.Levels);
    }

    [Fact(Timeout = 120_000)]
    public async Task AKilledProcessLeavesNoHalfFileInSight()
    {
        using Folder folder = new();
        long closed = 0;
        using (Process child = Process.Start(Child.Command("write", folder.Path))!)
        using (new Ended(child))
        {
            for (int files = 0; files < 5; files++) closed = long.Parse((await child.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken))!, CultureInfo.InvariantCulture);
            Until(() => Directory.GetFiles(folder.Path, "*.tmp").Length == 1, "a file is open");
            // Nobody takes away what another process still writes.
            Open(folder).Dispose();
            Assert.NotEmpty(Directory.GetFiles(folder.Path, "*.tmp"));
            child.Kill();
            await child.WaitForExitAsync();
        }

        Assert.True(Logs.Files(folder.Path).Sum(Logs.Rows) >= closed);
        Open(folder).Dispose();
        Assert.Empty(Directory.GetFiles(folder.Path, "*.tmp"));
    }

    [Fact(Timeout = 120_000)]
    public async Task AFullDiskIsOverWhenThereIsRoom()
    {
        using Folder folder = new();
        // A file system of its own in a name space of its own: nothing to clean up, and no need to be root where that is allowed.
        ProcessStartInfo child = Child.Command("fill", folder.Path), start = new("unshare") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string word in (string[])["-rm", "sh", "-c", "mount -t tmpfs -o size=6m ueq \"$0\" && echo mounted && exec \"$@\"", folder.Path, child.FileName, .. child.ArgumentList])
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
        using (new Ended(process!))
        {
            Assert.SkipUnless(await process!.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) == "mounted", "A small disk could not be mounted here.");
            Assert.Equal("full", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
            Assert.Equal("written again", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
            await process.WaitForExitAsync();
            Assert.Equal(0, process.ExitCode);
        }
    }

    /// <summary>A process that does not outlive its test.</summary>
    private sealed class Ended(Process process) : IDisposable
    {
        public void Dispose()
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    private sealed class Said : ILogger<ParquetLog>
    {
        private readonly List<LogLevel> _levels = [];

        public LogLevel[] Levels
        {
            get
            {
                lock (_levels) return [.. _levels];
            }
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_levels) _levels.Add(logLevel);
        }
    }
}
