namespace Ueq.Monitoring;

/// <summary>The primary alarm of one model version: a conformal Shiryaev–Roberts e-detector per signal, and an effect that must matter.</summary>
/// <remarks>
/// <para>
/// Each value becomes a conformal p-value among the reference and all earlier values, on bins (Vovk, Nouretdinov and Gammerman 2003).
/// A mixture of bets against uniform p-values earns the evidence, the Shiryaev–Roberts sum turns it into a detector (Shin, Ramdas and
/// Rinaldo 2023). Guarantee: on exchangeable rows the expected number of false alarms in t rows is at most M·t/c over M signals;
/// c is set from <see cref="WatchOptions.FalseAlarmsPerYear"/>. Rows that depend on the ones before them void it: such signals are
/// <see cref="SignalState.Void"/> and raise no alarm. After an alarm, and after every ten times as many rows as the reference has,
/// evidence starts afresh against the reference alone: ranks that have taken in a change that went unseen would call it normal.
/// Each such run is exchangeable with the reference by itself, so the expected numbers of false alarms add up to the same bound.
/// </para>
/// <para>A single writer; not thread-safe. Adding allocates nothing but the transitions.</para>
/// </remarks>
public sealed partial class ModelWatch
{
    private readonly WatchOptions _options;
    private readonly SignalWatch[] _signals;
    private List<SignalTransition> _transitions = [];
    private DriftReference _reference;
    private long _rows, _scores;

