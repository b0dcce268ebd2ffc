using Ueq.Monitoring;
using Ueq.Plots;
using Ueq.Versions;

namespace Ueq.Bench.Quality.Streams;

/// <summary>Live coverage over the rows of a file, as labels come late: the monitor's reading, and the share among the latest labels.</summary>
internal sealed class LiveCoverageTrace(ModelTask task, Guarantee guarantee)
{
    private const int Window = 1000, Every = 100;
    private readonly CoverageMonitor _monitor = new(CoverageTolerance.From(guarantee), task, new CoverageOptions());
    private readonly Queue<bool> _latest = new();
    private readonly List<CoveragePoint> _points = [];
    private readonly List<RowMark> _marks = [];
    private long _alarms, _labels;
    private int _covered;
    private SignalState _state = SignalState.Learning;

    public IReadOnlyList<CoveragePoint> Points => _points;

    /// <summary>Alarms and recoveries, at rows of the file.</summary>
    public IReadOnlyList<RowMark> Marks => _marks;

    public CoverageReading Reading => _monitor.Read(DateTimeOffset.UnixEpoch);

    /// <summary>Takes the label of a row that comes when another row is answered.</summary>
    public void Add(StreamAnswers answers, int labelled, int row)
    {
        bool covered = answers.Covered[labelled];
        _monitor.Add(new LabelledAnswer(
            DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, null, guarantee.Nominal, answers.Predictions[labelled], answers.Intervals[labelled], answers.Truths[labelled],
            covered ? LabelOutcome.Covered : LabelOutcome.Missed));
        _latest.Enqueue(covered);
        if (covered) _covered++;
        if (_latest.Count > Window && _latest.Dequeue()) _covered--;
        // Every tenth label suffices to say at which row, to ten rows.
        if (++_labels % 10 != 0) return;
        CoverageReading reading = Reading;
        if (reading.Alarms > _alarms) _marks.Add(new RowMark(row + 1, MarkKind.Alarm));
        else if (_state is SignalState.Alarm or SignalState.Recovering && reading.State == SignalState.Healthy) _marks.Add(new RowMark(row + 1, MarkKind.Recovery));
        (_alarms, _state) = (reading.Alarms, reading.State);
        if (_labels % Every != 0) return;
        _points.Add(new CoveragePoint(row + 1, reading.Coverage.Covered, reading.Coverage.Bounds.Lower, reading.Coverage.Bounds.Upper)
        {
            Latest = _latest.Count < Window / 4 ? double.NaN : (double)_covered / _latest.Count,
        });
    }
}
