using System.Text.Json.Nodes;
using Ueq.Cli.Tests.Support;

namespace Ueq.Cli.Tests;

public sealed class BenchmarkTests : IDisposable
{
    private readonly Folder _folder = new();

    public BenchmarkTests() => _folder.Write("ok.csv", Folder.Line(160));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task VersionsAreMeasuredAtEachNumberOfRows()
    {
        await Fit("a", "split");
        await Fit("b", "bootstrap");
        Answer answer = (await Benchmark("--model-dir", _folder["a"], "--model-dir", _folder["b"], "--rows", "1,200", "--json")).Succeeds();
        JsonArray results = answer.Json["results"]!.AsArray();
        Assert.Equal([(_folder["a"], 1), (_folder["a"], 200), (_folder["b"], 1), (_folder["b"], 200)], results.Select(r => ((string)r!["model_dir"]!, (int)r["rows"]!)));
        foreach (JsonNode? result in results)
        {
            Assert.True((double)result!["median"]! > 0 && (double)result["median"]! <= (double)result["p99"]! && (double)result["fastest"]! <= (double)result["median"]!);
            Assert.True((int)result["runs"]! >= 5);
        }

        string text = (await Benchmark("--model-dir", _folder["a"], "--rows", "1")).Succeeds().Output;
        Assert.Contains("rows       median          p99      per row     rows/s   allocated     runs", text, StringComparison.Ordinal);
        Assert.All(text.Split('\n'), line => Assert.True(line.Length <= Math.Max(80, _folder["a"].Length + 40), line));
    }

    [Fact]
    public async Task AWrongCallIsTold()
    {
        await Fit("a", "split");
        Answer answer = await Benchmark("--model-dir", _folder["a"], "--rows", "1,0");
        Assert.Equal(2, answer.Code);
        Assert.Contains("--rows: expected whole numbers from 1 to 1000000 with commas, got '0'.", answer.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await Benchmark("--model-dir", _folder["none"])).Code);
        _folder.Write("empty.csv", File.ReadLines(_folder["ok.csv"]).First() + "\n");
        answer = await UeqCommand.Run("benchmark", "--model-dir", _folder["a"], "--input", _folder["empty.csv"]);
        Assert.Equal(1, answer.Code);
        Assert.Contains("expected one row or more, got none", answer.Error, StringComparison.Ordinal);
    }

    private async Task Fit(string name, string method) => (await UeqCommand.Run(
        "fit", "--data", _folder["ok.csv"], "--target", "y", "--model", "linear", "--method", method, "--output", _folder[name])).Succeeds();

    private Task<Answer> Benchmark(params string[] more) => UeqCommand.Run(["benchmark", "--input", _folder["ok.csv"], "--seconds", "0.02", .. more]);
}
