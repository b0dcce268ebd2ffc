using System.Diagnostics;
using System.Text;
using Ueq.Data;

namespace Ueq.Bench.Batch;

/// <summary><c>ueq predict</c> as a whole process on files of growing length: time, processor time and peak memory.</summary>
internal static class FileBenchmark
{
    public static async Task<bool> Run(StringBuilder page, FeatureMatrix x, FeatureMatrix train, double[] y, double memoryGate)
    {
        string folder = Directory.CreateTempSubdirectory("ueq-bench-").FullName;
        try
        {
            string[] names = [.. Enumerable.Range(0, x.Columns).Select(c => $"x{c}")];
            Write(Path.Combine(folder, "train.csv"), [.. names, "y"], train, y);
            await Ueq(["fit", "--data", Path.Combine(folder, "train.csv"), "--target", "y", "--model", "lightgbm", "--method", "split", "--output", Path.Combine(folder, "model")]);
            page.AppendLine("`ueq predict` from CSV to CSV, the whole process:").AppendLine();
            page.AppendLine("| rows | seconds | processor seconds | peak memory, MB |").AppendLine("|---:|---:|---:|---:|");
            bool passed = true;
            foreach (int rows in (int[])[10_000, 100_000, x.Rows])
            {
                string input = Path.Combine(folder, "in.csv");
                Write(input, names, x.Slice(0, rows), null);
                (double wall, double processor, double peak) = await Ueq(
                    ["predict", "--model-dir", Path.Combine(folder, "model"), "--input", input, "--output", Path.Combine(folder, "out.csv")]);
                int lines = File.ReadLines(Path.Combine(folder, "out.csv")).Count();
                if (lines != rows + 1) throw new InvalidDataException($"Expected {rows + 1} lines of answers, got {lines}.");
                page.AppendLine(BatchBenchmark.Say($"| {rows:N0} | {wall:0.0} | {processor:0.0} | {peak:0} |"));
                passed &= peak <= memoryGate;
            }

            page.AppendLine().AppendLine(BatchBenchmark.Say($"Gate: {memoryGate:0} MB at any length.")).AppendLine();
            return passed;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Write(string path, string[] columns, FeatureMatrix x, double[]? y)
    {
        using CsvRowWriter writer = new(path, columns);
        for (int i = 0; i < x.Rows; i++)
        {
            foreach (float value in x.Row(i)) writer.Add(Math.Round(value, 6));
            if (y is not null) writer.Add(y[i]);
            writer.EndRow();
        }

        writer.Complete();
    }

    private static async Task<(double Wall, double Processor, double PeakMegabytes)> Ueq(string[] arguments)
    {
        long start = Stopwatch.GetTimestamp();
        ProcessStartInfo call = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "ueq.dll"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(call) ?? throw new InvalidOperationException("The ueq command did not start.");
        Task<string> errors = process.StandardError.ReadToEndAsync(), answers = process.StandardOutput.ReadToEndAsync();
        double peak = 0, processor = 0;
        while (!process.WaitForExit(20))
        {
            // The high-water mark: looking now and then misses nothing but what comes after the last look.
            process.Refresh();
            if (process.HasExited) break;
            peak = Math.Max(peak, process.PeakWorkingSet64 / 1e6);
            processor = process.TotalProcessorTime.TotalSeconds;
        }

        await answers;
        if (process.ExitCode != 0) throw new InvalidOperationException($"ueq {arguments[0]} ended with {process.ExitCode}: {await errors}");
        return (Stopwatch.GetElapsedTime(start).TotalSeconds, processor, peak);
    }
}
