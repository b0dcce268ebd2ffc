using Ueq.Serving;
using Ueq.Versions;

namespace Ueq.InferenceLog;

/// <summary>A copy of some answered rows on their way to a file.</summary>
internal sealed class RowPacket
{
    // What else a row has in memory: texts that all rows of a packet share, and its place in lists.
    private const int Overhead = 64;

    public RowPacket(in AnsweredRows rows, long microseconds)
    {
        Version = rows.Version;
        Model = rows.Model;
        RequestId = rows.RequestId;
        First = rows.First;
        Microseconds = microseconds;
        Rows = rows.Predictions.Length;
        Features = rows.Features.Values.ToArray();
        Predictions = rows.Predictions.ToArray();
        Intervals = rows.Intervals.ToArray();
        Probabilities = rows.Probabilities.ToArray();
        Sets = rows.Sets.ToArray();
        Coverage = rows.Coverage.Value;
        Experiment = rows.Experiment;
        Arm = rows.Arm;
        Caller = rows.Caller;
    }

    public ModelVersion Version { get; }

    public string Model { get; }

    public string RequestId { get; }

    public long First { get; }

    /// <summary>When they were answered, since 1970.</summary>
    public long Microseconds { get; }

    public int Rows { get; }

    public float[] Features { get; }

    public double[] Predictions { get; }

    public Interval[] Intervals { get; }

    public double[] Probabilities { get; }

    public ulong[] Sets { get; }

    public double Coverage { get; }

    public string? Experiment { get; }

    public string? Arm { get; }

    public string? Caller { get; }

    /// <summary>What it takes in memory, more or less.</summary>
    public long Bytes => SizeOf(Rows, Features.Length, Predictions.Length + (2 * Intervals.Length) + Probabilities.Length + Sets.Length);

    /// <summary>The same of rows that are not copied yet.</summary>
    public static long BytesOf(in AnsweredRows rows) =>
        SizeOf(rows.Predictions.Length, rows.Features.Values.Length, rows.Predictions.Length + (2 * rows.Intervals.Length) + rows.Probabilities.Length + rows.Sets.Length);

    private static long SizeOf(int rows, int floats, int doubles) => ((long)Overhead * (1 + rows)) + (4L * floats) + (8L * doubles);
}
