using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.IO.Compression;
using Ueq.Cli.Output;
using Ueq.Client;
using Ueq.Client.Load;

namespace Ueq.Cli.Commands;

/// <summary><c>ueq load</c>: sends requests to a service as independent callers would, and says how long answers take.</summary>
internal static class LoadCommand
{
    private const int RampStages = 10;

    public static Command Create(Terminal terminal)
    {
        Option<Uri[]> url = new("--url") { Description = "Address of the service, or several separated by commas, asked in turn.", Required = true, HelpName = "U", CustomParser = Addresses };
        Option<double> rate = new("--rate") { Description = "Requests per second, on average.", DefaultValueFactory = _ => 100, HelpName = "R", CustomParser = result => Rate(result, "--rate") ?? 100 };
        Option<(double From, double To)?> ramp = new("--ramp") { Description = $"Rates from one to another, such as 100-2000, in {RampStages} steps of equal ratio.", HelpName = "FROM-TO", CustomParser = Ramp };
        Option<int> seconds = new Option<int>("--seconds") { Description = "How long.", DefaultValueFactory = _ => 10 }.From(1, 86_400);
        Option<int> rows = new Option<int>("--rows") { Description = "Rows of a request.", DefaultValueFactory = _ => 1 }.From(1, 1_000_000);
        Option<string?> data = new Option<string?>("--data") { Description = "Rows to send: .csv or .csv.gz with a header. [default: drawn as the model's columns are distributed]", HelpName = "FILE" }.IsFile();
        Option<string[]> columns = new("--columns") { Description = "Columns of --data that are the model's, in its order, separated by commas. [default: those of the same names]", HelpName = "COLUMNS", CustomParser = Names };
        Option<string?> model = new("--model") { Description = "Which model of the service.", HelpName = "NAME" };
        Option<double?> coverage = new("--coverage") { Description = "Coverage to ask for.", HelpName = "NUMBER", CustomParser = result => Values.Share(result, "--coverage") };
        Option<bool> unwatched = new("--no-monitor") { Description = "The rows are not to count for drift." };
        CallerHeaders headers = new();
        Option<int> inFlight = new Option<int>("--max-in-flight") { Description = "Most requests on their way at the same time; what is due beyond waits.", DefaultValueFactory = _ => 1000 }.From(1, 65_536);
        Option<int> timeout = new Option<int>("--timeout") { Description = "Seconds until an answer is no longer waited for.", DefaultValueFactory = _ => 30 }.From(1, 3600);
        Option<ulong> seed = SharedOptions.Seed();
        Option<bool> allow = new("--allow-errors") { Description = "End with exit code 0 whatever was answered." };
        Option<bool> json = SharedOptions.AsJson();
        Command command = new("load", "Measure a service under requests that do not wait for each other.")
        {
            url, rate, ramp, seconds, rows, data, columns, model, coverage, unwatched, headers.Option, inFlight, timeout, seed, allow, json,
        };
        command.SetAction(async (call, cancellation) =>
        {
            if (call.GetResult(rate) is { Implicit: false } && call.GetValue(ramp) is not null) throw new UsageException("--rate and --ramp both say how fast: give one of them.");
            if (call.GetValue(columns) is { Length: > 0 } && call.GetValue(data) is null) throw new UsageException("--columns names columns of --data FILE, which is not given.");
            LoadOptions options = new()
            {
                Stages = Stages(call.GetValue(ramp), call.GetValue(rate), call.GetValue(seconds)),
                Rows = call.GetValue(rows),
                Predict = new PredictOptions { Model = call.GetValue(model), Coverage = call.GetValue(coverage), Monitor = !call.GetValue(unwatched) },
                MostInFlight = call.GetValue(inFlight),
                Timeout = TimeSpan.FromSeconds(call.GetValue(timeout)),
                Headers = headers.Of(call),
                Seed = call.GetValue(seed),
            };
            (ILoadRows source, IReadOnlyList<Uri> addresses) = await Rows(terminal, call.GetValue(url)!, options, call.GetValue(data), call.GetValue(columns) ?? [], cancellation);
            (IReadOnlyList<LoadReport> stages, LoadReport total) = await LoadGenerator.RunAsync(addresses, source, options, new LoadProgress(terminal), cancellation);
            if (call.GetValue(json)) LoadText.PrintJson(terminal, options, stages, total);
            else LoadText.Print(terminal, options, stages, total);
            if (cancellation.IsCancellationRequested) return ExitCode.Interrupted;
            return call.GetValue(allow) || (total.Failed == 0 && total.Unsent == 0 && total.Sent > 0) ? ExitCode.Success : ExitCode.RunFailed;
        });
        return command;
    }

