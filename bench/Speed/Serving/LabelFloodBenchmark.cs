using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Ueq.Bench.Serving;

/// <summary>What a client of <c>/predict</c> notices of a flood of labels: its latency with and without one, in turns.</summary>
internal static class LabelFloodBenchmark
{
    private const int Connections = 2;
    private const int Rounds = 6;
    private const int Seconds = 3;
    private const string Command = "dotnet run -c Release --project bench/Speed -- label-flood";

    public static async Task<int> Run(string[] args)
    {
        string folder = Directory.CreateTempSubdirectory("ueq-flood-").FullName;
        List<double> quiet = [], flooded = [];
        List<double[]> quietRounds = [], floodedRounds = [];
        double labels = 0, refused = 0, time = 0;
        try
        {
            using ServerProcess server = await ServerProcess.Start("serve-ueq", "--store", Path.Combine(folder, "ueq.db"));
            using ServerProcess flood = await ServerProcess.Start("flood-labels", server.Address.ToString());
            Measure(server.Address, 1);
            await flood.Ask("flood 1");
            for (int round = 0; round < Rounds; round++)
            {
                await Task.Delay(1000);
                quietRounds.Add(Measure(server.Address, Seconds));
                Task<string> answer = flood.Ask($"flood {Seconds}");
                floodedRounds.Add(Measure(server.Address, Seconds));
                double[] became = [.. (await answer).Split(' ').Select(n => double.Parse(n, CultureInfo.InvariantCulture))];
                labels += became[0] * LabelFlood.LabelsPerRequest;
                refused += became[1];
                time += became[2];
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        quiet.AddRange(quietRounds.SelectMany(r => r));
        flooded.AddRange(floodedRounds.SelectMany(r => r));
        StringBuilder table = new();
        table.AppendLine("# Predictions during a flood of labels");
        table.AppendLine();
        table.AppendLine(Say($"Latency of `/predict` (JSON, 1 row of 10 features, linear model, monitoring on, {Connections} connections with a pause of 1 ms"));
        table.AppendLine(Say($"after each answer) while another process sends `/feedback` requests of {LabelFlood.LabelsPerRequest} labels on four connections without a"));
        table.AppendLine(Say($"pause, and without it, in turns of {Seconds} s; SQLite on disk. Per figure: of all requests, and (least–most) of the {Rounds} turns."));
        table.AppendLine();
        table.AppendLine("| | requests | p50, ms | p95, ms | p99, ms | largest, ms |");
        table.AppendLine("|---|---|---|---|---|---|");
        table.AppendLine(Row("no labels", quiet, quietRounds));
        table.AppendLine(Row("flood", flooded, floodedRounds));
        table.AppendLine();
        table.AppendLine(Say($"Meanwhile {labels / time:0} labels were stored in a second, and {refused / time:0.0} requests were sent away."));
        table.AppendLine();
        table.AppendLine(Say($"{DateTime.UtcNow:yyyy-MM-dd}, {HttpBenchmark.Processor()}, {Environment.ProcessorCount} processors shared with both clients, .NET {Environment.Version}."));
        table.AppendLine();
        table.AppendLine($"    {Command}");
        Console.WriteLine(table);
        await File.WriteAllTextAsync(args is [string file] ? file : HttpBenchmark.ResultFile("label-flood.md"), table.ToString());
        return 0;
    }

    private static double[] Measure(Uri server, int seconds)
    {
        List<double>[] latencies = [.. Enumerable.Range(0, Connections).Select(_ => new List<double>(8192))];
        Thread[] clients = [.. latencies.Select((mine, client) => new Thread(() =>
        {
            Rng rng = Rng.Stream((ulong)Stopwatch.GetTimestamp(), (ulong)client);
            using RawConnection connection = new(server);
            for (long began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began).TotalSeconds < seconds;)
            {
                string row = string.Join(",", Enumerable.Range(0, BenchServer.Features).Select(_ => rng.NextNormal().ToString("0.0000", CultureInfo.InvariantCulture)));
                byte[] request = RawConnection.Post(server, "/predict", $"{{\"X\":[[{row}]]}}");
                long asked = Stopwatch.GetTimestamp();
                ReadOnlySpan<byte> answer = connection.Ask(request);
                mine.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
                if (!answer.StartsWith("HTTP/1.1 200 "u8)) throw new InvalidOperationException(Encoding.UTF8.GetString(answer));
                Thread.Sleep(1);
            }
        }))];
        foreach (Thread client in clients) client.Start();
        foreach (Thread client in clients) client.Join();
        return [.. latencies.SelectMany(l => l)];
    }

    private static string Row(string name, List<double> all, List<double[]> rounds) => Say(
        $"| {name} | {all.Count} | {Figure(all, rounds, 0.5)} | {Figure(all, rounds, 0.95)} | {Figure(all, rounds, 0.99)} | {all.Max():0.0} |");

    private static string Figure(List<double> all, List<double[]> rounds, double share)
    {
        double[] each = [.. rounds.Select(r => Quantile(r, share))];
        return Say($"{Quantile(all, share):0.00} ({each.Min():0.00}–{each.Max():0.00})");
    }

    private static double Quantile(IReadOnlyCollection<double> values, double share) => values.Order().ElementAt((int)Math.Min(values.Count - 1, share * values.Count));

    private static string Say(FormattableString text) => FormattableString.Invariant(text);
}
