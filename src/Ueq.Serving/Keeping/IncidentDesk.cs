using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Ueq.Monitoring;
using Ueq.Storage;

namespace Ueq.Serving.Keeping;

/// <summary>Where incidents are opened, changed and closed, by the monitor and by people, with a line in the log and one in the audit.</summary>
/// <remarks>What the store knows is the truth: a change that somebody else came before is made again on what he left.</remarks>
internal sealed partial class IncidentDesk(StoreKeeper keeper, TimeProvider time, ILogger<IncidentDesk> log)
{
    private readonly ConcurrentDictionary<string, bool> _told = [];
    private volatile IReadOnlyList<Incident> _open = [];
    private volatile IReadOnlyList<Silence> _silences = [];

    /// <summary>Incidents of a model that were not closed when last looked.</summary>
    public IReadOnlyList<Incident> OpenOf(ServedModel model) => [.. _open.Where(i => i.Model == model.Name && i.Version == model.Version.Digest)];

    /// <summary>Whether somebody wants no calls about an incident now.</summary>
    public bool IsSilent(Incident incident) => _silences.Any(s => s.Covers(incident.Model, incident.Signal, time.GetUtcNow()));

    /// <summary>Looks at what is open, here and by other replicas.</summary>
    public async Task RefreshAsync(CancellationToken cancellation)
    {
        DateTimeOffset now = time.GetUtcNow();
        (_open, _silences) = await keeper.UseAsync(async store =>
            ((IReadOnlyList<Incident>)[.. (await store.OpenIncidentsAsync(cancellation)).Select(s => s.Incident)], await store.ListSilencesAsync(now, cancellation)));
    }

    /// <summary>Takes a step of a signal; most are no incident's.</summary>
    /// <exception cref="IOException">The store failed: the step is to be told again.</exception>
    public async Task TakeAsync(string model, string version, SignalTransition step, CancellationToken cancellation)
    {
        if (!IsIncidents(step.To) && !IsIncidents(step.From)) return;
        string id = Incident.IdOf(model, version, step.Signal, step.Epoch);
        (Incident? Before, Incident? After) change;
        try
        {
            change = await ChangeAsync(id, known => Incident.After(known, model, version, step) is { } next ? Hushed(next) : null, null, cancellation);
        }
        catch (Exception failure) when (failure is IOException or InvalidDataException)
        {
            // People must hear of it although it cannot be written down; when it can, it is not told twice.
            if (step.To == SignalState.Alarm && step.From != SignalState.Recovering && _told.TryAdd(id, true)) Opened(log, id, model, version, step.Signal, "not stored yet", step.Message);
            throw;
        }

        if (change.After is not { } incident || ReferenceEquals(change.Before, incident)) return;
        Tell(change.Before, incident);
        await RefreshAsync(cancellation);
    }

    /// <summary>Looks at the signals of open incidents again.</summary>
    public async Task ObserveAsync(string model, string version, IReadOnlyList<WatchedSignal> signals, CancellationToken cancellation)
    {
        foreach (WatchedSignal signal in signals)
        {
            string id = Incident.IdOf(model, version, signal.Name, signal.Epoch);
            if (_open.FirstOrDefault(i => i.Id == id) is not { } known || ReferenceEquals(known.Observe(signal, time.GetUtcNow()), known)) continue;
            await ChangeAsync(id, incident => incident?.Observe(signal, time.GetUtcNow()), null, cancellation);
            await RefreshAsync(cancellation);
        }
    }

    /// <summary>Somebody has taken note of an incident.</summary>
    /// <returns>The incident; <c>null</c> when there is none.</returns>
    public async Task<Incident?> AcknowledgeAsync(string id, string who, string note, CancellationToken cancellation)
    {
        DateTimeOffset now = time.GetUtcNow();
        (Incident? _, Incident? after) = await ChangeAsync(
            id,
            incident => incident?.Acknowledge(who, note, now),
            (before, changed) => new AuditEntry(now, who, "acknowledge", id, Acknowledged(before), Acknowledged(changed)),
            cancellation);
        await RefreshAsync(cancellation);
        return after;
    }

