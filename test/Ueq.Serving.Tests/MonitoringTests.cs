using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Ueq.Serving.Endpoints;

namespace Ueq.Serving.Tests;

/// <summary>Alarms from the row to the audit log, over restarts.</summary>
public sealed class MonitoringTests : IDisposable
{
    private static readonly string Usual = Rows(2000, 0), Moved = Rows(600, 3);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ueq-monitoring-");

    private string Store => Path.Combine(_folder.FullName, "ueq.db");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task EverySignalIsShownWithItsEvidenceAndItsEffect()
    {
        await using Server server = await Server.Start(Fakes.Sum(reference: true));
        await server.Predict(Usual);
        JsonElement monitoring = await server.Until("/monitoring", m => m.GetProperty("rows").GetInt64() == 2000);
        Assert.Equal(("y", Fakes.Digest, false), (monitoring.GetProperty("model").GetString(), monitoring.GetProperty("version").GetString(), monitoring.GetProperty("frozen").GetBoolean()));
        Assert.Equal(1, monitoring.GetProperty("guarantee").GetProperty("false_alarms_per_year").GetDouble());
        Assert.Equal(["f0", "f1", "f2", "prediction", "size"], monitoring.GetProperty("signals").EnumerateArray().Select(s => s.GetProperty("name").GetString()));
        JsonElement signal = monitoring.GetProperty("signals")[0];
        Assert.Equal("healthy", signal.GetProperty("state").GetString());
        Assert.True(signal.GetProperty("evidence_log10").GetDouble() < signal.GetProperty("threshold_log10").GetDouble());
        Assert.InRange(signal.GetProperty("effect").GetProperty("ks").GetDouble(), 0, 0.1);
    }

    [Fact]
    public async Task AnAlarmOpensOneIncidentPerSignalAndItsEndClosesIt()
    {
        await using Server server = await Server.Start(Fakes.Sum(reference: true), new UeqServiceConfig { DwellSeconds = 0 });
        await server.Predict(Usual);
        await server.Predict(Moved);
        JsonElement[] open = await Incidents(server, "?state=open", count: 4);
        Assert.All(open, i => Assert.Equal(1, i.GetProperty("epoch").GetInt32()));
        await server.Until("/health", h => h.GetProperty("store").GetProperty("incidents_open").GetInt32() == 4);
        string id = open[0].GetProperty("id").GetString()!;
        Assert.Equal("opened", (await server.Get($"/incidents/{id}")).Body.GetProperty("timeline")[0].GetProperty("kind").GetString());
        for (int i = 0; i < 3; i++) await server.Predict(Usual);
        JsonElement[] closed = await Incidents(server, "?state=closed", count: 4);
        JsonElement one = (await server.Get($"/incidents/{id}")).Body;
        Assert.Equal(["opened", "recovering", "closed"], Kinds(one));
        Assert.Equal(4, (await Incidents(server, "", 4)).Length);
        Assert.Equal(JsonValueKind.String, closed[0].GetProperty("closed_at").ValueKind);
    }

    [Fact]
    public async Task ARestartLosesNoStateAndRepeatsNoAlarm()
    {
        UeqServiceConfig config = new() { Store = Store };
        string[] before, timeline;
        using (LogLines first = new())
        {
            await using Server server = await Server.Start(Fakes.Sum(reference: true), config, first);
            await server.Predict(Usual);
            await server.Predict(Moved);
            JsonElement[] open = await Incidents(server, "?state=open", count: 4);
            before = [.. open.Select(i => i.GetRawText())];
            timeline = [.. open[0].GetProperty("id").GetString() is { } id ? [(await server.Get($"/incidents/{id}")).Body.GetRawText()] : Array.Empty<string>()];
            await server.Post($"/incidents/{open[0].GetProperty("id").GetString()}/acknowledge", """{"who":"ada","note":"mine"}""");
            Assert.Equal(4, first.Count("opened"));
        }

        using LogLines second = new();
        await using Server again = await Server.Start(Fakes.Sum(reference: true), config, second);
        JsonElement monitoring = await again.Until("/monitoring", m => m.GetProperty("rows").GetInt64() == 2600);
        Assert.Equal("alarm", monitoring.GetProperty("state").GetString());
        Assert.Equal(4, (await Incidents(again, "?state=open", count: 4)).Length);
        await again.Predict(Moved);
        await again.Until("/monitoring", m => m.GetProperty("rows").GetInt64() == 3200);
        JsonElement[] after = await Incidents(again, "", count: 4);
        Assert.Equal(before.Length, after.Length);
        Assert.Equal("ada", Assert.Single(after, i => i.GetProperty("acknowledged_by").GetString() is not null).GetProperty("acknowledged_by").GetString());
        Assert.Equal(0, second.Count("opened"));
        Assert.NotEmpty(timeline);
    }

