using System.Security.Cryptography;
using System.Text;

namespace Ueq.Monitoring;

/// <summary>One alarm of one signal from its beginning to its end, with all that was done about it; immutable.</summary>
/// <remarks>
/// There is exactly one per model, version, signal and epoch, and its id follows from these: however often a transition is told, by a
/// service that was restarted or by several replicas, it is the same incident.
/// </remarks>
public sealed record Incident
{
    /// <summary>The monitor itself in <see cref="IncidentEntry.Who"/>.</summary>
    public const string Monitor = "ueq";

    private const double HighEffect = 0.1;
    private const int MostEntries = 500;

    /// <summary>Names the incident.</summary>
    public required string Id { get; init; }

    /// <summary>The model.</summary>
    public required string Model { get; init; }

    /// <summary>The model's version.</summary>
    public required string Version { get; init; }

    /// <summary>The signal.</summary>
    public required string Signal { get; init; }

    /// <summary>What the signal measures.</summary>
    public required SignalKind Kind { get; init; }

    /// <summary>Number of the signal's alarm.</summary>
    public required int Epoch { get; init; }

    /// <summary>Where it stands.</summary>
    public required IncidentState State { get; init; }

    /// <summary>How much its effect is, at its largest so far.</summary>
    public required IncidentSeverity Severity { get; init; }

    /// <summary>When the alarm was raised.</summary>
    public required DateTimeOffset OpenedAt { get; init; }

    /// <summary>When it ended; <c>null</c> until then.</summary>
    public DateTimeOffset? ClosedAt { get; init; }

    /// <summary>Who has taken note of it first; <c>null</c> when nobody has.</summary>
    public string? AcknowledgedBy { get; init; }

    /// <summary>What happened, in a sentence for people.</summary>
    public required string Message { get; init; }

    /// <summary>All that happened, in its order.</summary>
    public required IReadOnlyList<IncidentEntry> Timeline { get; init; }

    /// <summary>The id that belongs to an alarm: 16 hexadecimal digits.</summary>
    public static string IdOf(string model, string version, string signal, int epoch) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{model.Length}:{model}{version.Length}:{version}{signal.Length}:{signal}{epoch}"))), 0, 8);

    /// <summary>What an incident becomes by a step of its signal.</summary>
    /// <param name="known">The incident as it is known; <c>null</c> when there is none yet.</param>
    /// <param name="model">The model.</param>
    /// <param name="version">The model's version.</param>
    /// <param name="step">A step of its epoch, perhaps not for the first time.</param>
    /// <returns>The incident from now on; <paramref name="known"/> itself when the step changes nothing.</returns>
    public static Incident? After(Incident? known, string model, string version, SignalTransition step)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(version);
        ArgumentNullException.ThrowIfNull(step);
        if (known is null) return step.To == SignalState.Alarm ? Open(model, version, step) : null;
        if (known.Id != IdOf(model, version, step.Signal, step.Epoch))
            throw new ArgumentException($"Expected a step of the incident {known.Id}, got one of '{step.Signal}' in epoch {step.Epoch}.", nameof(step));
        return known.Timeline.Any(e => e.Row == step.Row && e.At == step.At && e.Who == Monitor) ? known : known.After(step);
    }

    /// <summary>Somebody has taken note of it.</summary>
    /// <returns>The incident from now on; itself when the same person did so before.</returns>
    public Incident Acknowledge(string who, string note, DateTimeOffset at) =>
        Timeline.Any(e => e.Kind == IncidentEntryKind.Acknowledged && e.Who == who && e.Text == note)
            ? this
            : With(new IncidentEntry(at, IncidentEntryKind.Acknowledged, who, note)) with { AcknowledgedBy = AcknowledgedBy ?? who };

    /// <summary>Somebody wants no calls about it for a time.</summary>
    /// <returns>The incident from now on; itself when the silence is known.</returns>
    public Incident Silenced(Silence silence)
    {
        ArgumentNullException.ThrowIfNull(silence);
        string text = FormattableString.Invariant($"Silence {silence.Id} until {silence.Until:O}: {silence.Reason}");
        return Timeline.Any(e => e.Kind == IncidentEntryKind.Silenced && e.Text == text)
            ? this
            : With(new IncidentEntry(silence.From, IncidentEntryKind.Silenced, silence.Who, text));
    }

    /// <summary>Somebody has declared recent values the new reference.</summary>
    public Incident Rebaselined(string who, string note, DateTimeOffset at) => With(new IncidentEntry(at, IncidentEntryKind.Rebaselined, who, note));

    /// <summary>Somebody's note.</summary>
    public Incident Noted(string who, string note, DateTimeOffset at) => With(new IncidentEntry(at, IncidentEntryKind.Note, who, note));

    /// <summary>Looks at its signal again: when the effect has become high, that is noted once.</summary>
    /// <returns>The incident from now on; itself when nothing is new.</returns>
    public Incident Observe(WatchedSignal signal, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(signal);
        if (State == IncidentState.Closed || signal.Epoch != Epoch || signal.State != SignalState.Alarm || Severity == IncidentSeverity.High || SeverityOf(signal.Effect) == Severity)
            return this;
        string text = FormattableString.Invariant($"The effect has grown: Kolmogorov distance {signal.Effect.KS:0.###}, at least {signal.Effect.KSLower:0.###}.");
        return With(new IncidentEntry(at, IncidentEntryKind.Evidence, Monitor, text, signal.Rows)) with { Severity = IncidentSeverity.High };
    }

    private static IncidentSeverity SeverityOf(EffectReading effect) => effect.KSLower >= HighEffect ? IncidentSeverity.High : IncidentSeverity.Medium;

    private static Incident Open(string model, string version, SignalTransition step) => new()
    {
        Id = IdOf(model, version, step.Signal, step.Epoch),
        Model = model,
        Version = version,
        Signal = step.Signal,
        Kind = step.Kind,
        Epoch = step.Epoch,
        State = IncidentState.Open,
        Severity = SeverityOf(step.Effect),
        OpenedAt = step.At,
        Message = step.Message,
        Timeline = [Entry(step, IncidentEntryKind.Opened)],
    };

    private static IncidentEntry Entry(SignalTransition step, IncidentEntryKind kind) => new(step.At, kind, Monitor, step.Message, step.Row);

    private Incident After(SignalTransition step) => (State, step.To) switch
    {
        (IncidentState.Recovering or IncidentState.Closed, SignalState.Alarm) => With(Entry(step, IncidentEntryKind.Reopened)) with
        {
            State = IncidentState.Open,
            ClosedAt = null,
            Severity = (IncidentSeverity)Math.Max((int)Severity, (int)SeverityOf(step.Effect)),
        },
        (IncidentState.Open, SignalState.Recovering) => With(Entry(step, IncidentEntryKind.Recovering)) with { State = IncidentState.Recovering },
        (IncidentState.Open or IncidentState.Recovering, not (SignalState.Alarm or SignalState.Recovering)) =>
            With(Entry(step, IncidentEntryKind.Closed)) with { State = IncidentState.Closed, ClosedAt = step.At },
        _ => this,
    };

    // An incident that goes to and fro for months keeps how it began and what was last.
    private Incident With(IncidentEntry entry) => this with
    {
        Timeline = Timeline.Count < MostEntries ? [.. Timeline, entry] : [.. Timeline.Take(MostEntries / 2), .. Timeline.Skip(MostEntries / 2 + 1), entry],
    };
}
