using System.Diagnostics;
using System.Text.RegularExpressions;
using Ueq.Serving.Telemetry;

namespace Ueq.Serving.Tests;

/// <summary>What Prometheus itself says of the metrics and the alerts, by its promtool.</summary>
[Collection("alone")]
public sealed partial class PrometheusTests
{
    private static readonly string Rules = Path.Combine(Root(), "deploy", "prometheus");

    [Fact]
    public async Task TheAlertsFireDoNotFireAndRecover()
    {
        (int code, string said) = await Promtool(null, "check", "rules", Path.Combine(Rules, "ueq-alerts.yaml"));
        Assert.True(code == 0, said);
        (code, said) = await Promtool(null, "test", "rules", Path.Combine(Rules, "ueq-alerts.test.yaml"));
        Assert.True(code == 0, said);
    }

    [Fact]
    public async Task TheMetricsAreWellFormedAndTheAlertsUseNoOthers()
    {
        await using Server server = await Server.Start(Fakes.Sum(reference: true));
        await server.Predict($"{{\"X\":[{string.Join(",", Enumerable.Repeat("[1,2,3]", 100))}]}}");
        await server.Until("/monitoring", m => m.GetProperty("rows").GetInt64() == 100);
        string receipt = (await server.Predict("""{"X":[[1,2,3]],"monitor":false,"receipts":true}""")).GetProperty("receipts")[0].GetString()!;
        (int taken, string answer) = await server.Post("/feedback", $$"""{"labels":[{"receipt":"{{receipt}}","y":6},{"receipt":"nonsense","y":6}]}""");
        Assert.True(taken == 200, answer);
        await server.Until("/coverage", c => c.GetProperty("labels").GetInt64() == 1);
        string metrics = await server.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        (int code, string said) = await Promtool(metrics, "check", "metrics");
        Assert.True(code == 0 && said.Length == 0, said);

        string[] exposed = [.. Type().Matches(metrics).Select(m => m.Groups[1].Value)];
        string[] used = [.. Metric().Matches(await File.ReadAllTextAsync(Path.Combine(Rules, "ueq-alerts.yaml"))).Select(m => m.Value.Replace("_bucket", "", StringComparison.Ordinal)).Distinct()];
        Assert.Contains("ueq_incidents_open", used);
        Assert.Empty(used.Except(exposed));
        Assert.Contains("ueq_label_lag_seconds{model=\"y\",percentile=\"95\"}", metrics, StringComparison.Ordinal);
        Assert.Contains("ueq_labels_total{result=\"unreadable\"} 1", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AThousandFeaturesMakeABoundedNumberOfLines()
    {
        await using Server server = await Server.Start(Fakes.Sum(features: 1000, reference: true));
        Rng rng = Rng.Stream(5, 5);
        string Rows(int count, int moved) => $"{{\"X\":[{string.Join(",", Enumerable.Range(0, count).Select(_ => $"[{string.Join(",", Enumerable.Range(0, 1000).Select(f => (rng.NextNormal() + (f == moved ? 4 : 0)).ToString("0.000", System.Globalization.CultureInfo.InvariantCulture)))}]"))}]}}";
        for (int i = 0; i < 3; i++) await server.Predict(Rows(200, moved: 900));
        await server.Until("/monitoring", m => m.GetProperty("rows").GetInt64() == 600);
        await server.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        for (int i = 0; i < 2; i++) await server.Predict(Rows(200, moved: 901));
        await server.Until("/monitoring", m => m.GetProperty("rows").GetInt64() == 1000);
        await Task.Delay(TimeSpan.FromMilliseconds(600)); // The view that the first collection made is kept for half a second.
        string metrics = await server.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        string[] lines = [.. metrics.Split('\n').Where(l => l.StartsWith("ueq_drift_evidence_log10{", StringComparison.Ordinal))];
        Assert.Equal(50, lines.Length);
        Assert.Contains(lines, l => l.Contains("\"f900\"", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Contains("\"other\"", StringComparison.Ordinal));
        Assert.Contains("ueq_signal_state{model=\"y\",signal=\"f900\",state=\"alarm\"} 1", metrics, StringComparison.Ordinal);
        Assert.Equal(350, metrics.Split('\n').Count(l => l.StartsWith("ueq_signal_state{", StringComparison.Ordinal)));
    }

    private static async Task<(int Code, string Said)> Promtool(string? input, params string[] arguments)
    {
        string? tool = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append(Cached()).Select(folder => Path.Combine(folder, "promtool")).FirstOrDefault(File.Exists);
        Assert.SkipWhen(tool is null, "promtool is not installed (Debian's package prometheus brings it).");
        ProcessStartInfo start = new(tool, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input ?? "");
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, input is null ? await output + await errors : await errors);
    }

    // Where test.sh unpacks Debian's package, because installing it would start a service.
    private static string Cached() => Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache ? cache : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
        "ueq", "prometheus", "usr", "bin");

    private static string Root()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Ueq.slnx"))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("The tests do not run inside the repository.");
    }

    [GeneratedRegex("^# TYPE (ueq_\\w+) ", RegexOptions.Multiline)]
    private static partial Regex Type();

    [GeneratedRegex("\\bueq_\\w+")]
    private static partial Regex Metric();
}
