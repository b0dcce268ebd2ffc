using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Ueq.Cli.Tests.Support;

namespace Ueq.Cli.Tests;

/// <summary>The program as it was built, in a process of its own.</summary>
public sealed class ProgramTests : IDisposable
{
    private readonly Folder _folder = new();

    public ProgramTests() => _folder.Write("ok.csv", Folder.Line(120));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ExitCodesReachTheShell()
    {
        (await UeqCommand.RunProgram("--help")).Succeeds();
        (await UeqCommand.RunProgram("fit", "--method", "x")).Fails(2, "'--target' is required");
        (await UeqCommand.RunProgram("fit", "--data", _folder["ok.csv"], "--target", "z", "--output", _folder["m"])).Fails(1, "there is no target column 'z'");
    }

    [Fact]
    public async Task JsonIsAllThatStandsOnStandardOutput()
    {
        Answer fit = (await UeqCommand.RunProgram("fit", "--data", _folder["ok.csv"], "--target", "y", "--members", "4", "--output", _folder["m"], "--json")).Succeeds();
        Assert.Equal("jackknife+ab", (string)fit.Json["method"]!);
        Assert.Equal(_folder["p.csv"], (string)(await UeqCommand.RunProgram("predict", "--model-dir", _folder["m"], "--input", _folder["ok.csv"], "--output", _folder["p.csv"], "--json")).Succeeds().Json["output"]!);
        Assert.IsType<JsonArray>((await UeqCommand.RunProgram("evaluate", "--data", _folder["ok.csv"], "--target", "y", "--method", "bayesian_linear", "--json")).Succeeds().Json);
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task TheDemoAnswersARequestAndEndsOnASignal(string signal)
    {
        using Process server = Serve("--demo", "--urls", "http://127.0.0.1:0");
        string address = await Address(server);
        using HttpClient client = new();
        HttpResponseMessage answer = await client.PostAsync(
            new Uri(address + "/predict"), new StringContent("{\"X\": [[59, 2, 32.1, 101, 157, 93.2, 38, 4, 4.8598, 87]]}", Encoding.UTF8, "application/json"), Cancellation);
        string body = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, body);
        Assert.True(JsonNode.Parse(body)!.AsObject().Count > 0);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri(address + "/health"), Cancellation)).StatusCode);
        UeqCommand.Signal(server, signal);
        await server.WaitForExitAsync(Cancellation);
        Assert.Equal(0, server.ExitCode);
        Assert.True(Directory.Exists(Path.Combine(_folder.Root, "ueq")));
    }

    [Fact]
    public async Task ADamagedDemoIsFittedAnew()
    {
        using (Process first = Serve("--demo", "--urls", "http://127.0.0.1:0")) await Stop(first);
        string manifest = Directory.GetFiles(_folder["ueq"], "manifest.json", SearchOption.AllDirectories).Single(), kept = Path.GetDirectoryName(manifest)!;
        foreach (string damage in new[] { "", "[]", "{}", "{\"format_version\":1}" })
        {
            File.WriteAllText(manifest, damage);
            using Process again = Serve("--demo", "--urls", "http://127.0.0.1:0");
            await Stop(again);
            Assert.True(new FileInfo(manifest).Length > 100);
        }

        Directory.Delete(kept, recursive: true);
        File.WriteAllText(kept, "a file");
        using Process last = Serve("--demo", "--urls", "http://127.0.0.1:0");
        await Stop(last);
        Assert.True(Directory.Exists(kept));
    }

    [Fact]
    public async Task TheDemoServesWhereNothingCanBeKept()
    {
        string blocked = _folder.Write("home", "a file in the place of the home");
        using Process server = UeqCommand.Start(new Dictionary<string, string> { ["XDG_DATA_HOME"] = blocked, ["TMPDIR"] = _folder.Root }, "serve", "--demo", "--urls", "http://127.0.0.1:0");
        await Stop(server);
        Assert.DoesNotContain(_folder.Others("home", "ok.csv"), name => name.StartsWith("ueq-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AFittedModelIsServedFromItsFile()
    {
        using Process server = Serve(
            "--model", Folder.Fixture("onnx", "linear.onnx"), "--calibration", Folder.Bundled("reg-diabetes"), "--target", "target", "--urls", "http://127.0.0.1:0");
        string address = await Address(server);
        using HttpClient client = new();
        HttpResponseMessage answer = await client.PostAsync(
            new Uri(address + "/predict"), new StringContent("{\"X\": [[59, 2, 32.1, 101, 157, 93.2, 38, 4, 4.8598, 87]]}", Encoding.UTF8, "application/json"), Cancellation);
        string body = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, body);
        JsonNode json = JsonNode.Parse(body)!;
        // What scikit-learn answers to its first row, inside its interval.
        Assert.Equal(204.9655, (double)json["predictions"]![0]!, 1e-3);
        Assert.InRange((double)json["predictions"]![0]!, (double)json["uncertainty"]![0]![0]!, (double)json["uncertainty"]![0]![1]!);
        JsonNode info = JsonNode.Parse(await client.GetStringAsync(new Uri(address + "/model_info"), Cancellation))!;
        Assert.Equal(("linear.onnx", "split"), ((string)info["model_class"]!, (string)info["method"]!));
        UeqCommand.Signal(server, "TERM");
        await server.WaitForExitAsync(Cancellation);
        Assert.Equal(0, server.ExitCode);
    }

    [Fact]
    public async Task ABusyPortIsSaidInOneLine()
    {
        using TcpListener busy = new(IPAddress.Loopback, 0);
        busy.Start();
        int port = ((IPEndPoint)busy.LocalEndpoint).Port;
        (await UeqCommand.RunProgram("serve", "--demo", "--urls", $"http://127.0.0.1:{port}")).Fails(1, $"Cannot listen on http://127.0.0.1:{port}", "--urls");
        (await UeqCommand.RunProgram("serve", "--demo", "--urls", $"http://localhost:{port}")).Fails(1, "Cannot listen");
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task AnInterruptedFitLeavesNothing(string signal)
    {
        string data = _folder.Write("big.csv", Folder.Line(20_000));
        using Process fit = UeqCommand.Start(null, "fit", "--data", data, "--target", "y", "--members", "4000", "--output", _folder["m"]);
        // The first line of progress says that the fit is under way.
        string? progress = await fit.StandardError.ReadLineAsync(Cancellation);
        Assert.Contains("Fitting lightgbm", progress, StringComparison.Ordinal);
        UeqCommand.Signal(fit, signal);
        string error = await fit.StandardError.ReadToEndAsync(Cancellation);
        await fit.WaitForExitAsync(Cancellation);
        Assert.Equal(130, fit.ExitCode);
        Assert.Contains("ueq: Stopped before the end; nothing was written.", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        Assert.Empty(_folder.Others("ok.csv", "big.csv"));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Process Serve(params string[] options) =>
        UeqCommand.Start(new Dictionary<string, string> { ["XDG_DATA_HOME"] = _folder.Root, ["LOCALAPPDATA"] = _folder.Root }, ["serve", .. options]);

    private static async Task<string> Address(Process server)
    {
        const string Before = "Listening on ";
        StringBuilder said = new();
        _ = server.StandardOutput.ReadToEndAsync(Cancellation);
        while (await server.StandardError.ReadLineAsync(Cancellation) is { } line)
        {
            said.AppendLine(line);
            if (line.StartsWith(Before, StringComparison.Ordinal)) return line[Before.Length..].Split(' ')[0];
        }

        throw new InvalidOperationException($"the server ended before it listened: {said}");
    }

    private static async Task Stop(Process server)
    {
        await Address(server);
        UeqCommand.Signal(server, "TERM");
        await server.WaitForExitAsync(Cancellation);
        Assert.Equal(0, server.ExitCode);
    }
}
