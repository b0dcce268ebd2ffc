using System.Globalization;
using System.Text.Json;
using Ueq.Versions;

namespace Ueq.Serving.Tests.Receipts;

/// <summary>A service whose models have online levels, as tests ask it.</summary>
internal static class OnlineServer
{
    public static readonly UeqServiceConfig Config = new() { ReceiptKey = new string('k', 40), Online = new OnlineConfig { Models = ["*"], Step = 0.05 } };

    public static async Task<Server> Start(UeqServiceConfig config, ModelVersion? version = null)
    {
        Server server = await Server.Start(version ?? Fakes.Calibrated(), config);
        await server.Following();
        return server;
    }

    public static Task<JsonElement> Following(this Server server) => server.Until("/coverage", c => c.GetProperty("online").GetProperty("following").GetBoolean());

    /// <summary>Receipts of rows that sum to 0.</summary>
    public static async Task<string[]> Receipts(this Server server, int rows = 1, string more = "")
    {
        JsonElement answer = await server.Predict($"{{\"X\":[{string.Join(',', Enumerable.Repeat("[0,0]", rows))}],\"receipts\":true{more}}}");
        return [.. answer.GetProperty("receipts").EnumerateArray().Select(r => r.GetString()!)];
    }

    /// <summary>Tells the truth of receipts and waits until the level has moved by them.</summary>
    public static async Task<JsonElement> Learn(this Server server, double y, params string[] receipts)
    {
        long before = Updates((await server.Get("/coverage")).Body);
        await server.Tell(y, receipts);
        return (await server.Until("/coverage", c => Updates(c) == before + receipts.Length)).GetProperty("online");
    }

    public static async Task Tell(this Server server, double y, params string[] receipts)
    {
        string labels = string.Join(',', receipts.Select(r => $"{{\"receipt\":\"{r}\",\"y\":{y.ToString(CultureInfo.InvariantCulture)}}}"));
        (int status, string text) = await server.Post("/feedback", $"{{\"labels\":[{labels}]}}");
        Assert.True(status == 200, $"{status}: {text}");
    }

    public static long Updates(JsonElement coverage) => coverage.GetProperty("online").GetProperty("levels").EnumerateArray().Sum(l => l.GetProperty("updates").GetInt64());

    public static double Level(JsonElement online, double nominal = 0.9) =>
        online.GetProperty("levels").EnumerateArray().Single(l => l.GetProperty("nominal").GetDouble() == nominal).GetProperty("level").GetDouble();

    /// <summary>The one row's answer: what it was made for, and its interval.</summary>
    public static async Task<(double Share, string Lower, string Upper)> Ask(this Server server, string more = "")
    {
        JsonElement answer = await server.Predict($"{{\"X\":[[0,0]]{more}}}"), interval = answer.GetProperty("uncertainty")[0];
        return (answer.GetProperty("effective_coverage").GetDouble(), interval[0].ToString(), interval[1].ToString());
    }
}
