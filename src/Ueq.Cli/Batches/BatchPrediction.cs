using Ueq.Data;
using Ueq.Versions;

namespace Ueq.Cli.Batches;

/// <summary>How a file is predicted.</summary>
/// <param name="Size">Rows that are predicted in one call; <c>null</c>: the size that costs little, by timing the model.</param>
/// <param name="Jobs">Calls at the same time.</param>
internal sealed record BatchPlan(int? Size, int Jobs)
{
    public const int MostRows = 100_000;
    public const int MostJobs = 256;
}

/// <summary>What became of a file of rows.</summary>
internal sealed record BatchSummary(long Rows, long Unbounded, IReadOnlyList<string> ExtraColumns, int Size, BatchSizeReading? Found);

/// <summary>Answers a file part by part: while one part is predicted on all processors and written, the next is read.</summary>
internal static class BatchPrediction
{
    // Rows that are in memory at a time: as many as keep all threads busy, within bounds.
    private const int LeastPart = 16_384;
    private const int MostPart = 262_144;

    public static BatchSummary Run(
        ModelVersion version, string input, string output, Coverage coverage, CsvOptions options, BatchPlan plan, IProgress<double> progress,
        CancellationToken cancellation)
    {
        using CsvRowReader reader = new(input, version.Schema, options);
        int part = PartOf(plan), width = version.Schema.Width;
        Answers answers = version.Regressor is { } regressor
            ? new IntervalAnswers(regressor, part, coverage)
            : new LabelSetAnswers(version.Classifier!, version.Manifest.Classes!, part, coverage);
        using CsvRowWriter writer = new(output, answers.Columns);
        float[] current = new float[part * width], next = new float[current.Length];
        long rows = 0, unbounded = 0;
        int count = reader.Read(current);
        BatchSizeReading? found = plan.Size is null && count > 0
            ? BatchSize.Find(answers.Try, new FeatureMatrix(current.AsMemory(0, count * width), width), cancellation: cancellation)
            : null;
        int size = plan.Size ?? found?.Size ?? 1;
        BatchProcessor batches = new(new BatchOptions { BatchSize = size, Parallelism = plan.Jobs });
        while (count > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            float[] ahead = next;
            Task<int> reading = Task.Run(() => reader.Read(ahead), cancellation);
            try
            {
                answers.Predict(new FeatureMatrix(current.AsMemory(0, count * width), width), batches, cancellation);
                unbounded += answers.Write(writer, count);
            }
            finally
            {
                // The reader is ours to close only when nobody reads.
                reading.ContinueWith(_ => { }, TaskScheduler.Default).Wait(CancellationToken.None);
            }

            rows += count;
            progress.Report(reader.Position);
            count = reading.GetAwaiter().GetResult();
            (current, next) = (next, current);
        }

        writer.Complete();
        return new BatchSummary(rows, unbounded, reader.ExtraColumns, size, found);
    }

    // Whole batches, so that only the file's last one is smaller.
    private static int PartOf(BatchPlan plan)
    {
        if (plan.Size is not { } size) return LeastPart;
        int wanted = Math.Max((LeastPart + size - 1) / size, plan.Jobs);
        return size * Math.Clamp(wanted, 1, Math.Max(1, MostPart / size));
    }
}
