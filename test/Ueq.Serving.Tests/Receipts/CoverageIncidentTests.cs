using System.Globalization;
using System.Text.Json;

namespace Ueq.Serving.Tests.Receipts;

/// <summary>What people hear of lost coverage.</summary>
public sealed class CoverageIncidentTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ueq-labels-").FullName;

    private UeqServiceConfig Config => new() { ReceiptKey = new string('k', 40), Store = Path.Combine(_folder, "ueq.db") };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task LostCoverageIsOneIncidentUntilItHasRecoveredAlsoOverARestart()
    {
        string id;
        using (LogLines first = new())
        {
            await using Server server = await Server.Start(Fakes.Sum(reference: true), Config, first);
            await Label(server, 200, missEvery: 2);
            // It opens with the first evidence and grows with what comes after.
            JsonElement open = (await server.Until("/incidents?state=open", i => i.TryGetProperty("incidents", out JsonElement found) && found.GetArrayLength() == 1
                && found[0].GetProperty("severity").GetString() == "high")).GetProperty("incidents")[0];
            id = open.GetProperty("id").GetString()!;
            Assert.Equal(("coverage", "coverage", 1, "high"), (open.GetProperty("signal").GetString(), open.GetProperty("kind").GetString(), open.GetProperty("epoch").GetInt32(), open.GetProperty("severity").GetString()));
            Assert.StartsWith("Coverage is lost: ", open.GetProperty("message").GetString(), StringComparison.Ordinal);
            Assert.Equal(1, first.Count($"Incident {id} opened"));
            await server.Until("/health", h => h.GetProperty("store").GetProperty("incidents_open").GetInt32() == 1);
            // Metrics show what was open when last looked, which is a moment after the store has it.
            using CancellationTokenSource limit = new(TimeSpan.FromMinutes(1));
            while (!(await server.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative), limit.Token)).Split('\n').Any(line =>
                line.StartsWith("ueq_incidents_open{", StringComparison.Ordinal) && line.Contains("severity=\"high\"", StringComparison.Ordinal) && line.EndsWith(" 1", StringComparison.Ordinal)))
                await Task.Delay(10, limit.Token);
            (int status, string text) = await server.Post($"/incidents/{id}/acknowledge", """{"who":"ada","note":"looking"}""");
            Assert.True(status == 200, text);
            Assert.Equal(id, (await server.Get("/audit")).Body.GetProperty("audit")[0].GetProperty("subject").GetString());
        }

        using LogLines second = new();
        await using Server again = await Server.Start(Fakes.Sum(reference: true), Config, second);
        await again.Until("/coverage", c => c.GetProperty("state").GetString() == "alarm");
        await Label(again, 100, missEvery: 2);
        Assert.Equal(["opened", "evidence", "acknowledged"], await Timeline(again, id));
        await Label(again, 3000, missEvery: int.MaxValue);
        JsonElement closed = await One(again, "closed");
        Assert.Equal(id, closed.GetProperty("id").GetString());
        Assert.Equal(["opened", "evidence", "acknowledged", "recovering", "closed"], await Timeline(again, id));
        Assert.Equal(0, second.Count("opened"));
        Assert.Equal(1, second.Count($"Incident {id} closed"));
        Assert.Equal("healthy", (await again.Get("/coverage")).Body.GetProperty("state").GetString());
        await again.Until("/health", h => h.GetProperty("store").GetProperty("incidents_open").GetInt32() == 0);
    }

    [Fact]
    public async Task TwoReplicasOfOneStoreRaiseOneIncident()
    {
        await using Server one = await Server.Start(Fakes.Sum(reference: true), Config);
        await using Server other = await Server.Start(Fakes.Sum(reference: true), Config);
        await Label(one, 200, missEvery: 2);
        await other.Until("/coverage", c => c.GetProperty("labels").GetInt64() == 200);
        string id = (await One(one, "open")).GetProperty("id").GetString()!;
        Assert.Equal(id, (await One(other, "open")).GetProperty("id").GetString());
        Assert.Equal(["opened"], (await Timeline(other, id))[..1]);
        Assert.Single(await Timeline(other, id), "opened");
    }

    [Fact]
    public async Task CallsAboutCoverageCanBeSilenced()
    {
        await using Server server = await Server.Start(Fakes.Sum(reference: true), Config);
        await server.Service<Keeping.StoreKeeper>().Opened;
        string until = DateTime.UtcNow.AddHours(1).ToString("O", CultureInfo.InvariantCulture);
        (int status, string text) = await server.Post("/silences", $"{{\"who\":\"ada\",\"reason\":\"a holiday\",\"until\":\"{until}\",\"signal\":\"coverage\"}}");
        Assert.True(status is 200 or 201, text);
        await Label(server, 200, missEvery: 2);
        Assert.Equal(["opened", "silenced"], (await Timeline(server, (await One(server, "open")).GetProperty("id").GetString()!))[..2]);
    }

    // The intervals reach 1.5 to either side of the prediction.
    private static async Task Label(Server server, int rows, int missEvery)
    {
        JsonElement answer = await server.Predict($"{{\"X\":[{string.Join(",", Enumerable.Repeat("[0,0,0]", rows))}],\"monitor\":false,\"receipts\":true}}");
        IEnumerable<string> labels = answer.GetProperty("receipts").EnumerateArray().Select((receipt, i) => $"{{\"receipt\":\"{receipt}\",\"y\":{((i + 1) % missEvery == 0 ? 2 : 1)}}}");
        (int status, string text) = await server.Post("/feedback", $"{{\"labels\":[{string.Join(",", labels)}]}}");
        Assert.True(status == 200, text);
    }

    private static async Task<JsonElement> One(Server server, string state) =>
        (await server.Until($"/incidents?signal=coverage&state={state}", i => i.TryGetProperty("incidents", out JsonElement found) && found.GetArrayLength() == 1)).GetProperty("incidents")[0];

    private static async Task<string[]> Timeline(Server server, string id) =>
        [.. (await server.Get($"/incidents/{id}")).Body.GetProperty("timeline").EnumerateArray().Select(entry => entry.GetProperty("kind").GetString()!)];
}
