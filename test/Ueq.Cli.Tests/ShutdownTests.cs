using Ueq.Cli.Tests.Support;

namespace Ueq.Cli.Tests;

/// <summary>The end of a service that is asked all the while.</summary>
[Trait("Suite", "Faults")]
public sealed class ShutdownTests : IDisposable
{
    private readonly Folder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task NoRequestIsLostWhenAServiceEnds()
    {
        using ServeProcess server = await ServeProcess.Start(_folder, _folder.Write("c.yaml", "shutdown_delay_seconds: 5\n"), "--urls", "http://127.0.0.1:0");
        string body = $"{{\"X\": [{ServeProcess.Row}]}}";
        bool goOn = true;
        int answered = 0, whileDraining = 0;
        bool draining = false;
        Task[] callers = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (Volatile.Read(ref goOn))
            {
                bool late = Volatile.Read(ref draining);
                Assert.Equal(200, (await server.Send(HttpMethod.Post, "/predict", body)).Status);
                Interlocked.Increment(ref answered);
                if (late) Interlocked.Increment(ref whileDraining);
            }
        }, Cancellation))];
        while (Volatile.Read(ref answered) < 50) await Task.Delay(5, Cancellation);
        UeqCommand.Signal(server.Process, "TERM");
        // As a balancer does: asks whether it is ready, and sends nothing more once it is not.
        while ((await server.Send(HttpMethod.Get, "/health/ready")).Status == 200) await Task.Delay(5, Cancellation);
        Volatile.Write(ref draining, true);
        int before = Volatile.Read(ref answered);
        while (Volatile.Read(ref answered) < before + 20) await Task.Delay(5, Cancellation);
        Volatile.Write(ref goOn, false);
        await Task.WhenAll(callers);
        Assert.True(Volatile.Read(ref whileDraining) > 0);
        await server.Process.WaitForExitAsync(Cancellation);
        Assert.Equal(0, server.Process.ExitCode);
        Assert.DoesNotContain("   at ", server.Said, StringComparison.Ordinal);
        await Assert.ThrowsAsync<HttpRequestException>(() => server.Send(HttpMethod.Get, "/health/live"));
    }

    [Fact]
    public async Task ASecondSignalEndsAtOnceWithoutATrace()
    {
        using ServeProcess server = await ServeProcess.Start(_folder, _folder.Write("c.yaml", "shutdown_delay_seconds: 3600\n"), "--urls", "http://127.0.0.1:0");
        UeqCommand.Signal(server.Process, "TERM");
        await server.Until("/health/ready", ready => (string?)ready["status"] == "draining");
        Assert.Equal(0, await server.Stop());
        Assert.DoesNotContain("   at ", server.Said, StringComparison.Ordinal);
    }
}
