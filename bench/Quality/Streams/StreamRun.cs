using Ueq.Monitoring;
using Ueq.Plots;

namespace Ueq.Bench.Quality.Streams;

/// <summary>Something that was raised, at a row of the file, from 1.</summary>
internal sealed record StreamEvent(long Row, SignalTransition Step)
{
    public MarkKind? Mark => (Step.From, Step.To) switch
    {
        (SignalState.Recovering, SignalState.Alarm) => null,
        (_, SignalState.Alarm) => MarkKind.Alarm,
        (SignalState.Recovering, SignalState.Healthy) => MarkKind.Recovery,
        (_, SignalState.Void) => MarkKind.Void,
        _ => null,
    };
}

/// <summary>What came of watching a stream row by row, labels late as the stream says.</summary>
internal sealed class StreamRun
{
    private const int Step = 32;
    private readonly List<StreamEvent> _events = [];
    private readonly Dictionary<string, Trace> _values, _evidence;

    public StreamRun(WatchedStream stream)
    {
        Stream = stream;
        Reference = stream.Reference();
        _values = Reference.Signals.ToDictionary(signal => signal.Name, _ => new Trace(240));
        _evidence = Reference.Signals.ToDictionary(signal => signal.Name, _ => new Trace(240, Step));
        if (stream.Answers is { } model) Coverage = new LiveCoverageTrace(model.Task, model.Guarantee);
        ModelWatch watch = new(Reference, stream.Options);
        for (int row = stream.Begin.Watched; row < stream.Rows; row++)
        {
            DateTimeOffset at = stream.Times.Length == 0 ? DateTimeOffset.UnixEpoch : stream.Times[row];
            FeatureMatrix x = stream.X.Slice(row, 1);
            if (stream.Answers is not { } answers) watch.AddColumns(x, at);
            else
            {
                watch.Add(x, answers.Predictions.AsSpan(row, 1), answers.Sizes.AsSpan(row, 1), at);
                int labelled = row - stream.LabelDelay;
                if (labelled >= stream.Begin.Watched)
                {
                    watch.AddScores(answers.Scores.AsSpan(labelled, 1), at);
                    Coverage!.Add(answers, labelled, row);
                }
            }

            foreach (SignalTransition step in watch.TakeTransitions()) _events.Add(new StreamEvent(row + 1, step));
            Note(watch, row);
        }

        End = watch.Read();
    }

    public WatchedStream Stream { get; }

    public DriftReference Reference { get; }

    public IReadOnlyList<StreamEvent> Events => _events;

    public IEnumerable<StreamEvent> Alarms => _events.Where(one => one.Mark == MarkKind.Alarm);

    /// <summary>Every signal at the end.</summary>
    public WatchReading End { get; }

    /// <summary>Live coverage, by rows of the file; <c>null</c> without a model.</summary>
    public LiveCoverageTrace? Coverage { get; }

    /// <summary>The most false alarms to expect without any change.</summary>
    public double FalseAlarms =>
        Reference.Signals.Count * Math.Ceiling((double)End.Rows / Stream.Options.Thinning) / Math.Exp(End.Signals[0].LogThreshold);

    /// <summary>A signal, at rows of the file.</summary>
    public IReadOnlyList<TracePoint> Values(string signal) => AtRows(_values[signal]);

    /// <summary>The last thousand values of a feature.</summary>
    public double[] Latest(string feature)
    {
        int column = Reference.Signals.ToList().FindIndex(signal => signal.Name == feature);
        return [.. Enumerable.Range(Stream.Rows - 1000, 1000).Select(row => (double)Stream.X.Row(row)[column])];
    }

    public IReadOnlyList<TracePoint> Evidence(string signal) => AtRows(_evidence[signal]);

    public RowMark[] Marks(string? signal, params long[] known) =>
    [
        .. _events.Where(one => one.Mark is not null && (signal is null || one.Step.Signal == signal)).Select(one => new RowMark(one.Row, one.Mark!.Value)),
        .. known.Select(row => new RowMark(row, MarkKind.KnownChange)),
    ];

    private void Note(ModelWatch watch, int row)
    {
        ReadOnlySpan<float> x = Stream.X.Row(row);
        for (int f = 0; f < x.Length; f++) _values[Reference.Signals[f].Name].Add(x[f]);
        if (Stream.Answers is { } answers)
        {
            _values["prediction"].Add(answers.Predictions[row]);
            _values["size"].Add(answers.Sizes[row]);
            if (Reference.HasScores) _values["score"].Add(row - Stream.LabelDelay >= Stream.Begin.Watched ? answers.Scores[row - Stream.LabelDelay] : double.NaN);
        }

        if ((row - Stream.Begin.Watched) % Step != 0) return;
        foreach (WatchedSignal signal in watch.Read().Signals) _evidence[signal.Name].Add(signal.LogEvidence);
    }

    private TracePoint[] AtRows(Trace trace) => [.. trace.Read().Select(point => point with { FirstRow = point.FirstRow + Stream.Begin.Watched })];
}
