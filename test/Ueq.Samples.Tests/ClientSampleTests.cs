using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Ueq.Samples.Tests;

/// <summary>The clients in C#, Python and curl, each against the running program.</summary>
public sealed partial class ClientSampleTests : IAsyncLifetime
{
    private DemoService _service = null!;

    public async ValueTask InitializeAsync() => _service = await DemoService.Start();

    public ValueTask DisposeAsync()
    {
        _service.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task TheCSharpClientPredictsLabelsAndStreams()
    {
        using StringWriter output = new();

        await ClientCalls.Run([_service.Address], await Unzipped(), output);

        string[] lines = output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Match first = Numbers().Match(lines[0]);
        Assert.True(first.Success, lines[0]);
        double[] numbers = [.. Enumerable.Range(1, 3).Select(i => double.Parse(first.Groups[i].Value, CultureInfo.InvariantCulture))];
        Assert.InRange(numbers[0], numbers[1], numbers[2]);
        Assert.Equal(["1 label accepted, 0 rejected", "442 of 442 rows have bounded intervals", "status 400: $.X[0]: expected 10 values in a row, found 2"], lines[1..]);
    }

    [Fact]
    public async Task TheArrowClientReadsABatchOfAnswersForEachBatch()
    {
        string[] names = ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"];
        double[] row = [59, 2, 32.1, 101, 157, 93.2, 38, 4, 4.8598, 87];
        Schema schema = new([.. names.Select(name => new Field(name, DoubleType.Default, nullable: true))], null);
        RecordBatch whole = new(schema, row.Select(value => new DoubleArray.Builder().Append(value).Append(value).Build()), 2);
        RecordBatch holed = new(schema, row.Select(value => value == 101 ? new DoubleArray.Builder().AppendNull().Build() : new DoubleArray.Builder().Append(value).Build()), 1);
        using StringWriter output = new();

        await ArrowCalls.Run(_service.Address, [whole, holed], output);

        string[] lines = output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, lines.Length);
        Assert.Matches(@"^\d+ … \d+$", lines[0]);
        Assert.Equal([lines[0], "batch 1, row 0, column \"bp\": expected a finite number, got null"], lines[1..]);
    }

    [Fact]
    public async Task ThePythonClientReadsBoundedAndUnboundedIntervals()
    {
        string? python = null;
        foreach (string candidate in (string[])["/usr/bin/python3", "python3"])
        {
            try
            {
                if ((await Run(candidate, "-c", "import numpy, requests")).Code == 0) python = candidate;
            }
            catch (System.ComponentModel.Win32Exception)
            {
                // There is no such program.
            }
        }

        Assert.SkipWhen(python is null, "There is no python3 with requests and numpy; test.sh says how to get them.");
        (int code, string said) = await Run(python, Path.Combine(Repository(), "samples", "python", "client.py"), Address);
        Assert.True(code == 0, said);
        string[] lines = said.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Matches(@"^\d+ in -?\d+ … \d+, 90% of the time$", lines[0]);
        Assert.Equal(
            ["2 of 2 intervals are as wide or wider at 95 %", "at 99.999 % the ends are -inf and inf", "2 labels accepted", "{\"status\":\"success\",\"rows\":2,\"errors\":0}", "healthy", "status 400: $.X[0]: expected 10 values in a row, found 3"],
            lines[2..]);
    }

    [Fact]
    public async Task TheWalkWithCurlCallsEverythingThatThereIs()
    {
        string walk = Path.Combine(Repository(), "samples", "curl", "walk.sh");
        (int code, string said) = await Run("bash", walk, Address);
        Assert.True(code == 0 && said.TrimEnd().EndsWith("done", StringComparison.Ordinal), said);
        using HttpClient client = new();
        using JsonDocument index = JsonDocument.Parse(await client.GetStringAsync(_service.Address, TestContext.Current.CancellationToken));
        string script = await File.ReadAllTextAsync(walk, TestContext.Current.CancellationToken);
        foreach (JsonProperty call in index.RootElement.GetProperty("endpoints").EnumerateObject())
        {
            // "POST /incidents/{id}/acknowledge": a call of that form.
            string form = Regex.Replace(Regex.Escape(call.Name), @"\\\{\w+}", "[^/ ]+").Replace(@"\ ", " ['\"]?", StringComparison.Ordinal);
            Assert.True(Regex.IsMatch(script, $@"^call \d+ {form}", RegexOptions.Multiline), $"walk.sh does not call {call.Name}.");
        }
    }

    private string Address => _service.Address.GetLeftPart(UriPartial.Authority);

    private static async Task<string> Unzipped()
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("ueq-client").FullName, "data.csv");
        await using FileStream zipped = File.OpenRead(Path.Combine(Repository(), "data", "reg-diabetes", "data.csv.gz"));
        await using System.IO.Compression.GZipStream gzip = new(zipped, System.IO.Compression.CompressionMode.Decompress);
        await using FileStream plain = File.Create(file);
        await gzip.CopyToAsync(plain);
        return file;
    }

    private static async Task<(int Code, string Said)> Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await error);
    }

    private static string Repository()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Ueq.slnx"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }

    [GeneratedRegex(@"^(\d+) in (-?\d+) … (\d+), 95 % of the time$")]
    private static partial Regex Numbers();
}
