using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Ueq.Deploy.Tests.Support;

namespace Ueq.Deploy.Tests;

/// <summary>The dashboard and Prometheus' own settings: Prometheus reads every query, and every metric is one that a service has.</summary>
public sealed partial class GrafanaTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ueq-grafana-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task PrometheusReadsItsSettings()
    {
        foreach ((string[] parts, string name) in new[] { (new[] { "deploy", "docker", "prometheus.yml" }, "prometheus.yml"), (["deploy", "prometheus", "ueq-alerts.yaml"], "ueq-alerts.yaml") })
            File.Copy(Repository.Of(parts), Path.Combine(_folder.FullName, name));
        (int code, string output, string error) = await Tool.Run(Tool.Find("promtool", "prometheus"), "check", "config", Path.Combine(_folder.FullName, "prometheus.yml"));
        Assert.True(code == 0, output + error);
        Assert.Contains("rule files found", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PrometheusReadsEveryQuery()
    {
        string[] queries = [.. Queries()];
        Assert.True(queries.Length > 20);
        string rules = string.Join('\n', queries.Select((q, i) => $"      - record: q{i}\n        expr: {System.Text.Json.JsonSerializer.Serialize(Filled(q))}"));
        string file = Path.Combine(_folder.FullName, "queries.yaml");
        await File.WriteAllTextAsync(file, $"groups:\n  - name: dashboard\n    rules:\n{rules}\n");
        (int code, string output, string error) = await Tool.Run(Tool.Find("promtool", "prometheus"), "check", "rules", file);
        Assert.True(code == 0, output + error);
    }

    [Fact]
    public async Task EveryMetricIsOneThatAServiceHas()
    {
        using UeqServer server = await UeqServer.Demo(_folder.FullName);
        using HttpClient client = new() { BaseAddress = server.Address };
        string row = "[59,2,32.1,101,157,93.2,38,4,4.8598,87]";
        JsonNode answer = JsonNode.Parse(await (await client.PostAsync(new Uri("/predict", UriKind.Relative), Json($"{{\"X\":[{row}],\"receipts\":true}}"))).Content.ReadAsStringAsync())!;
        await client.PostAsync(new Uri("/feedback", UriKind.Relative), Json($"{{\"labels\":[{{\"receipt\":{answer["receipts"]![0]!.ToJsonString()},\"y\":200}}]}}"));
        await client.PostAsync(new Uri("/predict", UriKind.Relative), Json("{}"));
        string[] used = [.. Queries().SelectMany(q => Metric().Matches(q)).Select(m => m.Value.Replace("_bucket", "", StringComparison.Ordinal)).Distinct()], missing = used;
        // Labels reach the figures a moment after they are acknowledged.
        for (int i = 0; i < 100 && missing.Length > 0; i++)
        {
            string metrics = await client.GetStringAsync(new Uri("/metrics", UriKind.Relative));
            missing = [.. used.Where(name => !metrics.Contains($"# TYPE {name} ", StringComparison.Ordinal))];
            if (missing.Length > 0) await Task.Delay(100);
        }

        Assert.Empty(missing);
    }

    [Fact]
    public void PanelsDoNotOverlap()
    {
        HashSet<(int, int)> taken = [];
        foreach (JsonNode panel in Panels())
        {
            JsonNode at = panel["gridPos"]!;
            for (int x = (int)at["x"]!; x < (int)at["x"]! + (int)at["w"]!; x++)
                for (int y = (int)at["y"]!; y < (int)at["y"]! + (int)at["h"]!; y++)
                    Assert.True(x < 24 && taken.Add((x, y)), $"{panel["title"]} lies on another panel at {x}, {y}");
        }
    }

    private static IEnumerable<JsonNode> Panels() => JsonNode.Parse(Repository.Read("deploy", "grafana", "ueq.json"))!["panels"]!.AsArray().Select(p => p!);

    private static IEnumerable<string> Queries() => Panels().SelectMany(p => p["targets"]?.AsArray() ?? []).Select(t => (string)t!["expr"]!);

    private static string Filled(string query) =>
        query.Replace("$__rate_interval", "5m", StringComparison.Ordinal).Replace("$job", "ueq", StringComparison.Ordinal).Replace("$model", ".*", StringComparison.Ordinal);

    private static StringContent Json(string text) => new(text, System.Text.Encoding.UTF8, "application/json");

    [GeneratedRegex("\\bueq_\\w+")]
    private static partial Regex Metric();
}
