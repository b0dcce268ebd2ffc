using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Ueq.Cli.Tests.Support;

namespace Ueq.Cli.Tests.Faults;

/// <summary>More requests than there is room for: each is answered, or refused with the time to come back, and afterwards all is as before.</summary>
[Trait("Suite", "Faults")]
public sealed class OverloadTests : IDisposable
{
    private const int Rows = 50, Callers = 32, Each = 60;

    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task OverloadLosesNoRequestAndPasses()
    {
        // Room for one that is predicted and three that wait.
        using ServeProcess server = await FaultService.Start(_folder, $"max_concurrent: 1\nmax_waiting_rows: {3 * Rows}");
        string steady = await FaultService.Predictions(server);
        string body = $$"""{"model": "line", "X": [{{string.Join(',', Enumerable.Repeat("[0.25,0.75]", Rows))}}]}""";
        ConcurrentDictionary<int, int> statuses = new();
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            for (int i = 0; i < Each; i++)
            {
                (int status, JsonNode? answer, System.Net.Http.Headers.HttpResponseHeaders headers) = await server.Send(HttpMethod.Post, "/predict", body);
                statuses.AddOrUpdate(status, 1, (_, count) => count + 1);
                if (status == 200) Assert.Equal(Rows, answer!["predictions"]!.AsArray().Count);
                else Assert.True(status is 503 or 429 && headers.RetryAfter is not null, $"{status}: {answer}");
            }
        })));
        Assert.Equal(Callers * Each, statuses.Values.Sum());
        Assert.True(statuses.GetValueOrDefault(200) > 0);
        for (int i = 0; i < 100; i++) Assert.Equal(steady, await FaultService.Predictions(server));
        FaultPage.Say("overload", $"{Callers} callers for 4 places: {statuses.GetValueOrDefault(200)} answered, {statuses.Where(pair => pair.Key != 200).Sum(pair => pair.Value)} refused with Retry-After, 0 lost; 100 of 100 answered afterwards");
    }
}
