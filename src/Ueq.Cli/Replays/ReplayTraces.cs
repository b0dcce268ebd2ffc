using Ueq.Plots;

namespace Ueq.Cli.Replays;

/// <summary>What pictures of a replay are drawn from: every column as a trace, its latest values, and the evidence every sixty-four rows.</summary>
internal sealed class ReplayTraces
{
    /// <summary>Rows between two looks at the evidence.</summary>
    public const int Step = 64;

    private const int Latest = 1000;
    private readonly Trace[] _values, _evidence;
    private readonly float[][] _latest;
    private long _rows, _looked;

    public ReplayTraces(int columns)
    {
        _values = [.. Enumerable.Range(0, columns).Select(_ => new Trace())];
        _evidence = [.. Enumerable.Range(0, columns).Select(_ => new Trace(400, Step))];
        _latest = [.. Enumerable.Range(0, columns).Select(_ => new float[Latest])];
    }

    public void Add(ReadOnlySpan<float> row)
    {
        for (int c = 0; c < _values.Length; c++)
        {
            _values[c].Add(row[c]);
            _latest[c][_rows % Latest] = row[c];
        }

        _rows++;
    }

    /// <summary>Looks at the evidence when enough rows have gone by.</summary>
    public void Evidence(IReplayWatch watch, long rows)
    {
        if (rows / Step <= _looked) return;
        IReadOnlyList<ReplaySignal> signals = watch.Read();
        // Batches may end anywhere; each place of the trace stands for as many rows as any other.
        for (; _looked < rows / Step; _looked++)
            for (int c = 0; c < _evidence.Length; c++) _evidence[c].Add(signals[c].LogEvidence);
    }

    public IReadOnlyList<TracePoint> Values(int column) => _values[column].Read();

    public IReadOnlyList<TracePoint> EvidenceOf(int column) => _evidence[column].Read();

    /// <summary>The latest values of a column, in no order.</summary>
    public double[] LatestOf(int column) => [.. _latest[column].Take((int)Math.Min(_rows, Latest)).Select(value => (double)value)];
}
