using System.Diagnostics;
using System.Text.Json.Nodes;
using Ueq.Cli.Tests.Support;

namespace Ueq.Cli.Tests.Faults;

/// <summary>Models and settings that are exchanged again and again while requests run: nothing fails and nothing is left over.</summary>
[Trait("Suite", "Faults")]
public sealed class ReloadFaultTests : IDisposable
{
    private const int Callers = 3;
    private const long Growth = 64_000_000;

    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public Task ThreeHundredReloadsFailNoPrediction() => Reload(300);

    [Fact]
    [Trait("Category", "Long")]
    public Task TenThousandReloadsFailNoPrediction() => Reload(10_000);

    private async Task Reload(int reloads)
    {
        using ServeProcess server = await FaultService.Start(_folder);
        string[] known = new string[2];
        for (int version = 1; version <= 2; version++)
        {
            await Move(server, version);
            known[version - 1] = await FaultService.Predictions(server, """{"model": "line", "X": [[0.25, 0.75]]}""");
        }

        Assert.NotEqual(known[0], known[1]);
        bool goOn = true;
        long answered = 0;
        Task[] callers = [.. Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            while (Volatile.Read(ref goOn))
            {
                Assert.Contains(await FaultService.Predictions(server, """{"model": "line", "X": [[0.25, 0.75]]}"""), known);
                Interlocked.Increment(ref answered);
            }
        }))];
        string settings = await File.ReadAllTextAsync(_folder["service.yaml"], TestContext.Current.CancellationToken);
        (long Bytes, int Handles) warm = default;
        int files = 0;
        for (int i = 1; i <= reloads; i++)
        {
            if (callers.FirstOrDefault(caller => caller.IsFaulted) is { } failed) await failed;
            switch (i % 10)
            {
                // The answer means that what was asked for is served.
                case 3: await Change(server, "/v2/repository/models/line@challenger/unload", "{}"); break;
                case 4: await Change(server, "/v2/repository/models/line@challenger/load", "{}"); break;
                case 5:
                    // A file that is read again is said by /health; the watch looks at it in its own time.
                    int before = (int)(await server.Send(HttpMethod.Get, "/health")).Body!["config"]!["reloads"]!;
                    _folder.Write("service.yaml", $"{settings}max_rows: {1000 + i}\n");
                    await server.Until("/health", health => (int)health["config"]!["reloads"]! > before);
                    files++;
                    break;
                default: await Move(server, 1 + i % 2); break;
            }

            if (i == reloads / 10) warm = FaultService.Holds(server);
        }

        Volatile.Write(ref goOn, false);
        await Task.WhenAll(callers);
        (long bytes, int handles) = FaultService.Holds(server);
        long failures = (long)(await server.Send(HttpMethod.Get, "/health")).Body!["error_count"]!;
        FaultPage.Say(
            "reloads",
            $"{reloads} ({files} of the configuration, {reloads / 10 * 2} unloaded and loaded, the others aliases moved), {answered} predictions meanwhile, {failures} failed; {FaultPage.Megabytes(warm.Bytes)} in memory after a tenth, {FaultPage.Megabytes(bytes)} at the end; {warm.Handles} and {handles} handles");
        Assert.Equal(0, failures);
        Assert.True(bytes - warm.Bytes < Growth, $"{warm.Bytes} bytes after a tenth, {bytes} at the end");
        Assert.InRange(handles, 1, warm.Handles + 16);
    }

    private static Task Move(ServeProcess server, int version) => Change(server, "/models/line/aliases/champion", $$"""{"version": "{{version}}", "who": "test"}""");

    private static async Task Change(ServeProcess server, string path, string body)
    {
        (int status, JsonNode? answer, _) = await server.Send(HttpMethod.Post, path, body);
        Assert.True(status == 200, $"{path}: {status} {answer}");
    }
}
