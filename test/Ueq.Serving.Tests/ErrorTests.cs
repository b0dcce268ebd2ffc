using System.Text.Json;
using Ueq.Remote;
using Ueq.Versions;

namespace Ueq.Serving.Tests;

/// <summary>Errors by type, and the circuit of a model that is on another server: here another service of ours.</summary>
public sealed class ErrorTests
{
    private const string Good = """{"X": [[1, 2, 3]]}""", Bad = """{"X": [[66.5, 2, 3]]}""";

    [Fact]
    public async Task ARemoteModelThatFailsBreaksItsCircuitAndComesBack()
    {
        await using Server backend = await Server.Start(Fakes.Sum());
        using RemoteModel remote = RemoteModel.Connect(backend.Address, new RemoteOptions { Model = "y", Retries = 1, RetryDelay = TimeSpan.FromMilliseconds(1), BreakFor = TimeSpan.FromSeconds(1) });
        await using Server server = await Server.Start(Behind(remote));
        Assert.Equal(6, (await server.Predict(Good)).GetProperty("predictions")[0].GetDouble());
        JsonElement circuit = await Circuit(server);
        Assert.Equal(("closed", 0L), (circuit.GetProperty("state").GetString(), circuit.GetProperty("failures").GetInt64()));

        int failed = 0;
        do
        {
            (int status, string body) = await server.Post("/predict", Bad);
            Assert.Equal(502, status);
            Assert.Contains("the server that the model is on", body, StringComparison.Ordinal);
            Assert.DoesNotContain("127.0.0.1", body, StringComparison.Ordinal);
            failed++;
        }
        while ((await Circuit(server)).GetProperty("state").GetString() == "closed" && failed < 100);

        // The circuit is open: rows that the model could answer are not asked for.
        circuit = await Circuit(server);
        Assert.Equal("open", circuit.GetProperty("state").GetString());
        Assert.Equal(backend.Address.Authority, circuit.GetProperty("host").GetString());
        Assert.True(circuit.GetProperty("retries").GetInt64() > 0);
        long attempts = circuit.GetProperty("attempts").GetInt64();
        Assert.Equal(502, (await server.Post("/predict", Good)).Status);
        circuit = await Circuit(server);
        Assert.Equal(attempts, circuit.GetProperty("attempts").GetInt64());
        Assert.Equal(failed + 1, circuit.GetProperty("failures").GetInt64());
        JsonElement health = (await server.Get("/health")).Body;
        Assert.Equal(failed + 1, health.GetProperty("error_count").GetInt64());
        Assert.Equal(failed + 1, health.GetProperty("errors").GetProperty("by_type").GetProperty("RemoteModelException").GetProperty("count").GetInt64());

        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(20));
        while ((await server.Post("/predict", Good)).Status != 200) await Task.Delay(20, limit.Token);
        Assert.Equal("closed", (await Circuit(server)).GetProperty("state").GetString());
    }

    [Fact]
    public async Task ErrorsAreCountedByTypeAndForgottenOnRequest()
    {
        await using Server server = await Server.Start(Fakes.Sum());
        Assert.Empty(Types(await server.Get("/errors")));
        for (int i = 0; i < 3; i++) Assert.Equal(500, (await server.Post("/predict", Bad)).Status);
        Assert.Equal(500, (await server.Post("/predict", """{"X": [[77.5, 2, 3]]}""")).Status);
        Assert.Equal(400, (await server.Post("/predict", """{"X": [[1, 2]]}""")).Status);
        Assert.Equal([("InvalidOperationException", 3L), ("ModelAnswerException", 1L)], Types(await server.Get("/errors")));

        (int status, string body) = await server.Post("/errors/reset", """{"who": "ann"}""");
        Assert.Equal((200, 4), (status, JsonDocument.Parse(body).RootElement.GetProperty("forgotten").GetInt32()));
        Assert.Empty(Types(await server.Get("/errors")));
        Assert.Contains("\"reset_errors\"", (await server.Get("/audit")).Body.GetRawText(), StringComparison.Ordinal);
        // What has happened stays: error_count is a figure of the service's life.
        Assert.Equal(4, (await server.Get("/health")).Body.GetProperty("error_count").GetInt64());
        Assert.Equal(500, (await server.Post("/predict", Bad)).Status);
        Assert.Equal([("InvalidOperationException", 1L)], Types(await server.Get("/errors")));
    }

    [Fact]
    public async Task OnlySomebodyCanReset()
    {
        await using Server server = await Server.Start(Fakes.Sum());
        Assert.Equal(400, (await server.Post("/errors/reset", "{}")).Status);
        Assert.Equal(405, (await server.Send(HttpMethod.Get, "/errors/reset", null)).Status);
        Assert.Equal(403, (await server.Send(HttpMethod.Post, "/errors/reset", """{"who": "eve"}""", ("Origin", "http://evil"))).Status);
    }

    private static ModelVersion Behind(RemoteModel remote)
    {
        FeatureMatrix x = new(Enumerable.Range(0, 300).Select(i => i % 7f).ToArray(), 3);
        double[] y = new double[x.Rows];
        for (int i = 0; i < y.Length; i++) y[i] = x.Row(i)[0] + x.Row(i)[1] + x.Row(i)[2] + i % 3;
        ModelVersion sum = Fakes.Sum();
        return new ModelVersion(sum.Manifest, Uq.Calibrate(new RemoteRegressor(remote, new RemoteOutput("mean")), x, y), default, Fakes.Digest);
    }

    private static async Task<JsonElement> Circuit(Server server) => (await server.Get("/errors")).Body.GetProperty("circuits").GetProperty("models")[0];

    private static IEnumerable<(string, long)> Types((int Status, JsonElement Body) answer)
    {
        Assert.Equal(200, answer.Status);
        return answer.Body.GetProperty("errors").GetProperty("by_type").EnumerateObject().Select(e => (e.Name, e.Value.GetProperty("count").GetInt64()));
    }
}
