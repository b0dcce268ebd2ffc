using System.Text.Json;
using Ueq.Monitoring;

namespace Ueq.Cli.Replays;

/// <summary>The primary alarm over the columns of a table.</summary>
internal sealed class EvidenceWatch : IReplayWatch
{
    private readonly ModelWatch _watch;
    private readonly WatchOptions _options;
    private readonly bool _timed;

    public EvidenceWatch(DriftReference reference, WatchOptions options, bool timed)
    {
        _watch = new ModelWatch(reference, options);
        _options = options;
        _timed = timed;
        LogThreshold = _watch.Read().Signals[0].LogThreshold;
    }

    public double LogThreshold { get; }

    public void Add(FeatureMatrix rows, DateTimeOffset at) => _watch.AddColumns(rows, at);

    public IEnumerable<ReplayEvent> TakeEvents() => _watch.TakeTransitions()
        .Where(step => step.From != SignalState.Learning || step.To != SignalState.Healthy).OrderBy(step => step.Row).Select(Event);

    public IReadOnlyList<ReplaySignal> Read() =>
        [.. _watch.Read().Signals.Select(signal => new ReplaySignal(signal.Name, Name(signal.State), signal.LogEvidence, signal.Autocorrelation))];

    public double FalseAlarms(long rows) => _watch.Reference.Signals.Count * Math.Ceiling((double)rows / _options.Thinning) / Math.Exp(LogThreshold);

    /// <summary>A state as it stands on the wire.</summary>
    public static string Name(SignalState state) => JsonNamingPolicy.SnakeCaseLower.ConvertName(state.ToString());

    // A signal counts the values it has looked at.
    private ReplayEvent Event(SignalTransition step) => new(
        (step.Row - 1) * _options.Thinning + 1, step.Signal, Step(step), Name(step.From), Name(step.To), _timed ? step.At : null, step.Effect,
        double.NaN, step.LogEvidence, step.Message);

    private static ReplayStep Step(SignalTransition step) => (step.From, step.To) switch
    {
        // A relapse belongs to the alarm it relapses into.
        (SignalState.Recovering, SignalState.Alarm) => ReplayStep.Other,
        (_, SignalState.Alarm) => ReplayStep.Alarm,
        (SignalState.Recovering, SignalState.Healthy) => ReplayStep.Recovered,
        (_, SignalState.Void) => ReplayStep.Void,
        _ => ReplayStep.Other,
    };
}