    [Fact]
    public async Task AServiceThatDiedBetweenTheAlarmAndTheSavingOfItsStateRaisesNoSecondIncident()
    {
        UeqServiceConfig config = new() { Store = Store };
        await using (Server server = await Server.Start(Fakes.Sum(reference: true), config)) await server.Predict(Usual);
        Task<Storage.UeqStore> Open() => Storage.UeqStore.OpenAsync(new Storage.StoreOptions { Store = Store }, TimeProvider.System, default);
        Storage.StoredState before;
        await using (Storage.UeqStore store = await Open()) before = (await store.LoadStateAsync("y", Fakes.Digest, "watch", default))!;
        await using (Server server = await Server.Start(Fakes.Sum(reference: true), config))
        {
            await server.Predict(Moved);
            await Incidents(server, "?state=open", count: 4);
        }

        // As a process leaves the store that is killed after the incidents were saved and before the state was.
        await using (Storage.UeqStore store = await Open()) await store.SaveStateAsync("y", Fakes.Digest, "watch", before.State, 0, default);
        using LogLines lines = new();
        await using Server again = await Server.Start(Fakes.Sum(reference: true), config, lines);
        await again.Until("/monitoring", m => m.GetProperty("rows").GetInt64() == 2000);
        await again.Predict(Moved);
        await again.Until("/monitoring", m => m.GetProperty("rows").GetInt64() == 2600 && m.GetProperty("signals")[0].GetProperty("epoch").GetInt32() == 1);
        await Incidents(again, "", count: 4);
        foreach (JsonElement incident in await Incidents(again, "?state=open", count: 4))
            Assert.Equal(["opened"], Kinds((await again.Get($"/incidents/{incident.GetProperty("id").GetString()}")).Body));
        Assert.Equal(0, lines.Count("opened"));
    }

