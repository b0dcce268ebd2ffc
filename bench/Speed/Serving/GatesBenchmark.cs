using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Ueq.Bench.Serving;

/// <summary>The limits that the service was given, all middleware on, measured in one run in turns with a bare echo.</summary>
internal static class GatesBenchmark
{
    private const int Connections = 32, Rounds = 15, Warmup = 40_000, Bodies = 8192, OpenRounds = 5;
    private const double OpenSeconds = 4;

    private static readonly List<string> Lines = [];

    public static async Task<int> Run(string[] args)
    {
        Lines.Clear();
        bool passed = await Closed();
        passed &= await Overload();
        passed &= await OwnProcess.Measure(Line);
        StringBuilder page = new();
        page.AppendLine("# The service's limits");
        page.AppendLine();
        page.AppendLine("Our service as `ueq serve` hosts it (metrics, drift monitoring, linear model of 10");
        page.AppendLine("features) in turns with a bare Kestrel echo of the same body, each in its own");
        page.AppendLine(Say($"process; {Connections} connections, {Rounds} rounds, every answer checked. CPU is utime+stime over"));
        page.AppendLine("requests, in µs; ratios are medians of the rounds' ratios. Open loop: Poisson");
        page.AppendLine(Say($"arrivals on 64 connections, latency from when a request was due, {OpenRounds} rounds of {OpenSeconds} s."));
        page.AppendLine("Watching is bounded by `monitor_values_per_second` at its default, so of such floods a");
        page.AppendLine("part of the rows is looked at; two lines show what it costs to look at all of them.");
        page.AppendLine("Overload: a model that takes 1 ms on one thread, with room for 8 rows to wait.");
        page.AppendLine();
        page.AppendLine("| gate | echo | ueq | figure | limit | |");
        page.AppendLine("|---|--:|--:|--:|--:|---|");
        foreach (string line in Lines) page.AppendLine(line);
        page.AppendLine();
        page.AppendLine(Say($"{DateTime.UtcNow:yyyy-MM-dd}, {HttpBenchmark.Processor()}, {Environment.ProcessorCount} processors shared with the load"));
        page.AppendLine(Say($"generator, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30} GiB, {RuntimeInformation.OSDescription}, .NET {Environment.Version}."));
        page.AppendLine();
        page.AppendLine("    dotnet run -c Release --project bench/Speed -- gates");
        await File.WriteAllTextAsync(args is [string file] ? file : HttpBenchmark.ResultFile("gates.md"), page.ToString());
        return passed ? 0 : 1;
    }

