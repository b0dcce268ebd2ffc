using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;

namespace Ueq.Bench.Serving;

/// <summary>What a row costs on <c>/predict_large</c> as JSON, as NDJSON and in Arrow record batches, in one interleaved run.</summary>
internal static class StreamedBenchmark
{
    private const int Rows = 100_000;
    private const int Batch = 10_000;
    private const int Rounds = 11;
    private const string Command = "dotnet run -c Release --project bench/Speed -- stream";

    public static async Task<int> Run(string[] args)
    {
        float[] values = new float[Rows * BenchServer.Features];
        Rng rng = Rng.Stream(11, 1);
        for (int i = 0; i < values.Length; i++) values[i] = (float)Math.Round(rng.NextNormal(), 4);
        double[] predictions = new double[Rows];
        LinearModel.Version(BenchServer.Features).Regressor!.Predict(new FeatureMatrix(values, BenchServer.Features), default, predictions, new Interval[Rows]);
        (string Name, string Type, byte[] Body, double[] Micros, double[] Seconds, long Answered)[] formats =
        [
            ("JSON", "application/json", Encoding.ASCII.GetBytes($"{{\"X\":[{string.Join(",", Lines(values))}]}}"), new double[Rounds], new double[Rounds], 0),
            ("NDJSON", "application/x-ndjson", Encoding.ASCII.GetBytes(string.Join("\n", Lines(values))), new double[Rounds], new double[Rounds], 0),
            ("Arrow, float", "application/vnd.apache.arrow.stream", Arrow(values, FloatType.Default), new double[Rounds], new double[Rounds], 0),
            ("Arrow, double", "application/vnd.apache.arrow.stream", Arrow(values, DoubleType.Default), new double[Rounds], new double[Rounds], 0),
        ];
        using ServerProcess server = await ServerProcess.Start("serve-ueq");
        using HttpClient client = new() { BaseAddress = server.Address };
        for (int round = -2; round < Rounds; round++)
        {
            for (int i = 0; i < formats.Length; i++)
            {
                TimeSpan before = server.ProcessorTime;
                long started = Stopwatch.GetTimestamp();
                byte[] answer = await Post(client, formats[i].Type, formats[i].Body);
                double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
                formats[i].Answered = answer.Length;
                Check(formats[i].Type, answer, predictions);
                if (round < 0) continue;
                formats[i].Micros[round] = (server.ProcessorTime - before).TotalMicroseconds / Rows;
                formats[i].Seconds[round] = seconds;
            }
        }

        StringBuilder table = new();
        table.AppendLine("# What a row costs on /predict_large");
        table.AppendLine();
        table.AppendLine(Say($"{Rows} rows of {BenchServer.Features} numbers in one request, Arrow in batches of {Batch}; linear model, drift monitoring on, server in its own"));
        table.AppendLine(Say($"process, {Rounds} interleaved rounds. Processor time is the server's, utime+stime; rows per second are the caller's, one connection."));
        table.AppendLine();
        table.AppendLine("| format | server µs per row, median (min–max) | rows per second, median | bytes per row sent | bytes per row answered |");
        table.AppendLine("|---|---|---|---|---|");
        foreach ((string name, _, byte[] body, double[] micros, double[] seconds, long answered) in formats)
            table.AppendLine(Say($"| {name} | {Median(micros):0.000} ({micros.Min():0.000}–{micros.Max():0.000}) | {Rows / Median(seconds):0} | {body.Length / (double)Rows:0.0} | {answered / (double)Rows:0.0} |"));
        table.AppendLine();
        table.AppendLine(Say($"{DateTime.UtcNow:yyyy-MM-dd}, {HttpBenchmark.Processor()}, {Environment.ProcessorCount} processors shared with the caller, .NET {Environment.Version}."));
        table.AppendLine();
        table.AppendLine($"    {Command}");
        Console.WriteLine(table);
        await File.WriteAllTextAsync(args is [string file] ? file : HttpBenchmark.ResultFile("stream.md"), table.ToString());
        return 0;
    }

    private static async Task<byte[]> Post(HttpClient client, string type, byte[] body)
    {
        using ByteArrayContent content = new(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        using HttpResponseMessage answer = await client.PostAsync(new Uri("/predict_large", UriKind.Relative), content);
        byte[] bytes = await answer.Content.ReadAsByteArrayAsync();
        return answer.IsSuccessStatusCode ? bytes : throw new InvalidOperationException($"{(int)answer.StatusCode}: {Encoding.UTF8.GetString(bytes)}");
    }

    // A fast wrong answer fails.
    private static void Check(string type, byte[] answer, double[] predictions)
    {
        if (type.EndsWith("stream", StringComparison.Ordinal))
        {
            using ArrowStreamReader reader = new(answer);
            int row = 0;
            while (reader.ReadNextRecordBatch() is { } batch)
            {
                if (!((DoubleArray)batch.Column("prediction")).Values.SequenceEqual(predictions.AsSpan(row, batch.Length))) throw new InvalidOperationException($"wrong answers after row {row}");
                row += batch.Length;
            }

            if (row != Rows) throw new InvalidOperationException($"{row} of {Rows} rows were answered");
        }
        else
        {
            string last = predictions[^1].ToString("R", CultureInfo.InvariantCulture);
            if (!Encoding.ASCII.GetString(answer).Contains(last, StringComparison.Ordinal)) throw new InvalidOperationException($"the last row's {last} is not among the answers");
        }
    }

    private static IEnumerable<string> Lines(float[] values) =>
        values.Chunk(BenchServer.Features).Select(row => $"[{string.Join(",", row.Select(value => value.ToString("R", CultureInfo.InvariantCulture)))}]");

    private static byte[] Arrow(float[] values, IArrowType type)
    {
        Schema schema = new([.. Enumerable.Range(0, BenchServer.Features).Select(c => new Field($"c{c}", type, nullable: false))], null);
        using MemoryStream stream = new();
        using (ArrowStreamWriter writer = new(stream, schema, leaveOpen: true))
        {
            for (int start = 0; start < Rows; start += Batch)
            {
                using RecordBatch batch = new(schema, Enumerable.Range(0, BenchServer.Features).Select(c => Column(values, type, start, c)), Batch);
                writer.WriteRecordBatch(batch);
            }

            writer.WriteEnd();
        }

        return stream.ToArray();
    }

    private static IArrowArray Column(float[] values, IArrowType type, int start, int column)
    {
        IEnumerable<float> numbers = Enumerable.Range(start, Batch).Select(row => values[row * BenchServer.Features + column]);
        return type is FloatType ? new FloatArray.Builder().AppendRange(numbers).Build() : new DoubleArray.Builder().AppendRange(numbers.Select(value => (double)value)).Build();
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);

    private static string Say(FormattableString text) => FormattableString.Invariant(text);
}
