using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Ueq.Cli.Tests.Support;

namespace Ueq.Cli.Tests.Faults;

/// <summary>Requests of every address with something wrong in them, against <c>ueq serve</c> as the program that was built.</summary>
[Trait("Suite", "Faults")]
public sealed class MutatedRequestTests : IDisposable
{
    private const int Callers = 6;

    // Caches, pools and the store's pages fill during the first tenth; beyond it 300,000 requests of a run of their own added less than half of this.
    private const long Growth = 96_000_000;

    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public Task TwentyThousandMutatedRequestsDoNoHarm() => Send(20_000, 20_261_124);

    [Fact]
    [Trait("Category", "Long")]
    public Task AMillionMutatedRequestsDoNoHarm() => Send(1_000_000, 20_261_125);

    private async Task Send(long requests, ulong seed)
    {
        using ServeProcess server = await FaultService.Start(_folder, """
            cache: {models: ["*"]}
            microbatch_models: [line]
            test_models: true
            experiments:
              - {name: both, kind: ab, model: line, arms: {line: 0.5, line@challenger: 0.5}}
            """);
        string steady = await FaultService.Predictions(server);
        JsonNode receipted = (await server.Send(HttpMethod.Post, "/predict", """{"model": "line", "X": [[0.5, 0.5]], "receipts": true}""")).Body!;
        JsonObject document = (JsonObject)(await server.Send(HttpMethod.Get, "/openapi/v1.json")).Body!;
        IReadOnlyList<Specimen> specimens = Specimen.Of(document, (string)receipted["receipts"]![0]!);
        Mutation mutation = new(specimens, seed);
        ConcurrentDictionary<int, long> statuses = new();
        long next = 0, warm = 0;
        long started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            using Wire wire = new(server.Client.BaseAddress!);
            for (long number; (number = Interlocked.Increment(ref next)) <= requests;)
            {
                MutatedRequest request = mutation.Make(number);
                WireAnswer answer;
                try
                {
                    answer = await wire.Ask(request);
                }
                catch (TimeoutException e)
                {
                    throw new InvalidOperationException(Story(number, seed, request, e.Message, server), e);
                }

                statuses.AddOrUpdate(answer.Status, 1, (_, count) => count + 1);
                if (Fault(request, answer) is { } fault) throw new InvalidOperationException(Story(number, seed, request, fault, server));
                if (number % 500 == 0) Assert.Equal(steady, await FaultService.Predictions(server));
                if (number == requests / 10) Interlocked.Exchange(ref warm, FaultService.Holds(server).Bytes);
            }
        })));
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Assert.Equal(steady, await FaultService.Predictions(server));
        (long end, int handles) = FaultService.Holds(server);
        Assert.DoesNotContain("Unhandled", server.Said, StringComparison.Ordinal);
        FaultPage.Say(
            "mutated requests",
            $"{requests} of {specimens.Count} sound ones of {((JsonObject)document["paths"]!).Count} addresses, seed {seed}, in {seconds:0} s; {Counted(statuses)}; {FaultPage.Megabytes(warm)} in memory after a tenth, {FaultPage.Megabytes(end)} at the end");
        Assert.True(end - warm < Growth, $"{warm} bytes after {requests / 10} requests, {end} after {requests}");
        Assert.InRange(handles, 1, 400);
    }

    /// <summary>What is wrong with an answer. A service may refuse (4xx), be busy (503 with Retry-After) or not know the version of HTTP (505).</summary>
    private static string? Fault(MutatedRequest request, WireAnswer answer) => answer.Status switch
    {
        0 => request.IsFramed ? "the connection was closed without an answer" : null,
        503 => answer.HasRetryAfter ? null : $"503 without Retry-After: {answer.Text}",
        505 => request.IsFramed ? "505" : null,
        >= 500 => $"{answer.Status}: {answer.Text}",
        _ => null,
    };

    // Everything that it takes to send this very request again.
    private static string Story(long number, ulong seed, MutatedRequest request, string fault, ServeProcess server)
    {
        StringBuilder bytes = new();
        foreach (byte b in request.Bytes.Take(4000)) bytes.Append(b is >= 32 and < 127 and not (byte)'\\' and not (byte)'\'' and not (byte)'%' ? ((char)b).ToString() : $"\\{Convert.ToString(b, 8).PadLeft(3, '0')}");
        string said = server.Process.HasExited ? $"the service has ended with {server.Process.ExitCode}; " : "";
        return $"request {number} of seed {seed}, {request.Bytes.Length} bytes: {fault}\nprintf '{bytes}' | nc 127.0.0.1 PORT\n{said}it said: {server.Said[^Math.Min(4000, server.Said.Length)..]}";
    }

    private static string Counted(IEnumerable<KeyValuePair<int, long>> statuses) =>
        string.Join(", ", statuses.OrderBy(pair => pair.Key).Select(pair => pair.Key == 0 ? $"closed x {pair.Value}" : $"{pair.Key} x {pair.Value}"));
}