    private static async Task<bool> Closed()
    {
        using ServerProcess echo = await ServerProcess.Start("serve-echo"), ueq = await ServerProcess.Start("serve-ueq"), all = await ServerProcess.Start("serve-ueq", "--watch-all");
        (string Body, string Answer)[] one = [.. Enumerable.Range(0, Bodies).Select(i => HttpBenchmark.Exchange(i, 1, ""))], many = [.. Enumerable.Range(0, Bodies).Select(i => HttpBenchmark.Exchange(i, 32, ""))];
        (byte[] Json, byte[] Tensors, byte[] Answer)[] binary = [.. Enumerable.Range(0, Bodies).Select(Binary)];
        (string Name, LoadGenerator Echo, ServerProcess Server, LoadGenerator Ueq, int Requests, double Limit)[] cases =
        [
            ("CPU, JSON, 1 row", new(echo.Address, "/", [.. one.Select(e => (e.Body, e.Body))]), ueq, new(ueq.Address, "/predict", one), 16_000, 1.35),
            ("CPU, binary, 32 rows", new(echo.Address, [.. binary.Select(b => (RawConnection.PostBinary(echo.Address, "/", b.Json, b.Tensors), b.Tensors))]),
                ueq, new(ueq.Address, [.. binary.Select(b => (RawConnection.PostBinary(ueq.Address, "/v2/models/y/infer", b.Json, b.Tensors), b.Answer))]), 16_000, 1.15),
            ("CPU, JSON, 32 rows", new(echo.Address, "/", [.. many.Select(e => (e.Body, e.Body))]), ueq, new(ueq.Address, "/predict", many), 8_000, 3.0),
            ("CPU, binary, 32 rows, every row watched", new(echo.Address, [.. binary.Select(b => (RawConnection.PostBinary(echo.Address, "/", b.Json, b.Tensors), b.Tensors))]),
                all, new(all.Address, [.. binary.Select(b => (RawConnection.PostBinary(all.Address, "/v2/models/y/infer", b.Json, b.Tensors), b.Answer))]), 8_000, double.NaN),
            ("CPU, JSON, 32 rows, every row watched", new(echo.Address, "/", [.. many.Select(e => (e.Body, e.Body))]), all, new(all.Address, "/predict", many), 8_000, double.NaN),
        ];
        double[,] echoes = new double[cases.Length, Rounds], ueqs = new double[cases.Length, Rounds], rates = new double[2, Rounds];
        foreach ((_, LoadGenerator toEcho, _, LoadGenerator toUeq, _, _) in cases)
        {
            await toEcho.Send(Warmup, Connections);
            await toUeq.Send(Warmup, Connections);
        }

        for (int round = 0; round < Rounds; round++)
        {
            for (int c = 0; c < cases.Length; c++)
            {
                (echoes[c, round], double slow) = await Measure(echo, cases[c].Echo, cases[c].Requests);
                (ueqs[c, round], double fast) = await Measure(cases[c].Server, cases[c].Ueq, cases[c].Requests);
                if (c == 0) (rates[0, round], rates[1, round]) = (slow, fast);
            }

            Console.Error.WriteLine(Say($"round {round + 1} of {Rounds}"));
        }

        bool passed = true;
        for (int c = 0; c < cases.Length; c++)
        {
            double[] before = Row(echoes, c), after = Row(ueqs, c);
            passed &= Ratio(cases[c].Name, HttpBenchmark.Median(before), HttpBenchmark.Median(after), HttpBenchmark.Median([.. after.Zip(before, (u, e) => u / e)]), cases[c].Limit);
        }

        await SayWatched(ueq.Address);
        double[] echoRates = Row(rates, 0), ueqRates = Row(rates, 1);
        double share = HttpBenchmark.Median([.. ueqRates.Zip(echoRates, (u, e) => u / e)]), half = HttpBenchmark.Median(ueqRates) / 2;
        Line(Say($"| throughput, 1 row, 1/s | {HttpBenchmark.Median(echoRates):0} | {HttpBenchmark.Median(ueqRates):0} | {share:0.00} | ≥ 0.75 | {Verdict(share >= 0.75)} |"));
        return passed & share >= 0.75 & OpenLoop(echo.Address, ueq.Address, one, half);
    }

    private static async Task SayWatched(Uri ueq)
    {
        using HttpClient client = new() { BaseAddress = ueq };
        using JsonDocument monitoring = JsonDocument.Parse(await client.GetStringAsync(new Uri("/monitoring", UriKind.Relative)));
        double rows = monitoring.RootElement.GetProperty("rows").GetDouble(), skipped = monitoring.RootElement.GetProperty("skipped_rows").GetDouble(), dropped = monitoring.RootElement.GetProperty("dropped_rows").GetDouble();
        Line(Say($"| rows of these requests that were watched | | {rows / (rows + skipped + dropped):0 %} | | | |"));
    }

    private static bool OpenLoop(Uri echo, Uri ueq, (string Body, string Answer)[] exchanges, double rate)
    {
        (byte[] Request, byte[] Expected)[] toEcho = [.. exchanges.Select(e => (RawConnection.Post(echo, "/", e.Body), Encoding.UTF8.GetBytes(e.Body)))];
        (byte[] Request, byte[] Expected)[] toUeq = [.. exchanges.Select(e => (RawConnection.Post(ueq, "/predict", e.Body), Encoding.UTF8.GetBytes(e.Answer)))];
        double[] echoes = new double[OpenRounds], ueqs = new double[OpenRounds];
        for (int round = 0; round < OpenRounds; round++)
        {
            echoes[round] = OpenLoad.Send(echo, toEcho, rate, OpenSeconds, mayRefuse: false).Percentile(0.99);
            ueqs[round] = OpenLoad.Send(ueq, toUeq, rate, OpenSeconds, mayRefuse: false).Percentile(0.99);
        }

        double p99 = HttpBenchmark.Median(ueqs), ratio = HttpBenchmark.Median([.. ueqs.Zip(echoes, (u, e) => u / e)]);
        Line(Say($"| p99 at half load ({rate:0}/s), ms | {HttpBenchmark.Median(echoes):0.00} | {p99:0.00} | {p99:0.00} | ≤ 5 | {Verdict(p99 <= 5)} |"));
        Line(Say($"| the same over echo's | | | {ratio:0.00} | ≤ 2 | {Verdict(ratio <= 2)} |"));
        return p99 <= 5 && ratio <= 2;
    }

