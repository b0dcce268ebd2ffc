using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ueq.Serving.Configuration;

/// <summary>Reads the configuration again when its file changes or on SIGHUP, and puts in force what can change while requests run.</summary>
/// <remarks>A configuration that is wrong changes nothing: the one in force stays, and what is wrong is logged and shown by <c>/health</c>.</remarks>
internal sealed partial class ConfigReloader(ConfigSource source, LiveConfig live, IEnumerable<ILiveSetting> settings, TimeProvider time, ILogger<ConfigReloader> log)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The start does not wait for the watching of files.
        await Task.Yield();
        using FileWatch watch = new(() => source.Files(live.Current), source.Digest, time);
        using PosixSignalRegistration? hangup = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            watch.Ask();
        });
        for (long reloads = 1; !stoppingToken.IsCancellationRequested; reloads++)
        {
            try
            {
                await watch.NextAsync(stoppingToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            Reload(reloads);
        }
    }

    /// <summary>Reads everything again.</summary>
    /// <param name="reloads">How often that was done, this time among them.</param>
    private void Reload(long reloads)
    {
        UeqServiceConfig next;
        try
        {
            // A file that is just being written anew has nothing in it, and nothing would mean no keys too.
            if (source.File is { } file && new FileInfo(file) is { Exists: true, Length: 0 }) throw new InvalidDataException($"{file}: expected settings, got an empty file");
            next = source.Read().Config;
        }
        catch (Exception bad) when (bad is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            Keep(bad.Message);
            return;
        }

        IReadOnlyList<string> waitedFor = live.State.Waiting, changed = live.Take(next, reloads);
        foreach (ILiveSetting setting in settings)
        {
            try
            {
                setting.Apply(live.Current);
            }
#pragma warning disable CA1031 // One setting that cannot be made anew must not keep the others from it, nor end the service.
            catch (Exception bad)
#pragma warning restore CA1031
            {
                Keep(bad.Message);
            }
        }

        Loaded(log, changed.Count == 0 ? "nothing that changes while serving" : string.Join(", ", changed));
        string[] waiting = [.. live.State.Waiting.Except(waitedFor)];
        if (waiting.Length > 0) Waits(log, string.Join(", ", waiting));
    }

    private void Keep(string problem)
    {
        // /health may be open to everybody, who need not know where things lie here.
        if (source.File is { } file) problem = problem.Replace(Path.GetFullPath(file), Path.GetFileName(file), StringComparison.Ordinal).Replace(file, Path.GetFileName(file), StringComparison.Ordinal);
        // A file that is looked at again and is still wrong is no news.
        if (live.State.Problem != problem) Refused(log, problem);
        live.Keep(problem);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The configuration was read again; changed: {Names}")]
    private static partial void Loaded(ILogger log, string names);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The configuration changed what needs a restart and stays as it was until then: {Names}")]
    private static partial void Waits(ILogger log, string names);

    [LoggerMessage(Level = LogLevel.Error, Message = "The configuration was refused; the one in force stays: {Problem}")]
    private static partial void Refused(ILogger log, string problem);
}
