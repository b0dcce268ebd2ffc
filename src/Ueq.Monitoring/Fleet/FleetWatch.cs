namespace Ueq.Monitoring;

/// <summary>One watch over all replicas of a model: their snapshots add up, and the alarms are raised once, for all.</summary>
/// <remarks>
/// Of each replica the latest snapshot counts, so they may come in any order, twice, or not at all. What has come since the last
/// <see cref="Advance"/> is replayed bin by bin in random order: exchangeable rows stay exchangeable, and four replicas together see a
/// small change several times sooner than one of them. Serial dependence cannot be seen in shuffled values; it is added up from what the
/// replicas measured. A single writer; not thread-safe.
/// </remarks>
public sealed class FleetWatch
{
    private readonly Dictionary<string, WatchSnapshot> _latest = [];
    private readonly ModelWatch _watch;
    private readonly long[][] _replayed;
    private readonly string _reference;
    private Rng _rng;

    /// <summary>A watch that no replica has reported to.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public FleetWatch(DriftReference reference, WatchOptions options)
    {
        _watch = new ModelWatch(reference, options);
        _reference = reference.Digest;
        _replayed = [.. _watch.SeenPerSignal.Select(n => new long[n])];
        _rng = Rng.Stream(options.Seed, 0x666c656574);
    }

    /// <summary>Replicas that have reported.</summary>
    public int Replicas => _latest.Count;

    /// <summary>Takes what a replica has counted.</summary>
    /// <returns>Whether it says anything new: <see langword="false"/> for one that came twice or late.</returns>
    /// <exception cref="ArgumentException">It was counted by another reference, or counts fewer rows than an earlier one of the same replica.</exception>
    public bool Offer(WatchSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        if (snapshot.Reference != _reference)
            throw new ArgumentException($"Expected a snapshot by the reference {Short(_reference)}, got one by {Short(snapshot.Reference)} from '{snapshot.Replica}'.", nameof(snapshot));
        for (int s = 0; s < _replayed.Length; s++)
        {
            if (snapshot.Signals.Length != _replayed.Length || snapshot.Signals[s].Counts.Length != _replayed[s].Length)
                throw new ArgumentException($"Expected the counts of {_replayed.Length} signals in the bins of the reference, got others from '{snapshot.Replica}'.", nameof(snapshot));
        }

        if (_latest.TryGetValue(snapshot.Replica, out WatchSnapshot? known))
        {
            if (snapshot.Sequence <= known.Sequence) return false;
            if (snapshot.Rows < known.Rows)
            {
                throw new ArgumentException(
                    $"Expected {known.Rows} rows or more from '{snapshot.Replica}', as in its snapshot {known.Sequence}, got {snapshot.Rows}: a replica that starts anew needs a new name.",
                    nameof(snapshot));
            }
        }

        _latest[snapshot.Replica] = snapshot;
        return true;
    }

    /// <summary>Replays what has come since the last call.</summary>
    /// <returns>How many values that were, over all signals.</returns>
    public long Advance(DateTimeOffset at)
    {
        long values = 0;
        for (int s = 0; s < _replayed.Length; s++)
        {
            long[] total = new long[_replayed[s].Length];
            double near = 0, far = 0, weight = 0;
            foreach (WatchSnapshot snapshot in _latest.Values)
            {
                SignalTally tally = snapshot.Signals[s];
                for (int b = 0; b < total.Length; b++) total[b] += tally.Counts[b];
                near += tally.Near;
                far += tally.Far;
                weight += tally.Weight;
            }

            int[] fresh = Fresh(total, _replayed[s]);
            _rng.Shuffle<int>(fresh);
            _watch.Replay(s, fresh, SerialDependence.Of(near, far, weight), at);
            _replayed[s] = total;
            values += fresh.Length;
        }

        _watch.CountReplayed(_latest.Values.Sum(r => r.Rows));
        return values;
    }

    /// <summary>Every signal as it stands.</summary>
    public WatchReading Read() => _watch.Read();

    /// <summary>The steps of signals from state to state since the last call, in their order.</summary>
    public IReadOnlyList<SignalTransition> TakeTransitions() => _watch.TakeTransitions();

    /// <summary>Notes the time: signals without values for long become stale.</summary>
    public void Tick(DateTimeOffset now) => _watch.Tick(now);

    private static int[] Fresh(long[] total, long[] replayed)
    {
        List<int> fresh = [];
        for (int b = 0; b < total.Length; b++)
            for (long n = replayed[b]; n < total[b]; n++) fresh.Add(b);
        return [.. fresh];
    }

    private static string Short(string digest) => digest.Length > 12 ? digest[..12] : digest;
}