    private static async Task<bool> Overload()
    {
        using ServerProcess slow = await ServerProcess.Start("serve-slow");
        (string Body, string Answer)[] one = [.. Enumerable.Range(0, Bodies).Select(i => HttpBenchmark.Exchange(i, 1, ""))];
        (byte[] Request, byte[] Expected)[] exchanges = [.. one.Select(e => (RawConnection.Post(slow.Address, "/predict", e.Body), Encoding.UTF8.GetBytes(e.Answer)))];
        LoadGenerator closed = new(slow.Address, exchanges);
        await closed.Send(2000, 4);
        List<double> goodputs = [], refusals = [], takes = [], again = [];
        for (int round = 0; round < OpenRounds; round++)
        {
            (_, double most) = await Measure(slow, closed, 3000, 4);
            OpenOutcome much = OpenLoad.Send(slow.Address, exchanges, 2 * most, OpenSeconds, mayRefuse: true);
            OpenOutcome after = OpenLoad.Send(slow.Address, exchanges, most / 2, OpenSeconds / 2, mayRefuse: true);
            takes.Add(most);
            goodputs.Add(much.Answered.Length / much.Seconds / most);
            refusals.Add(much.RefusedPercentile(0.99));
            again.Add((double)after.Refused.Length / (after.Refused.Length + after.Answered.Length));
        }

        double goodput = HttpBenchmark.Median([.. goodputs]), refused = HttpBenchmark.Median([.. refusals]), left = HttpBenchmark.Median([.. again]);
        Line(Say($"| goodput at twice what it can take ({HttpBenchmark.Median([.. takes]):0}/s) | | | {goodput:0.00} | ≥ 0.90 | {Verdict(goodput >= 0.9)} |"));
        Line(Say($"| the others refused, p99, ms | | | {refused:0.00} | < 5 | {Verdict(refused < 5)} |"));
        Line(Say($"| refused at half load right after | | | {left:0.0 %} | ≤ 1 % | {Verdict(left <= 0.01)} |"));
        return goodput >= 0.9 && refused < 5 && left <= 0.01;
    }

    private static async Task<(double Microseconds, double Rate)> Measure(ServerProcess server, LoadGenerator load, int requests, int connections = Connections)
    {
        TimeSpan before = server.ProcessorTime;
        long began = Stopwatch.GetTimestamp();
        await load.Send(requests, connections);
        return ((server.ProcessorTime - before).TotalMicroseconds / requests, requests / Stopwatch.GetElapsedTime(began).TotalSeconds);
    }

    // The rows of the JSON bodies as a tensor, and the means as bytes.
    private static (byte[] Json, byte[] Tensors, byte[] Answer) Binary(int index)
    {
        const int Rows = 32;
        Rng rng = Rng.Stream(7, (ulong)index);
        float[] values = new float[Rows * BenchServer.Features];
        for (int i = 0; i < values.Length; i++) values[i] = (float)Math.Round(rng.NextNormal(), 4);
        double[] predictions = new double[Rows];
        HttpBenchmark.Model.Predict(new FeatureMatrix(values, BenchServer.Features), default, predictions, new Interval[Rows]);
        string json = Say($"{{\"parameters\":{{\"binary_data_output\":true}},\"inputs\":[{{\"name\":\"input\",\"shape\":[{Rows},{BenchServer.Features}],\"datatype\":\"FP32\",\"parameters\":{{\"binary_data_size\":{4 * values.Length}}}}}]}}");
        return (Encoding.UTF8.GetBytes(json), MemoryMarshal.AsBytes(values.AsSpan()).ToArray(), MemoryMarshal.AsBytes(predictions.AsSpan()).ToArray());
    }

    private static bool Ratio(string name, double echo, double ueq, double ratio, double limit)
    {
        bool isGate = double.IsFinite(limit);
        Line(Say($"| {name} | {echo:0.0} | {ueq:0.0} | {ratio:0.00} | {(isGate ? $"≤ {limit.ToString("0.00", CultureInfo.InvariantCulture)}" : "")} | {(isGate ? Verdict(ratio <= limit) : "")} |"));
        return !isGate || ratio <= limit;
    }

    private static void Line(string line)
    {
        Lines.Add(line);
        Console.WriteLine(line);
    }

    internal static string Verdict(bool holds) => holds ? "holds" : "MISSED";

    private static double[] Row(double[,] values, int row) => [.. Enumerable.Range(0, values.GetLength(1)).Select(i => values[row, i])];

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
