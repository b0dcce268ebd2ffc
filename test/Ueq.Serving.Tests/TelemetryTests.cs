using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Ueq.Serving.Telemetry;

namespace Ueq.Serving.Tests;

/// <summary>Traces, ids of requests, log files and readiness.</summary>
public sealed class TelemetryTests
{
    private const string Row = "{\"X\": [[1, 2, 3]]}";
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";

    [Fact]
    public async Task TheCallersTraceReachesTheCollectorWithTheModelsSpan()
    {
        MemoryStream received = new();
        string? key = null;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using WebApplication collector = builder.Build();
        collector.Urls.Add("http://127.0.0.1:0");
        collector.MapPost("/v1/traces", async (HttpContext http) =>
        {
            key = http.Request.Headers["x-key"];
            MemoryStream body = new();
            await http.Request.Body.CopyToAsync(body);
            lock (received) body.WriteTo(received);
        });
        await collector.StartAsync();
        TelemetryConfig telemetry = new() { OtlpEndpoint = collector.Urls.Single(), OtlpProtocol = TraceProtocol.Http, OtlpHeaders = "x-key=s3cret", ServiceName = "houses" };
        await using (Server server = await Server.Start(Fakes.Sum(), new UeqServiceConfig { Telemetry = telemetry }))
        {
            Assert.Equal(200, (await server.Send(HttpMethod.Post, "/predict", Row, ("traceparent", $"00-{Trace}-00f067aa0ba902b7-01"))).Status);
        }

        byte[] bytes = received.ToArray();
        Assert.True(bytes.AsSpan().IndexOf(Convert.FromHexString(Trace)) >= 0, "the caller's trace is not there");
        string text = Encoding.Latin1.GetString(bytes);
        Assert.Contains("ueq.rows", text, StringComparison.Ordinal);
        Assert.Contains("houses", text, StringComparison.Ordinal);
        Assert.Equal("s3cret", key);
    }

    [Fact]
    public async Task WithoutACollectorASpanCostsNothing()
    {
        await using Server server = await Server.Start(Fakes.Sum());
        ServedModel model = server.Models.Current;
        for (int i = 0; i < 100; i++) Assert.Null(Traces.Predict(model, 1));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++) Traces.Predict(model, 1);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public async Task TheCallersIdComesBackAndIsLoggedWhenItIsSane()
    {
        LogLines log = new();
        await using Server server = await Server.Start(Fakes.Sum(), null, log);
        (int _, string text, HttpResponseMessage answer) = await server.Send(HttpMethod.Post, "/predict", Row, ("X-Request-Id", "order-17/a"));
        Assert.Equal("order-17/a", answer.Headers.GetValues("X-Request-Id").Single());
        Assert.Contains("\"request_id\":1", text.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        foreach (string bad in new[] { new string('a', 65), "a b", "" })
            Assert.Matches("^[0-9]+$", (await server.Send(HttpMethod.Post, "/predict", Row, ("X-Request-Id", bad))).Answer.Headers.GetValues("X-Request-Id").Single());
        (int status, string _, HttpResponseMessage failed) = await server.Send(HttpMethod.Post, "/predict", "{\"X\": [[66.5, 2, 3]]}", ("X-Request-Id", "order-18"));
        Assert.Equal(500, status);
        Assert.Equal("order-18", failed.Headers.GetValues("X-Request-Id").Single());
        Assert.Equal(1, log.Count("failed (of the caller: order-18"));
        foreach (string path in new[] { "/health", "/health/live", "/model_info", "/errors" })
            Assert.Equal("order-19", (await server.Send(HttpMethod.Get, path, null, ("X-Request-Id", "order-19"))).Answer.Headers.GetValues("X-Request-Id").Single());
    }

    [Fact]
    public async Task LogFilesGiveWayToNewOnesAndOldOnesGo()
    {
        string folder = Directory.CreateTempSubdirectory("ueq-roll-").FullName;
        UeqServiceConfig config = new() { LogFile = Path.Combine(folder, "service.log"), Telemetry = new TelemetryConfig { LogFileMegabytes = 1, LogFilesKept = 2 } };
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.UseUeqLogging(config);
        await using (WebApplication app = builder.Build())
        {
#pragma warning disable CA1848, CA2254 // A few long lines, once.
            for (int i = 0; i < 64; i++) app.Logger.LogError(new string('x', 64 << 10));
#pragma warning restore CA1848, CA2254
        }

        Assert.Equal(2, Directory.GetFiles(folder).Length);
        Assert.All(Directory.GetFiles(folder), file => Assert.InRange(new FileInfo(file).Length, 1, (1 << 20) + (128 << 10)));
        Directory.Delete(folder, true);
    }

    [Fact]
    public async Task AServiceThatEndsIsLiveAndNotReady()
    {
        await using Server server = await Server.Start(Fakes.Sum(), new UeqServiceConfig { ShutdownDelaySeconds = 600 });
        Assert.Equal((200, "ready"), await Word(server, "/health/ready"));
        Assert.Equal((200, "live"), await Word(server, "/health/live"));
        server.Service<Draining>().Drain();
        Assert.Equal((503, "draining"), await Word(server, "/health/ready"));
        Assert.Equal((200, "live"), await Word(server, "/health/live"));
        Assert.Equal(503, (await server.Get("/health")).Status);
        (int status, string _, HttpResponseMessage answer) = await server.Send(HttpMethod.Post, "/predict", Row);
        Assert.Equal(200, status);
        Assert.True(answer.Headers.ConnectionClose);
    }

    private static async Task<(int, string?)> Word(Server server, string path)
    {
        (int status, System.Text.Json.JsonElement body) = await server.Get(path);
        return (status, body.GetProperty("status").GetString());
    }
}
