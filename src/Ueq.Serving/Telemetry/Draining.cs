using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ueq.Serving.Telemetry;

/// <summary>The end of a service: on SIGTERM it says that it is no longer ready, goes on answering for a while, and then stops.</summary>
/// <remarks>
/// Whoever sends requests here learns of it by <c>/health/ready</c> and by <c>Connection: close</c>, and goes elsewhere; requests in flight
/// finish. A second signal, and Ctrl+C, skip the while.
/// </remarks>
internal sealed partial class Draining(LiveConfig config, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<Draining> log) : IHostLifetime, IDisposable
{
    private readonly List<PosixSignalRegistration> _signals = [];
    private volatile bool _isDraining;

    /// <summary>Whether no new traffic is wanted.</summary>
    public bool IsDraining => _isDraining || lifetime.ApplicationStopping.IsCancellationRequested;

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            Drain();
        }));
        foreach (PosixSignal at in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGQUIT])
        {
            _signals.Add(PosixSignalRegistration.Create(at, signal =>
            {
                signal.Cancel = true;
                lifetime.StopApplication();
            }));
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        foreach (PosixSignalRegistration signal in _signals) signal.Dispose();
    }

    /// <summary>Begins the end.</summary>
    public void Drain()
    {
        int seconds = config.Current.ShutdownDelaySeconds;
        bool again = _isDraining;
        _isDraining = true;
        if (!lifetime.ApplicationStarted.IsCancellationRequested)
        {
            // A start that is broken off is an error to the host; this one ends right after it, and nobody has been told of it yet.
            lifetime.ApplicationStarted.Register(lifetime.StopApplication);
            return;
        }

        if (again || seconds == 0)
        {
            lifetime.StopApplication();
            return;
        }

        Ends(log, seconds);
        _ = EndAsync(TimeSpan.FromSeconds(seconds));
    }

    private async Task EndAsync(TimeSpan delay)
    {
        try
        {
            await Task.Delay(delay, time, lifetime.ApplicationStopping);
        }
        catch (OperationCanceledException)
        {
            // Somebody was in a greater hurry.
        }

        lifetime.StopApplication();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "SIGTERM: no longer ready, answering for another {Seconds} s")]
    private static partial void Ends(ILogger log, int seconds);
}
