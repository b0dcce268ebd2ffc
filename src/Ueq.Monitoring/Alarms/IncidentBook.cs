namespace Ueq.Monitoring;

/// <summary>The incidents and silences of a service, in memory.</summary>
/// <remarks>A single writer; not thread-safe. The oldest closed incidents go when there are too many.</remarks>
public sealed class IncidentBook
{
    private const int MostClosed = 1000;

    private readonly Dictionary<string, Incident> _incidents = [];
    private readonly Queue<string> _closed = new();
    private readonly Dictionary<string, Silence> _silences = [];

    /// <summary>All incidents that are kept, the latest first.</summary>
    public IReadOnlyList<Incident> Incidents => [.. _incidents.Values.OrderByDescending(i => i.OpenedAt).ThenBy(i => i.Id, StringComparer.Ordinal)];

    /// <summary>All silences that were not lifted, in the order of their ends.</summary>
    public IReadOnlyList<Silence> Silences => [.. _silences.Values.OrderBy(s => s.Until).ThenBy(s => s.Id, StringComparer.Ordinal)];

    /// <summary>An incident by its id; <c>null</c> when there is none.</summary>
    public Incident? Find(string id) => _incidents.GetValueOrDefault(id);

    /// <summary>Takes an incident as it is now.</summary>
    public void Put(Incident incident)
    {
        ArgumentNullException.ThrowIfNull(incident);
        bool wasClosed = _incidents.TryGetValue(incident.Id, out Incident? before) && before.State == IncidentState.Closed;
        _incidents[incident.Id] = incident;
        if (incident.State != IncidentState.Closed || wasClosed) return;
        _closed.Enqueue(incident.Id);
        while (_closed.Count > MostClosed)
        {
            string oldest = _closed.Dequeue();
            if (_incidents.TryGetValue(oldest, out Incident? old) && old.State == IncidentState.Closed) _incidents.Remove(oldest);
        }
    }

    /// <summary>Takes a step of a signal.</summary>
    /// <returns>The incident that the step opened or changed; <c>null</c> when it changes nothing.</returns>
    public Incident? Apply(string model, string version, SignalTransition step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Incident? known = Find(Incident.IdOf(model, version, step.Signal, step.Epoch));
        Incident? next = Incident.After(known, model, version, step);
        if (next is null || ReferenceEquals(next, known)) return null;
        Put(next);
        return next;
    }

    /// <summary>Takes a silence.</summary>
    public void Put(Silence silence)
    {
        ArgumentNullException.ThrowIfNull(silence);
        _silences[silence.Id] = silence;
    }

    /// <summary>Ends a silence.</summary>
    /// <returns>The silence as it was; <c>null</c> when there is none of this id.</returns>
    public Silence? Lift(string id) => _silences.Remove(id, out Silence? silence) ? silence : null;

    /// <summary>Whether a silence holds for a signal at a time.</summary>
    public bool IsSilent(string model, string signal, DateTimeOffset at) => _silences.Values.Any(s => s.Covers(model, signal, at));
}