    [Fact]
    public async Task WhatWasRebaselinedIsTheReferenceAfterARestartToo()
    {
        UeqServiceConfig config = new() { Store = Store };
        await using (Server server = await Server.Start(Fakes.Sum(reference: true), config))
        {
            await server.Predict(Usual);
            await server.Predict(Moved);
            await Incidents(server, "?state=open", count: 4);
            await server.Predict(Moved);
            await Done(server, "/monitoring/rebaseline", """{"who": "ada", "note": "the new sensor"}""");
        }

        using LogLines lines = new();
        await using Server again = await Server.Start(Fakes.Sum(reference: true), config, lines);
        JsonElement signal = (await again.Until("/monitoring", m => m.GetProperty("rows").GetInt64() == 3200)).GetProperty("signals")[0];
        Assert.Equal(("healthy", 1), (signal.GetProperty("state").GetString(), signal.GetProperty("epoch").GetInt32()));
        await again.Predict(Moved);
        Assert.Equal("healthy", (await again.Until("/monitoring", m => m.GetProperty("rows").GetInt64() == 3800)).GetProperty("signals")[0].GetProperty("state").GetString());
        await Incidents(again, "?state=closed", count: 4);
        Assert.Equal(0, lines.Count("opened"));
        Assert.EndsWith(": the new sensor", (await again.Get("/audit")).Body.GetProperty("audit")[0].GetProperty("after").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhoKnowsAcknowledgesSilencesAndRebaselinesAndTheAuditSaysSo()
    {
        await using Server server = await Server.Start(Fakes.Sum(reference: true), new UeqServiceConfig { Store = Store });
        await server.Predict(Usual);
        await server.Predict(Moved);
        JsonElement[] open = await Incidents(server, "?state=open", count: 4);
        string id = open[0].GetProperty("id").GetString()!;
        JsonElement noted = await Done(server, $"/incidents/{id}/acknowledge", """{"who": "ada", "note": "looking"}""");
        Assert.Equal("ada", noted.GetProperty("acknowledged_by").GetString());

        string until = DateTimeOffset.UtcNow.AddHours(1).ToString("O");
        JsonElement silence = await Done(server, "/silences", $$"""{"who": "ada", "reason": "new sensor", "until": "{{until}}"}""");
        Assert.All(await Incidents(server, "?state=open", count: 4), i => Assert.True(i.GetProperty("silenced").GetBoolean()));
        Assert.Equal(1, (await server.Get("/silences")).Body.GetProperty("silences").GetArrayLength());
        using (HttpResponseMessage lifted = await server.Client.DeleteAsync(new Uri($"/silences/{silence.GetProperty("id").GetString()}?who=bob", UriKind.Relative)))
            Assert.Equal(HttpStatusCode.OK, lifted.StatusCode);
        Assert.All(await Incidents(server, "?state=open", count: 4), i => Assert.False(i.GetProperty("silenced").GetBoolean()));

        await server.Predict(Moved);
        await server.Until("/monitoring", m => m.GetProperty("rows").GetInt64() == 3200);
        JsonElement rebaselined = await Done(server, "/monitoring/rebaseline", """{"who": "ada", "note": "the new sensor"}""");
        Assert.Equal(4, rebaselined.GetProperty("rebaselined").GetArrayLength());
        await Incidents(server, "?state=closed", count: 4);
        JsonElement one = (await server.Get($"/incidents/{id}")).Body;
        Assert.Equal(["opened", "acknowledged", "silenced", "rebaselined", "closed"], Kinds(one));

        Assert.True((await Done(server, "/monitoring/freeze", """{"who":"bob"}""")).GetProperty("frozen").GetBoolean());
        Assert.True((await server.Get("/monitoring")).Body.GetProperty("frozen").GetBoolean());
        Assert.False((await Done(server, "/monitoring/resume", """{"who":"bob"}""")).GetProperty("frozen").GetBoolean());
        JsonElement[] audit = [.. (await server.Get("/audit")).Body.GetProperty("audit").EnumerateArray()];
        Assert.Equal(["resume", "freeze", "rebaseline", "lift_silence", "silence", "acknowledge"], audit.Select(a => a.GetProperty("action").GetString()));
        Assert.Equal(["bob", "bob", "ada", "bob", "ada", "ada"], audit.Select(a => a.GetProperty("who").GetString()));
        JsonElement page = (await server.Get($"/audit?limit=2&before={audit[1].GetProperty("sequence").GetInt64()}")).Body.GetProperty("audit");
        Assert.Equal(["rebaseline", "lift_silence"], page.EnumerateArray().Select(a => a.GetProperty("action").GetString()));
    }

    [Theory]
    [InlineData("/monitoring/freeze", "{}", 400, "$.who")]
    [InlineData("/monitoring/freeze", "{\"who\":\"\"}", 400, "$.who")]
    [InlineData("/monitoring/freeze", "{\"who\":7}", 400, "$.who: expected a text, got 7")]
    [InlineData("/monitoring/freeze", "{\"whom\":\"ada\"}", 400, "did you mean \\\"who\\\"?")]
    [InlineData("/monitoring/freeze", "{\"who\":\"a\",\"who\":\"b\"}", 400, "got it twice")]
    [InlineData("/monitoring/freeze", "[]", 400, "expected an object")]
    [InlineData("/monitoring/freeze", "{\"who\":\"a\"", 400, "ends too early")]
    [InlineData("/incidents/0000000000000000/acknowledge", "{\"who\":\"ada\"}", 404, "0000000000000000")]
    [InlineData("/silences", "{\"who\":\"ada\",\"reason\":\"r\",\"until\":\"soon\"}", 400, "$.until: expected a time such as")]
    [InlineData("/silences", "{\"who\":\"ada\",\"reason\":\"r\",\"until\":\"2001-01-01T00:00:00Z\"}", 400, "$.until: expected a time after")]
    [InlineData("/silences", "{\"who\":\"ada\",\"reason\":\"r\",\"until\":\"2001-01-01T00:00:00Z\",\"signal\":\"nonsense\"}", 400, "$.until")]
    [InlineData("/monitoring/rebaseline", "{\"note\":\"n\"}", 400, "$.who")]
    public async Task ACallThatIsWrongSaysWhere(string path, string body, int status, string expected)
    {
        await using Server server = await Server.Start(Fakes.Sum(reference: true));
        await server.Service<Keeping.StoreKeeper>().Opened;
        (int got, string text) = await server.Post(path, body);
        Assert.Contains(expected, text, StringComparison.Ordinal);
        Assert.Equal(status, got);
    }

    [Theory]
    [InlineData("/incidents?state=odd", "?state: expected open, recovering or closed")]
    [InlineData("/incidents?stat=open", "did you mean \\\"state\\\"?")]
    [InlineData("/incidents?limit=0", "?limit: expected a whole number from 1 to 1000")]
    [InlineData("/incidents?before=yesterday", "?before: expected a time")]
    [InlineData("/audit?before=x", "?before: expected a whole number")]
    [InlineData("/monitoring?x=1", "?x: unknown key")]
    public async Task AQueryThatIsWrongSaysWhere(string path, string expected)
    {
        await using Server server = await Server.Start(Fakes.Sum(reference: true));
        (int status, JsonElement body) = await server.Get(path);
        Assert.Equal(400, status);
        Assert.Contains(expected, body.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OnlyThisMachineMayChangeAnything()
    {
        await using Server server = await Server.Start(Fakes.Sum(reference: true));
        foreach (string header in new[] { "X-Forwarded-For", "Forwarded", "Origin" })
        {
            using HttpRequestMessage call = new(HttpMethod.Post, "/monitoring/freeze") { Content = new StringContent("""{"who":"eve"}""", null, "application/json") };
            call.Headers.TryAddWithoutValidation(header, "http://evil.example");
            using HttpResponseMessage answer = await server.Client.SendAsync(call);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.Contains(header, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        DefaultHttpContext away = new();
        away.Connection.RemoteIpAddress = IPAddress.Parse("192.0.2.7");
        Assert.Contains("192.0.2.7", Assert.Throws<Wire.RefusalException>(() => AdminCall.RequireLocal(away)).Message, StringComparison.Ordinal);
        away.Connection.RemoteIpAddress = IPAddress.Parse("::ffff:127.0.0.1");
        AdminCall.RequireLocal(away);
        Assert.Equal(405, (await server.Get("/silences/1")).Status);
        Assert.Equal(405, (await server.Post("/monitoring", "{}")).Status);
    }

    [Fact]
    public async Task AStoreThatFailsIsShownAndPredictionsGoOn()
    {
        await File.WriteAllTextAsync(Store, new string('x', 5000));
        await using Server server = await Server.Start(Fakes.Sum(reference: true), new UeqServiceConfig { Store = Store });
        await server.Until("/health", h => h.GetProperty("store").GetProperty("state").GetString() == "failing");
        await server.Predict(Usual);
        JsonElement health = (await server.Get("/health")).Body;
        Assert.True(health.GetProperty("is_healthy").GetBoolean());
        Assert.Contains("is damaged", health.GetProperty("store").GetProperty("problem").GetString(), StringComparison.Ordinal);
        Assert.True(health.GetProperty("store").GetProperty("errors").GetInt64() > 0);
        (int status, JsonElement body) = await server.Get("/incidents");
        Assert.Equal(503, status);
        Assert.Contains("is damaged", body.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(503, (await server.Post("/monitoring/freeze", """{"who":"ada"}""")).Status);
        Assert.False((await server.Get("/monitoring")).Body.GetProperty("frozen").GetBoolean());
    }

    [Fact]
    public async Task AStateThatCannotBeUsedBeginsAnewAndSaysSo()
    {
        UeqServiceConfig config = new() { Store = Store };
        await using (Server server = await Server.Start(Fakes.Sum(reference: true), config))
        {
            await server.Predict(Usual);
            await server.Until("/monitoring", m => m.GetProperty("rows").GetInt64() == 2000);
        }

        await using (Storage.UeqStore store = await Storage.UeqStore.OpenAsync(new Storage.StoreOptions { Store = Store }, TimeProvider.System, default))
        {
            Assert.NotNull(await store.LoadStateAsync("y", Fakes.Digest, "watch", default));
            await store.SaveStateAsync("y", Fakes.Digest, "watch", new byte[] { 1, 2, 3 }, 0, default);
        }

        using LogLines lines = new();
        await using Server again = await Server.Start(Fakes.Sum(reference: true), config, lines);
        await again.Predict(Usual);
        await again.Until("/monitoring", m => m.GetProperty("rows").GetInt64() == 2000);
        Assert.Equal(1, lines.Count("begins anew"));
    }

    // Whether the effect has grown since the alarm depends on which rows were looked at together.
    private static IEnumerable<string?> Kinds(JsonElement incident) =>
        incident.GetProperty("timeline").EnumerateArray().Select(e => e.GetProperty("kind").GetString()).Where(kind => kind != "evidence");

    private static async Task<JsonElement> Done(Server server, string path, string body)
    {
        (int status, string text) = await server.Post(path, body);
        Assert.True(status is 200 or 201, $"{status}: {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    private static async Task<JsonElement[]> Incidents(Server server, string query, int count)
    {
        JsonElement all = await server.Until($"/incidents{query}", i => i.TryGetProperty("incidents", out JsonElement found) && found.GetArrayLength() == count);
        return [.. all.GetProperty("incidents").EnumerateArray()];
    }

    private static string Rows(int count, double shift)
    {
        Rng rng = Rng.Stream(11, (ulong)shift);
        string[] rows = new string[count];
        for (int i = 0; i < rows.Length; i++) rows[i] = FormattableString.Invariant($"[{shift + rng.NextNormal():0.0000},{shift + rng.NextNormal():0.0000},{shift + rng.NextNormal():0.0000}]");
        return $"{{\"X\":[{string.Join(",", rows)}]}}";
    }
}
