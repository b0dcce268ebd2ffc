using System.Diagnostics;
using System.Text.Json.Nodes;
using Ueq.Cli.Tests.Support;

namespace Ueq.Cli.Tests;

/// <summary><c>ueq load</c> against <c>ueq serve --demo</c>, both as the program that was built.</summary>
public sealed class LoadTests : IDisposable
{
    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ALoadIsMeasuredAndFailuresAreTold()
    {
        using Process server = UeqCommand.Start(new Dictionary<string, string> { ["XDG_DATA_HOME"] = _folder.Root }, "serve", "--demo", "--store", "none", "--urls", "http://127.0.0.1:0");
        try
        {
            string address = await Address(server);
            JsonNode load = (await UeqCommand.RunProgram("load", "--url", address, "--rate", "100", "--seconds", "2", "--rows", "3", "--json")).Succeeds().Json;
            Assert.InRange((long)load["sent"]!, 130, 270);
            Assert.Equal((long)load["sent"]!, (long)load["outcomes"]!["200"]!);
            Assert.Equal((long)load["sent"]!, (long)load["latency_ms"]!["count"]!);

            Answer ramp = (await UeqCommand.RunProgram("load", "--url", address, "--ramp", "20-100", "--seconds", "2", "--data", Folder.Bundled("reg-diabetes"))).Succeeds();
            Assert.Contains("p99.9", ramp.Output, StringComparison.Ordinal);
            Assert.Contains("× 200", ramp.Output, StringComparison.Ordinal);
            Assert.All(ramp.Output.Split('\n'), line => Assert.InRange(line.Length, 0, 80));
            Assert.Matches(@"\d s: \d+(\.\d+)?/s due; \d+ sent, 0 failed", ramp.Error);

            // The demo is a regression: a file whose columns are too short is refused before anything is sent.
            _folder.Write("short.csv", "age,sex\n1,2\n");
            (await UeqCommand.RunProgram("load", "--url", address, "--data", _folder["short.csv"])).Fails(1, "short.csv", "Expected a column 'bmi'");
            (await UeqCommand.RunProgram("load", "--url", address, "--model", "other")).Fails(1, "404");
            string[] wrong = ["load", "--url", address, "--rate", "50", "--seconds", "1", "--data", _folder.Write("wide.csv", "a,b,c,d,e,f,g,h,i,j\n1,1e39,1,1,1,1,1,1,1,1\n"), "--columns", "a,b,c,d,e,f,g,h,i,j"];
            // What was measured is printed all the same.
            Answer failed = await UeqCommand.RunProgram(wrong);
            Assert.Equal(1, failed.Code);
            Assert.Contains("× 400", failed.Output, StringComparison.Ordinal);
            Assert.Contains("The first that failed: 400: $.X[0][1]: expected a number within", failed.Output, StringComparison.Ordinal);
            (await UeqCommand.RunProgram([.. wrong, "--allow-errors"])).Succeeds();
        }
        finally
        {
            server.Kill();
        }
    }

    [Theory]
    [InlineData("--url: expected addresses such as http://127.0.0.1:5000, got '127.0.0.1:5000'", "--url", "127.0.0.1:5000")]
    [InlineData("--rate: expected requests per second", "--url", "http://127.0.0.1:1", "--rate", "0")]
    [InlineData("--ramp: expected two rates such as 100-2000", "--url", "http://127.0.0.1:1", "--ramp", "100")]
    [InlineData("give one of them", "--url", "http://127.0.0.1:1", "--ramp", "1-2", "--rate", "3")]
    [InlineData("--columns names columns of --data FILE", "--url", "http://127.0.0.1:1", "--columns", "a")]
    [InlineData("--header: expected a header", "--url", "http://127.0.0.1:1", "--header", "key")]
    [InlineData("--url", "--rate", "5")]
    public async Task AWrongCallSaysWhatIsExpected(string said, params string[] arguments) => (await UeqCommand.Run(["load", .. arguments])).Fails(2, said);

    [Fact]
    public async Task AnAddressWithoutAServiceIsSaidOnce() =>
        (await UeqCommand.Run("load", "--url", "http://127.0.0.1:1")).Fails(1, "GET /model_info at http://127.0.0.1:1/");

    private static async Task<string> Address(Process server)
    {
        while (await server.StandardError.ReadLineAsync() is { } line)
            if (line.StartsWith("Listening on ", StringComparison.Ordinal)) return line.Split(' ')[2];
        throw new InvalidOperationException("The service did not start.");
    }
}