    /// <summary>A watch that has seen nothing.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public ModelWatch(DriftReference reference, WatchOptions options)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _reference = reference;
        _options = options;
        _signals = [.. reference.Signals.Select((s, i) => new SignalWatch(s, options, i, reference.Signals.Count))];
    }

    /// <summary>What live rows are compared with; another one after rebaselining.</summary>
    public DriftReference Reference => _reference;

    /// <summary>Rows seen so far.</summary>
    public long Rows => _rows;

    /// <summary>Whether rows are only counted: no evidence, no ranks, no alarms.</summary>
    public bool IsFrozen { get; private set; }

    /// <summary>Takes rows as they were answered.</summary>
    /// <param name="x">Features after encoding, one row per prediction. NaN counts as missing.</param>
    /// <param name="predictions">The model's predictions, or indices of the most probable class.</param>
    /// <param name="sizes">Widths of intervals or sizes of label sets. Infinite widths are counted apart.</param>
    /// <param name="at">When they were answered; the hour of the week follows from its own offset.</param>
    /// <exception cref="ArgumentException">Columns or lengths do not agree with the reference or each other.</exception>
    public void Add(FeatureMatrix x, ReadOnlySpan<double> predictions, ReadOnlySpan<double> sizes, DateTimeOffset at)
    {
        if (!_reference.HasAnswers) throw new InvalidOperationException("The reference has no predictions and sizes: it was made of columns. Use AddColumns.");
        Throw.IfDifferent(nameof(predictions), predictions.Length, x.Rows, "predictions, one per row");
        Throw.IfDifferent(nameof(sizes), sizes.Length, x.Rows, "sizes, one per row");
        ThrowIfOtherColumns(x);
        int season = Season(at), first = First(ref _rows, x.Rows), features = _reference.Features;
        AddFeatures(x, first, season, at);
        Add(_signals[features], predictions, first, season, at);
        Add(_signals[features + 1], sizes, first, season, at);
    }

    /// <summary>Takes rows of a table.</summary>
    /// <param name="x">One row after the other, columns as in the reference. NaN counts as missing.</param>
    /// <param name="at">When they came.</param>
    /// <exception cref="ArgumentException">Columns do not agree with the reference.</exception>
    public void AddColumns(FeatureMatrix x, DateTimeOffset at)
    {
        if (_reference.HasAnswers) throw new InvalidOperationException("The reference has predictions and sizes. Use Add.");
        ThrowIfOtherColumns(x);
        AddFeatures(x, First(ref _rows, x.Rows), Season(at), at);
    }

    /// <summary>Takes scores of predictions whose truth has become known; nothing happens when the reference has none.</summary>
    /// <param name="scores">As <see cref="LabelScore"/> makes them, at the reference's coverage.</param>
    /// <param name="at">When they came, and the answers, whose hour of the week it is by its own offset.</param>
    public void AddScores(ReadOnlySpan<double> scores, DateTimeOffset at) => AddScores(scores, at, at);

    /// <summary>Takes scores of predictions whose truth has become known later; nothing happens when the reference has none.</summary>
    /// <param name="scores">As <see cref="LabelScore"/> makes them, at the reference's coverage.</param>
    /// <param name="answered">When the rows were answered; the hour of the week follows from its own offset.</param>
    /// <param name="at">When the truths came.</param>
    public void AddScores(ReadOnlySpan<double> scores, DateTimeOffset answered, DateTimeOffset at)
    {
        if (!_reference.HasScores) return;
        Add(_signals[^1], scores, First(ref _scores, scores.Length), Season(answered), at);
    }

    /// <summary>Notes the time: signals without values for long become stale.</summary>
    public void Tick(DateTimeOffset now)
    {
        foreach (SignalWatch signal in _signals) signal.Tick(now, _transitions);
    }

    /// <summary>The most pressing state of any signal: alarm, void, warning, recovering, learning, stale, healthy.</summary>
    public SignalState State
    {
        get
        {
            SignalState worst = SignalState.Healthy;
            foreach (SignalWatch signal in _signals)
                if (Urgency(signal.State) > Urgency(worst)) worst = signal.State;
            return worst;
        }
    }

    /// <summary>Every signal as it stands.</summary>
    public WatchReading Read() => new(State, _rows, IsFrozen, _options.FalseAlarmsPerYear, _options.ObservationsPerYear, [.. _signals.Select(s => s.Read())]);

    /// <summary>The signals in alarm, as they stand.</summary>
    public IReadOnlyList<WatchedSignal> ReadAlarms() => [.. _signals.Where(s => s.State == SignalState.Alarm).Select(s => s.Read())];

    /// <summary>The steps of signals from state to state since the last call, in their order.</summary>
    public IReadOnlyList<SignalTransition> TakeTransitions()
    {
        if (_transitions.Count == 0) return [];
        List<SignalTransition> taken = _transitions;
        _transitions = [];
        return taken;
    }

    /// <summary>From now on rows are only counted, until <see cref="Resume"/>: for an event that is known to be none of the model's.</summary>
    public void Freeze() => IsFrozen = true;

    /// <summary>Ends <see cref="Freeze"/>.</summary>
    public void Resume() => IsFrozen = false;

    /// <summary>What came of late becomes the reference of every signal that has changed: that is not healthy, learning or stale.</summary>
    /// <returns>Names of the signals that have a new reference.</returns>
    /// <exception cref="InvalidOperationException">A signal has seen fewer than 100 values of late, or the reference tells hours of the week apart.</exception>
    public IReadOnlyList<string> Rebaseline(DateTimeOffset at)
    {
        if (_reference.Seasons > 1) throw new InvalidOperationException("A reference by hour of the week is made anew from rows of several weeks; it cannot be rebaselined.");
        int[] chosen = [.. Enumerable.Range(0, _signals.Length)
            .Where(i => _signals[i].State is not (SignalState.Healthy or SignalState.Learning or SignalState.Stale))];
        foreach (int i in chosen)
        {
            if (_signals[i].Recent >= SignalReference.FewestRows) continue;
            string since = _signals[i].State is SignalState.Alarm or SignalState.Recovering ? " since its alarm" : "";
            throw new InvalidOperationException(
                $"Expected {SignalReference.FewestRows} values or more of '{_signals[i].Reference.Name}'{since}, got {_signals[i].Recent}.");
        }

        foreach (int i in chosen) _signals[i] = _signals[i].Rebaselined(_signals.Length, at, _transitions);
        _reference = _reference.With([.. _signals.Select(s => s.Reference)]);
        return [.. chosen.Select(i => _signals[i].Reference.Name)];
    }

    /// <summary>What has been counted so far, for a <see cref="FleetWatch"/> over several replicas.</summary>
    /// <param name="replica">Who counts: unique among replicas, and new for a process that starts without its saved state.</param>
    /// <param name="sequence">Number of the snapshot, ascending.</param>
    public WatchSnapshot Snapshot(string replica, long sequence)
    {
        ArgumentException.ThrowIfNullOrEmpty(replica);
        ArgumentOutOfRangeException.ThrowIfNegative(sequence);
        return new WatchSnapshot(replica, sequence, _reference.Digest, _rows, [.. _signals.Select(s => s.Tally())]);
    }

    internal IEnumerable<int> SeenPerSignal => _signals.Select(s => s.Seen.Length);

    internal void Replay(int signal, ReadOnlySpan<int> places, SerialDependence dependence, DateTimeOffset at)
    {
        SignalWatch watch = _signals[signal];
        if (places.Length > 0) watch.LastSeen = at;
        watch.Replay(places, dependence, at, _transitions);
    }

    internal void CountReplayed(long rows) => _rows = rows;

    private static int Urgency(SignalState state) => state switch
    {
        SignalState.Alarm => 6,
        SignalState.Void => 5,
        SignalState.Warning => 4,
        SignalState.Recovering => 3,
        SignalState.Learning => 2,
        SignalState.Stale => 1,
        _ => 0,
    };

    private void ThrowIfOtherColumns(FeatureMatrix x)
    {
        if (x.Rows > 0) Throw.IfDifferent(nameof(x), x.Columns, _reference.Features, "features, as in the reference");
    }

    private int Season(DateTimeOffset at) => _reference.Seasons == 1 ? 0 : DriftReference.HourOfWeek(at);

    // The first row to look at when only every so-many-th is.
    private int First(ref long before, int rows)
    {
        int first = (int)((_options.Thinning - before % _options.Thinning) % _options.Thinning);
        before += rows;
        return first;
    }

    private void AddFeatures(FeatureMatrix x, int first, int season, DateTimeOffset at)
    {
        ReadOnlySpan<float> values = x.Values;
        for (int f = 0; f < x.Columns; f++)
        {
            SignalWatch signal = _signals[f];
            signal.LastSeen = at;
            if (IsFrozen) for (int i = first * x.Columns + f; i < values.Length; i += _options.Thinning * x.Columns) signal.Count(values[i], season);
            else for (int i = first * x.Columns + f; i < values.Length; i += _options.Thinning * x.Columns) signal.Add(values[i], season, at, _transitions);
        }
    }

    private void Add(SignalWatch signal, ReadOnlySpan<double> values, int first, int season, DateTimeOffset at)
    {
        if (values.IsEmpty) return;
        signal.LastSeen = at;
        if (IsFrozen) for (int i = first; i < values.Length; i += _options.Thinning) signal.Count(values[i], season);
        else for (int i = first; i < values.Length; i += _options.Thinning) signal.Add(values[i], season, at, _transitions);
    }
}
