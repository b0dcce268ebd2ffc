using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Ueq.Cli.Output;
using Ueq.Cli.Tests.Support;

namespace Ueq.Cli.Tests;

/// <summary><c>ueq experiment</c> against the program that was built, serving a registry.</summary>
public sealed class ExperimentTests : IDisposable
{
    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AnExperimentIsMadeReadAndStopped()
    {
        string table = _folder.Write("t.csv", Folder.Line(120)), registry = _folder["models"];
        for (int seed = 1; seed <= 2; seed++)
            (await UeqCommand.Run(["fit", "--data", table, "--target", "y", "--model", "linear", "--method", "conformal", "--seed", $"{seed}", "--registry", registry, "--name", "line"])).Succeeds();
        using Process process = UeqCommand.Start(null, "serve", "--registry", registry, "--models", "line:1,line:2", "--store", _folder["ueq.db"], "--urls", "http://127.0.0.1:0");
        try
        {
            string? said;
            do said = await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken);
            while (said is not null && !said.Contains("Listening on ", StringComparison.Ordinal));
            Assert.NotNull(said);
            string url = said.Split("Listening on ")[1].Split(' ')[0];
            using HttpClient client = new() { BaseAddress = new Uri(url) };
            while (!(await client.GetStringAsync(new Uri("/health", UriKind.Relative), TestContext.Current.CancellationToken)).Contains("\"state\":\"open\"", StringComparison.Ordinal)) await Task.Delay(20, TestContext.Current.CancellationToken);

            Answer made = (await Ask(url, "start", "seeds", "--kind", "ab", "--model", "line:1", "--arm", "line:1=0.5", "--arm", "line:2=0.5")).Succeeds();
            Assert.Contains("seeds: ab of line:1, running", made.Output, StringComparison.Ordinal);
            using (StringContent body = new("""{"X":[[1]],"user_id":"u"}""", Encoding.UTF8, "application/json"))
            using (HttpResponseMessage answer = await client.PostAsync(new Uri("/predict", UriKind.Relative), body, TestContext.Current.CancellationToken))
                Assert.True((int)answer.StatusCode is 200 or 400, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            string analysis = (await Ask(url, "analyze", "seeds")).Succeeds().Output;
            Assert.All(analysis.Split('\n'), line => Assert.InRange(line.Length, 0, 80));
            Assert.Contains("too few labels", analysis, StringComparison.Ordinal);
            Assert.Contains("30.0", (await Ask(url, "weights", "seeds", "--arm", "line:1=0.7", "--arm", "line:2=0.3")).Succeeds().Output, StringComparison.Ordinal);
            Assert.Equal("stopped", (string)(await Ask(url, "stop", "seeds", "--json")).Succeeds().Json["state"]!);
            Assert.Equal("seeds", (string)(await Ask(url, "list", "--json")).Succeeds().Json[0]!["name"]!);
            Assert.Contains("running", (await Ask(url, "start", "seeds")).Succeeds().Output, StringComparison.Ordinal);
            (await Ask(url, "analyze", "seed")).Fails(1, "404", "did you mean \"seeds\"?");
            (await Ask(url, "weights", "seeds", "--arm", "line:1=lots")).Fails(2, "expected REF=WEIGHT");
            (await Ask(url, "start", "new", "--kind", "ab", "--model", "line:1")).Fails(2, "--arm REF=WEIGHT is needed");
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }

        (await Ask("http://127.0.0.1:1", "list")).Fails(1, "cannot be reached");
    }

    [Fact]
    public void WhateverLabelsHaveShownFitsIntoEightyColumns()
    {
        string figure = """{"mean": -123456.7, "lower": -1234567.8, "upper": 1234567.8, "difference": -1, "difference_lower": -1234567.8, "difference_upper": -1234560, "verdict": "no difference shown"}""";
        string arm = $$"""{"arm": "{{new string('a', 64)}}@{{new string('b', 63)}}", "share": 0.123, "requests": 1234567890, "rows": 9999999999, "users": 12345678, "labels": 12345678, "coverage": {{figure}}, "width": {{figure}}, "loss": {{figure}}}""";
        StringWriter output = new();
        ExperimentReport.Print(new Terminal(output, new StringWriter()), JsonNode.Parse($$"""{"name": "e", "kind": "ab", "model": "houses", "state": "running", "arms": [{{arm.Replace("no difference shown", "control", StringComparison.Ordinal)}}, {{arm}}]}""")!);
        string[] lines = output.ToString().Split('\n');
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 80));
        Assert.Equal(3, lines.Count(line => line == "  no difference shown"));
        Assert.Contains(lines, line => line.EndsWith("  [-1.235E+06, -1.235E+06]", StringComparison.Ordinal));
    }

    private static Task<Answer> Ask(string url, params string[] words) => UeqCommand.Run(["experiment", .. words, "--url", url]);
}
