using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Ueq.Bench.Serving;

/// <summary>Processor time of the server per request: our <c>/predict</c> against Kestrel echoing the same body, in one interleaved run.</summary>
internal static class HttpBenchmark
{
    private const int Connections = 32;
    private const int Rounds = 15;
    private const int Warmup = 40_000;
    private const int Bodies = 8192;
    private const string Command = "dotnet run -c Release --project bench/Speed -- http";

    internal static readonly IIntervalPredictor Model = LinearModel.Version(BenchServer.Features).Regressor!;

    private static readonly (string Name, int Rows, string Options, int Requests, double Gate)[] Cases =
    [
        ("1 row", 1, "", 16_000, 1.35),
        ("32 rows", 32, "", 8_000, 3.0),
        ("1 row, monitor off", 1, ",\"monitor\":false", 16_000, 1.35),
        ("32 rows, monitor off", 32, ",\"monitor\":false", 8_000, 3.0),
    ];

    public static async Task<int> Run(string[] args)
    {
        StringBuilder table = new();
        table.AppendLine("# Server processor time per HTTP request");
        table.AppendLine();
        table.AppendLine("Our `/predict` (JSON, 10 features, linear model, metrics and drift monitoring");
        table.AppendLine("on) against bare Kestrel echoing the same body, utime+stime over requests,");
        table.AppendLine(Say($"{Connections} connections, {Rounds} interleaved rounds, server in its own process."));
        table.AppendLine("The ratio is the median of the rounds' ratios.");
        table.AppendLine();
        table.AppendLine("| body | echo µs, median (min–max) | ueq µs, median (min–max) | ratio | gate |");
        table.AppendLine("|---|---|---|---|---|");
        bool passed = true;
        foreach ((string name, int rows, string options, int requests, double gate) in Cases)
        {
            (double[] echo, double[] ueq) = await Compare(rows, options, requests);
            double ratio = Median([.. ueq.Zip(echo, (u, e) => u / e)]);
            passed &= ratio <= gate;
            string line = Say($"| {name} | {Spread(echo)} | {Spread(ueq)} | {ratio:0.00} | {gate:0.00} |");
            table.AppendLine(line);
            Console.WriteLine(line);
        }

        table.AppendLine();
        table.AppendLine(Say($"{DateTime.UtcNow:yyyy-MM-dd}, {Processor()}, {Environment.ProcessorCount} processors shared with the load"));
        table.AppendLine(Say($"generator, {Environment.OSVersion.Platform}, .NET {Environment.Version}."));
        table.AppendLine();
        table.AppendLine($"    {Command}");
        Console.WriteLine(table);
        if (args is [string file]) await File.WriteAllTextAsync(file, table.ToString());
        else await File.WriteAllTextAsync(ResultFile("http.md"), table.ToString());
        return passed ? 0 : 1;
    }

    private static async Task<(double[] Echo, double[] Ueq)> Compare(int rows, string options, int requests)
    {
        using ServerProcess echo = await ServerProcess.Start("serve-echo");
        using ServerProcess ueq = await ServerProcess.Start("serve-ueq");
        (string Body, string Answer)[] exchanges = [.. Enumerable.Range(0, Bodies).Select(i => Exchange(i, rows, options))];
        LoadGenerator toEcho = new(echo.Address, "/", [.. exchanges.Select(e => (e.Body, e.Body))]);
        LoadGenerator toUeq = new(ueq.Address, "/predict", exchanges);
        await toEcho.Send(Warmup, Connections);
        await toUeq.Send(Warmup, Connections);
        double[] echoes = new double[Rounds], ueqs = new double[Rounds];
        for (int round = 0; round < Rounds; round++)
        {
            echoes[round] = await Measure(echo, toEcho, requests);
            ueqs[round] = await Measure(ueq, toUeq, requests);
        }

        return (echoes, ueqs);
    }

    private static async Task<double> Measure(ServerProcess server, LoadGenerator load, int requests)
    {
        TimeSpan before = server.ProcessorTime;
        await load.Send(requests, Connections);
        return (server.ProcessorTime - before).TotalMicroseconds / requests;
    }

    // Different rows from the reference's own distribution, and the right predictions, so that a fast wrong answer fails.
    internal static (string Body, string Answer) Exchange(int index, int rows, string options)
    {
        Rng rng = Rng.Stream(7, (ulong)index);
        float[] values = new float[rows * BenchServer.Features];
        for (int i = 0; i < values.Length; i++) values[i] = (float)Math.Round(rng.NextNormal(), 4);
        double[] predictions = new double[rows];
        Model.Predict(new FeatureMatrix(values, BenchServer.Features), default, predictions, new Interval[rows]);
        IEnumerable<string> texts = values.Select(v => v.ToString("R", CultureInfo.InvariantCulture)).Chunk(BenchServer.Features).Select(row => $"[{string.Join(",", row)}]");
        IEnumerable<string> answers = predictions.Select(p => p.ToString("R", CultureInfo.InvariantCulture));
        return ($"{{\"X\":[{string.Join(",", texts)}]{options}}}", $"{{\"predictions\":[{string.Join(",", answers)}],\"uncertainty\":[[");
    }

    private static string Spread(double[] values) => Say($"{Median(values):0.0} ({values.Min():0.0}–{values.Max():0.0})");

    internal static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);

    internal static string Processor() => File.Exists("/proc/cpuinfo")
        ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown processor"
        : "unknown processor";

    internal static string ResultFile(string name)
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Ueq.slnx"))) folder = folder.Parent;
        return Path.Combine(folder?.FullName ?? ".", "bench", "Speed", "results", name);
    }

    private static string Say(FormattableString text) => FormattableString.Invariant(text);
}
