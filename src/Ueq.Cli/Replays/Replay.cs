using Ueq.Data;
using Ueq.Monitoring;

namespace Ueq.Cli.Replays;

/// <summary>What came of a replay.</summary>
/// <param name="Rows">Rows of the stream.</param>
/// <param name="Columns">The columns that were watched.</param>
/// <param name="Watch">What they fed, as it stands at the end.</param>
/// <param name="Events">What happened on the way.</param>
/// <param name="Missing">Missing values per column.</param>
/// <param name="Traces">What pictures are drawn from; <c>null</c> when none are asked for.</param>
internal sealed record ReplayResult(
    long Rows, ColumnCodes Columns, IReplayWatch Watch, ReplayEvents Events, IReadOnlyList<long> Missing, ReplayTraces? Traces);

/// <summary>A stream replayed row by row against a reference, in memory that does not grow with the stream.</summary>
internal static class Replay
{
    private const int Batch = 256;

    /// <summary>Reads the reference of a plan, whose rows must fit into memory.</summary>
    public static DriftReference ReadReference(ReplayPlan plan, ColumnCodes columns, CancellationToken cancellation)
    {
        if (columns.Rows * columns.Names.Count > Array.MaxLength)
            throw new CsvFormatException(plan.Reference!, 0, null, $"{columns.Rows} rows of {columns.Names.Count} columns do not fit into a reference; a part of them says as much");
        float[] values = new float[columns.Rows * columns.Names.Count];
        List<DateTimeOffset> times = [];
        using CsvColumnReader reader = new(plan.Reference!, columns, plan.TimeColumn, plan.Csv);
        int place = 0;
        while (place < values.Length && reader.Read(values.AsSpan(place)))
        {
            place += columns.Names.Count;
            if (plan.TimeColumn is not null) times.Add(reader.Time);
            if (reader.Rows % Batch == 0) cancellation.ThrowIfCancellationRequested();
        }

        if (place < values.Length) throw new CsvFormatException(plan.Reference!, 0, null, "the file changed while it was read");
        return DriftReference.OfColumns(columns.Names, new FeatureMatrix(values, columns.Names.Count), times.ToArray());
    }

    /// <summary>Feeds every row of the stream to the watch.</summary>
    public static ReplayResult Run(
        ReplayPlan plan, ColumnCodes columns, IReplayWatch watch, ReplayTraces? traces, IProgress<double> progress, CancellationToken cancellation)
    {
        int width = columns.Names.Count, rows = 0;
        float[] batch = new float[Batch * width], row = new float[width];
        long[] missing = new long[width];
        ReplayEvents events = new();
        DateTimeOffset at = DateTimeOffset.UnixEpoch;
        using CsvColumnReader reader = new(plan.Stream, columns, plan.TimeColumn, plan.Csv);
        int most = traces is null ? Batch : ReplayTraces.Step;
        while (reader.Read(row))
        {
            if (plan.ErrorColumn is not null && row[0] is not (0 or 1)) throw reader.Fault(0, "expected 0 or 1 in the column of errors, got another number or none");
            // Rows of one batch share their time, so that each is compared with its own hour.
            if (rows == most || (rows > 0 && reader.Time != at)) Flush();
            at = reader.Time;
            row.CopyTo(batch.AsSpan(rows++ * width));
            for (int c = 0; c < width; c++)
                if (float.IsNaN(row[c])) missing[c]++;
            traces?.Add(row);
        }

        if (reader.Rows == 0) throw new CsvFormatException(plan.Stream, 0, null, "expected rows after the header, got none");
        Flush();
        return new ReplayResult(reader.Rows, columns, watch, events, missing, traces);

        void Flush()
        {
            cancellation.ThrowIfCancellationRequested();
            watch.Add(new FeatureMatrix(batch.AsMemory(0, rows * width), width), at);
            foreach (ReplayEvent one in watch.TakeEvents()) events.Add(one);
            traces?.Evidence(watch, reader.Rows);
            progress.Report(reader.Position);
            rows = 0;
        }
    }
}
