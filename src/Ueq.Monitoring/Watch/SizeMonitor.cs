using System.Text.Json.Serialization;

namespace Ueq.Monitoring;

/// <summary>The guide's status: its drift score against its threshold, and nothing else.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<GuideStatus>))]
public enum GuideStatus
{
    /// <summary>The drift score is at most the threshold.</summary>
    [JsonStringEnumMemberName("healthy")]
    Healthy,

    /// <summary>The drift score is above the threshold.</summary>
    [JsonStringEnumMemberName("warning")]
    Warning,
}

/// <summary>The guide's figures of the latest full window of sizes.</summary>
public sealed record SizeReading
{
    /// <summary>Whether the drift score is above the guide's threshold.</summary>
    public required GuideStatus Status { get; init; }

    /// <summary>Full windows so far.</summary>
    public required long WindowsClosed { get; init; }

    /// <summary>Rows in all full windows so far.</summary>
    public required long Rows { get; init; }

    /// <summary>The guide's <c>history_size</c>: rows behind the current figures, none before the first full window.</summary>
    public required int HistorySize { get; init; }

    /// <summary>The guide's drift score of the latest window.</summary>
    /// <remarks>
    /// 0.4·|Δmean|/|mean| + 0.3·|Δstd|/std + 0.3·|Δmedian|/|median|. A term whose reference is zero counts 0 without change and 1
    /// otherwise. 0 before the first full window and where <see cref="Content"/> is not informative; 1 when no size is finite.
    /// </remarks>
    public required double DriftScore { get; init; }

    /// <summary>The highest drift score of any window so far.</summary>
    public required double MaxDriftScore { get; init; }

    /// <summary>Whether the reference of sizes can tell anything: with one width for all rows the drift score is 0 by definition.</summary>
    public required SignalContent Content { get; init; }

    /// <summary>Finite sizes of the latest window; <c>null</c> before the first.</summary>
    public required SampleSummary? CurrentStats { get; init; }

    /// <summary>Finite sizes of the reference.</summary>
    public required SampleSummary BaselineStats { get; init; }
}

/// <summary>The guide's drift score of sizes, in windows that do not overlap: a figure that people know, on which no alarm hangs.</summary>
/// <remarks>A single writer; not thread-safe. Adding allocates nothing.</remarks>
public sealed class SizeMonitor
{
    private readonly SignalReference _sizes;
    private readonly double _threshold;
    private readonly double[] _open;
    private long _windows;
    private int _rows, _finite;
    private double _score, _highest;
    private SampleSummary? _closed;

    /// <summary>A monitor that has seen nothing.</summary>
    /// <param name="reference">The reference, with sizes.</param>
    /// <param name="windowSize">Rows per window (the guide's <c>window_size</c>): 20 to 1,000,000.</param>
    /// <param name="driftThreshold">Where the status turns to warning (the guide's <c>drift_threshold</c>): positive.</param>
    public SizeMonitor(DriftReference reference, int windowSize, double driftThreshold)
    {
        ArgumentNullException.ThrowIfNull(reference);
        if (!reference.HasAnswers) throw new ArgumentException("Expected a reference with sizes, got one of columns.", nameof(reference));
        if (windowSize is < 20 or > 1_000_000) Throw.OutOfRange(nameof(windowSize), windowSize, "20 to 1,000,000 rows per window");
        if (!(driftThreshold > 0 && double.IsFinite(driftThreshold))) Throw.OutOfRange(nameof(driftThreshold), driftThreshold, "a positive, finite drift score");
        _sizes = reference.Signals[reference.Features + 1];
        _threshold = driftThreshold;
        _open = new double[windowSize];
    }

    /// <summary>Takes widths of intervals or sizes of label sets. Infinite widths only count as rows.</summary>
    public void Add(ReadOnlySpan<double> sizes)
    {
        foreach (double size in sizes)
        {
            if (double.IsFinite(size)) _open[_finite++] = size;
            if (++_rows == _open.Length) Close();
        }
    }

    /// <summary>What the latest full window says.</summary>
    public SizeReading Read() => new()
    {
        Status = _score > _threshold ? GuideStatus.Warning : GuideStatus.Healthy,
        WindowsClosed = _windows,
        Rows = _windows * _open.Length,
        HistorySize = _windows == 0 ? 0 : _open.Length,
        DriftScore = _score,
        MaxDriftScore = _highest,
        Content = _sizes.Content,
        CurrentStats = _closed,
        BaselineStats = _sizes.Summary,
    };

    private void Close()
    {
        Span<double> finite = _open.AsSpan(0, _finite);
        finite.Sort();
        SampleSummary now = SampleSummary.From(finite), then = _sizes.Summary;
        _score = _sizes.Content != SignalContent.Informative ? 0 : _finite == 0 ? 1 : GuideScore.Of(then, now);
        _closed = now;
        _highest = Math.Max(_highest, _score);
        _windows++;
        _rows = _finite = 0;
    }
}
