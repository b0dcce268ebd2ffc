using Ueq.Data;
using Ueq.Versions;

namespace Ueq.Cli.Scoring;

/// <summary>What became of a file of rows.</summary>
internal sealed record BatchSummary(long Rows, long Unbounded, IReadOnlyList<string> ExtraColumns);

/// <summary>Answers a file batch by batch: while one batch is predicted on all processors and written, the next is read.</summary>
internal static class BatchPrediction
{
    // Rows of a batch, and rows of the part of it that one thread predicts at a time.
    private const int BatchRows = 16_384;
    private const int PartRows = 1_024;

    public static BatchSummary Run(
        ModelVersion version, string input, string output, Coverage coverage, CsvOptions options, IProgress<double> progress, CancellationToken cancellation)
    {
        using CsvRowReader reader = new(input, version.Schema, options);
        Answers answers = version.Regressor is { } regressor
            ? new IntervalAnswers(regressor, BatchRows, coverage)
            : new LabelSetAnswers(version.Classifier!, version.Manifest.Classes!, BatchRows, coverage);
        using CsvRowWriter writer = new(output, answers.Columns);
        float[] current = new float[BatchRows * version.Schema.Width], next = new float[current.Length];
        long rows = 0, unbounded = 0;
        int count = reader.Read(current);
        while (count > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            float[] ahead = next;
            Task<int> reading = Task.Run(() => reader.Read(ahead), cancellation);
            try
            {
                Predict(answers, new FeatureMatrix(current.AsMemory(0, count * version.Schema.Width), version.Schema.Width), cancellation);
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
        return new BatchSummary(rows, unbounded, reader.ExtraColumns);
    }

    private static void Predict(Answers answers, FeatureMatrix x, CancellationToken cancellation)
    {
        int parts = (x.Rows + PartRows - 1) / PartRows;
        try
        {
            Parallel.For(0, parts, new ParallelOptions { CancellationToken = cancellation }, part =>
            {
                int start = part * PartRows;
                answers.Predict(x.Slice(start, Math.Min(PartRows, x.Rows - start)), start);
            });
        }
        catch (AggregateException many) when (many.InnerExceptions.Count > 0)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(many.InnerExceptions[0]);
        }
    }
}