    // Asks for the model first: a wrong address is better said once than ten thousand times.
    private static async Task<(ILoadRows Rows, IReadOnlyList<Uri> Addresses)> Rows(
        Terminal terminal, Uri[] url, LoadOptions options, string? file, string[] names, CancellationToken cancellation)
    {
        using UeqClient client = new(url, new UeqClientOptions { Headers = options.Headers, TotalTimeout = TimeSpan.FromSeconds(15) });
        ModelInfoAnswer model;
        try
        {
            model = await client.ModelInfoAsync(options.Predict.Model, cancellation);
        }
        catch (UeqClientException fault)
        {
            throw new IOException(fault.Message, fault);
        }

        if (file is null)
        {
            if (model.Features.Any(column => column is { IsCategorical: false, Reference: null }))
                terminal.Say("The service does not say how its columns are distributed: rows are standard normal. Send rows of your own with --data.");
            return (new DrawnRows(model.Features, options.Seed), client.Addresses);
        }

        IReadOnlyList<ModelColumn> columns = model.Features;
        if (names.Length > 0)
        {
            if (names.Length != columns.Count) throw new UsageException($"--columns: expected {columns.Count} columns, as the model has, got {names.Length}.");
            columns = [.. columns.Select((column, i) => column with { Name = names[i] })];
        }

        await using FileStream stream = File.OpenRead(file);
        await using Stream content = file.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(stream, CompressionMode.Decompress) : stream;
        try
        {
            return (await TableRows.ReadAsync(content, columns, ',', cancellation), client.Addresses);
        }
        catch (InvalidDataException fault)
        {
            throw new InvalidDataException($"{file}: {fault.Message}", fault);
        }
    }

    private static LoadStage[] Stages((double From, double To)? ramp, double rate, int seconds)
    {
        if (ramp is not var (from, to)) return [new LoadStage(rate, TimeSpan.FromSeconds(seconds))];
        double ratio = Math.Pow(to / from, 1.0 / (RampStages - 1));
        return [.. Enumerable.Range(0, RampStages).Select(i => new LoadStage(from * Math.Pow(ratio, i), TimeSpan.FromSeconds(seconds) / RampStages))];
    }

    private static Uri[] Addresses(ArgumentResult result)
    {
        List<Uri> addresses = [];
        bool isTold = false;
        foreach (string text in result.Tokens.SelectMany(token => token.Value.Split([',', ';'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)))
        {
            if (Uri.TryCreate(text, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https")
            {
                addresses.Add(address!);
                continue;
            }

            result.AddError($"--url: expected addresses such as http://127.0.0.1:5000, got '{text}'.");
            isTold = true;
        }

        if (addresses.Count == 0 && !isTold) result.AddError("--url: expected an address such as http://127.0.0.1:5000, got nothing.");
        return [.. addresses];
    }

    private static double? Rate(ArgumentResult result, string option) => Rate(result, option, result.Tokens.Count > 0 ? result.Tokens[^1].Value : "");

    private static double? Rate(ArgumentResult result, string option, string text)
    {
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double rate) && rate is >= 0.001 and <= 1e6) return rate;
        result.AddError($"{option}: expected requests per second from 0.001 to 1000000, got '{text}'.");
        return null;
    }

    private static (double From, double To)? Ramp(ArgumentResult result)
    {
        string text = result.Tokens.Count > 0 ? result.Tokens[^1].Value : "";
        string[] ends = text.Split('-', StringSplitOptions.TrimEntries);
        if (ends.Length != 2)
        {
            result.AddError($"--ramp: expected two rates such as 100-2000, got '{text}'.");
            return null;
        }

        return Rate(result, "--ramp", ends[0]) is { } from && Rate(result, "--ramp", ends[1]) is { } to ? (from, to) : null;
    }

    private static string[] Names(ArgumentResult result) =>
        [.. result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];

    private sealed class LoadProgress(Terminal terminal) : IProgress<LoadSecond>
    {
        public void Report(LoadSecond value) => terminal.Say(LoadText.Line(value));
    }
}
