using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Ueq.Serving;
using Ueq.Versions;

namespace Ueq.Bench.Serving;

/// <summary>Processor time of the server per request of one row: the cache off, a hit, a miss, in one interleaved run.</summary>
internal static class CacheBenchmark
{
    private const int Connections = 32;
    private const int Rounds = 15;
    private const int Requests = 8000;
    private const int Bodies = 8192;
    private const string Slow = "slow";

    private static readonly string[] Kinds = ["off", "hit", "miss"];
    private static readonly string[] Models = ["linear", Slow];

    /// <summary>The servers by name, such as <c>serve-cache-hit-linear</c>.</summary>
    public static IEnumerable<(string Name, Func<string[], Task<int>> Serve)> Servers =>
        from kind in Kinds from model in Models select ($"serve-cache-{kind}-{model}", (Func<string[], Task<int>>)(_ => Serve(kind, model)));

    public static async Task<int> Run(string[] args)
    {
        StringBuilder table = new();
        table.AppendLine("# The cache, per request of one row");
        table.AppendLine();
        table.AppendLine(Say($"Processor time of the server (utime+stime over requests), `/predict`, 10 features, {Connections} connections, {Rounds} interleaved rounds of"));
        table.AppendLine(Say($"{Requests} requests, {Bodies} different rows. Hit: all rows are kept. Miss: 16 are, so each is computed, written and given up again."));
        table.AppendLine("The slow model spends 200 µs of processor on a row.");
        table.AppendLine();
        table.AppendLine("| model | off µs, median (min–max) | hit | miss |");
        table.AppendLine("|---|---|---|---|");
        foreach (string model in Models)
        {
            string line = $"| {model} | {string.Join(" | ", (await Compare(model)).Select(Spread))} |";
            table.AppendLine(line);
            Console.WriteLine(line);
        }

        table.AppendLine();
        table.AppendLine(Say($"{DateTime.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} processors shared with the load generator, {Environment.OSVersion.Platform}, .NET {Environment.Version}."));
        table.AppendLine();
        table.AppendLine("    dotnet run -c Release --project bench/Speed -- cache bench/Speed/results/cache.md");
        Console.WriteLine(table);
        if (args is [string file]) await File.WriteAllTextAsync(file, table.ToString());
        return 0;
    }

    private static async Task<double[][]> Compare(string model)
    {
        IIntervalPredictor predictor = LinearModel.Version(BenchServer.Features).Regressor!;
        (string Body, string Answer)[] exchanges = [.. Enumerable.Range(0, Bodies).Select(i => Exchange(predictor, i))];
        List<(ServerProcess Server, LoadGenerator Load, double[] Times)> all = [];
        try
        {
            foreach (string kind in Kinds)
            {
                ServerProcess server = await ServerProcess.Start($"serve-cache-{kind}-{model}");
                all.Add((server, new LoadGenerator(server.Address, "/predict", exchanges), new double[Rounds]));
                await all[^1].Load.Send(3 * Bodies, Connections);
            }

            for (int round = 0; round < Rounds; round++)
            {
                foreach ((ServerProcess server, LoadGenerator load, double[] times) in all)
                {
                    TimeSpan before = server.ProcessorTime;
                    await load.Send(Requests, Connections);
                    times[round] = (server.ProcessorTime - before).TotalMicroseconds / Requests;
                }
            }
        }
        finally
        {
            foreach ((ServerProcess server, _, _) in all) server.Dispose();
        }

        return [.. all.Select(each => each.Times)];
    }

    private static Task<int> Serve(string kind, string model)
    {
        UeqServiceConfig config = new() { Urls = ["http://127.0.0.1:0"] };
        if (kind != "off") config = config with { Cache = new CacheConfig { Models = ["*"], Rows = kind == "hit" ? 100_000 : 16 } };
        ModelVersion version = LinearModel.Version(BenchServer.Features);
        if (model == Slow) version = new ModelVersion(version.Manifest, new SlowModel(version.Regressor!, TimeSpan.FromMicroseconds(200)), version.Reference, version.Digest);
        return BenchServer.Serve(BenchServer.Service(config, version));
    }

    private static (string Body, string Answer) Exchange(IIntervalPredictor model, int index)
    {
        Rng rng = Rng.Stream(7, (ulong)index);
        float[] values = new float[BenchServer.Features];
        for (int i = 0; i < values.Length; i++) values[i] = (float)Math.Round(rng.NextNormal(), 4);
        double[] predictions = new double[1];
        model.Predict(new FeatureMatrix(values, BenchServer.Features), default, predictions, new Interval[1]);
        string row = string.Join(",", values.Select(v => v.ToString("R", CultureInfo.InvariantCulture)));
        return ($"{{\"X\":[[{row}]]}}", Say($"{{\"predictions\":[{predictions[0]:R}],\"uncertainty\":[["));
    }

    private static string Spread(double[] values) => Say($"{values.Order().ElementAt(values.Length / 2):0.0} ({values.Min():0.0}–{values.Max():0.0})");

    private static string Say(FormattableString text) => FormattableString.Invariant(text);
}