    /// <summary>Somebody wants no calls for a time.</summary>
    public async Task<Silence> SilenceAsync(string model, string? signal, DateTimeOffset until, string who, string reason, CancellationToken cancellation)
    {
        DateTimeOffset now = time.GetUtcNow();
        Silence silence = new(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)), model, signal, now, until, who, reason);
        AuditEntry audit = new(now, who, "silence", silence.Id, null, FormattableString.Invariant($"{signal ?? "all signals"} until {until:O}: {reason}"));
        await keeper.UseAsync(async store =>
        {
            await store.AddSilenceAsync(silence, audit, cancellation);
            return 0;
        });
        await RefreshAsync(cancellation);
        foreach (Incident incident in _open.Where(i => silence.Covers(i.Model, i.Signal, now)))
            await ChangeAsync(incident.Id, known => known?.Silenced(silence), null, cancellation);
        await RefreshAsync(cancellation);
        return silence;
    }

    /// <summary>Somebody ends a silence.</summary>
    /// <returns><c>false</c> when there is none of this id.</returns>
    public async Task<bool> LiftAsync(string id, string who, CancellationToken cancellation)
    {
        AuditEntry audit = new(time.GetUtcNow(), who, "lift_silence", id, "silenced", null);
        bool lifted = await keeper.UseAsync(store => store.LiftSilenceAsync(id, audit, cancellation));
        await RefreshAsync(cancellation);
        return lifted;
    }

    /// <summary>Somebody has rebaselined signals: their incidents say so, and the audit does.</summary>
    public async Task RebaselinedAsync(string model, string version, IReadOnlyList<(string Signal, int Epoch)> signals, string who, string note, CancellationToken cancellation)
    {
        DateTimeOffset now = time.GetUtcNow();
        foreach ((string signal, int epoch) in signals)
            await ChangeAsync(Incident.IdOf(model, version, signal, epoch), incident => incident?.Rebaselined(who, note, now), null, cancellation);
        string names = string.Join(", ", signals.Select(s => s.Signal));
        await NoteAsync(who, "rebaseline", model, null, note.Length > 0 ? $"{names}: {note}" : names, cancellation);
    }

    /// <summary>Writes into the audit what somebody did.</summary>
    public Task NoteAsync(string who, string action, string subject, string? before, string? after, CancellationToken cancellation) =>
        keeper.UseAsync(async store =>
        {
            await store.AppendAuditAsync(new AuditEntry(time.GetUtcNow(), who, action, subject, before, after), cancellation);
            return 0;
        });

    private static bool IsIncidents(SignalState state) => state is SignalState.Alarm or SignalState.Recovering;

    private static string? Acknowledged(Incident? incident) => incident?.AcknowledgedBy is { } who ? $"acknowledged by {who}" : null;

    private Incident Hushed(Incident incident) =>
        incident.State == IncidentState.Open && _silences.FirstOrDefault(s => s.Covers(incident.Model, incident.Signal, time.GetUtcNow())) is { } silence
            ? incident.Silenced(silence)
            : incident;

    // Two replicas may change one incident at the same time; each change is made on what is stored.
    private Task<(Incident? Before, Incident? After)> ChangeAsync(
        string id, Func<Incident?, Incident?> change, Func<Incident?, Incident, AuditEntry>? audit, CancellationToken cancellation) =>
        keeper.UseAsync<(Incident?, Incident?)>(async store =>
        {
            while (true)
            {
                StoredIncident? stored = await store.LoadIncidentAsync(id, cancellation);
                Incident? next = change(stored?.Incident);
                if (next is null || ReferenceEquals(next, stored?.Incident)) return (stored?.Incident, stored?.Incident);
                if (await store.SaveIncidentAsync(next, stored?.Revision ?? 0, audit?.Invoke(stored?.Incident, next), cancellation)) return (stored?.Incident, next);
            }
        });

    private void Tell(Incident? before, Incident incident)
    {
        bool wasOpen = before is { State: not IncidentState.Closed };
        string severity = IsSilent(incident) ? "silenced" : incident.Severity == IncidentSeverity.High ? "high" : "medium";
        if (incident.State == IncidentState.Closed) Closed(log, incident.Id, incident.Model, incident.Version, incident.Signal, incident.Timeline[^1].Text);
        else if (before is null && _told.TryAdd(incident.Id, true)) Opened(log, incident.Id, incident.Model, incident.Version, incident.Signal, severity, incident.Message);
        else if (before is not null && !wasOpen) Reopened(log, incident.Id, incident.Model, incident.Version, incident.Signal, severity, incident.Timeline[^1].Text);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Incident {Incident} opened: model {Model}, version {Version}, signal {Signal}, severity {Severity}: {Text}")]
    private static partial void Opened(ILogger log, string incident, string model, string version, string signal, string severity, string text);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Incident {Incident} reopened: model {Model}, version {Version}, signal {Signal}, severity {Severity}: {Text}")]
    private static partial void Reopened(ILogger log, string incident, string model, string version, string signal, string severity, string text);

    [LoggerMessage(Level = LogLevel.Information, Message = "Incident {Incident} closed: model {Model}, version {Version}, signal {Signal}: {Text}")]
    private static partial void Closed(ILogger log, string incident, string model, string version, string signal, string text);
}
