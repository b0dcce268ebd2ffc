using Ueq.Monitoring;
using Ueq.Storage;
using Ueq.Versions;

namespace Ueq.Serving.Watching;

/// <summary>What watches the answers of one served model. Its failures are counted and never reach a prediction.</summary>
internal sealed class ModelMonitor : IDisposable
{
    private static readonly byte[] _nothing = "{\"state\":\"no_reference\",\"drift_score\":null,\"alerts\":[]}"u8.ToArray();
    private readonly Lock _gate = new();
    private readonly SizeMonitor? _sizes;
    private readonly LabelFreeMonitor? _estimated;
    private readonly RowIntake? _intake;
    private readonly TimeProvider _time;
    private ModelWatch? _watch;
    private long _errors, _alarms;
    private volatile byte[] _rendered = _nothing;

    public ModelMonitor(DriftReference? reference, LabelFreeMonitor? estimated, UeqServiceConfig config, TimeProvider time)
    {
        _time = time;
        if (reference is null) return;
        Options = new WatchOptions
        {
            FalseAlarmsPerYear = config.FalseAlarmsPerYear,
            ObservationsPerYear = config.ObservationsPerYear,
            NegligibleEffect = config.NegligibleEffect,
            Thinning = config.Thinning,
            DwellTime = TimeSpan.FromSeconds(config.DwellSeconds),
        };
        Reference = reference;
        _watch = new ModelWatch(reference, Options);
        _estimated = estimated;
        _sizes = new SizeMonitor(reference, config.WindowSize, config.DriftThreshold);
        _intake = new RowIntake(reference.Features, estimated?.Classes?.Classes ?? 0, config.MonitorValuesPerSecond, time, Handle);
        Render();
    }

    /// <summary>The monitor of a version; one without a reference watches nothing and says so.</summary>
    public static ModelMonitor Of(ModelVersion version, UeqServiceConfig config, TimeProvider time)
    {
        if (version.Reference.IsEmpty) return new ModelMonitor(null, null, config, time);
        using MemoryStream stored = new(version.Reference.ToArray());
        DriftReference reference = DriftReference.Restore(stored);
        if (reference.Features != version.Schema.Width || !reference.HasAnswers)
            throw new ArgumentException($"Expected a drift reference of {version.Schema.Width} features, prediction and size, got {reference.Features} features.", nameof(version));
        return new ModelMonitor(reference, Estimated(version), config, time);
    }

    private static LabelFreeMonitor? Estimated(ModelVersion version)
    {
        if (version.Estimator.IsEmpty) return null;
        using MemoryStream stored = new(version.Estimator.ToArray());
        if (version.Classifier is { } classifier)
        {
            ClassEstimator classes = ClassEstimator.Restore(stored);
            return classes.Classes == classifier.Classes ? new LabelFreeMonitor(classes, LabelFreeMonitor.DefaultRows)
                : throw new ArgumentException($"Expected an estimator of {classifier.Classes} classes, got one of {classes.Classes}.", nameof(version));
        }

        LossEstimator losses = LossEstimator.Restore(stored);
        return losses.Features == version.Schema.Width ? new LabelFreeMonitor(losses, LabelFreeMonitor.DefaultRows)
            : throw new ArgumentException($"Expected an estimator of {version.Schema.Width} features, got one of {losses.Features}.", nameof(version));
    }

    /// <summary>What the watch was asked for.</summary>
    public WatchOptions Options { get; } = new();

    /// <summary>Failures of the monitor, which nobody else noticed.</summary>
    public long Errors => Interlocked.Read(ref _errors);

    /// <summary>Rows that were not watched because the monitor was behind.</summary>
    public long Dropped => _intake?.Dropped ?? 0;

    /// <summary>Rows that were not watched because more came than are looked at in a second.</summary>
    public long Skipped => _intake?.Skipped ?? 0;

    /// <summary>Alarms raised since the start.</summary>
    public long Alarms => Interlocked.Read(ref _alarms);

    /// <summary>What live rows were compared with at the start; <c>null</c> without one.</summary>
    public DriftReference? Reference { get; }

    /// <summary>Whether there is something to compare with.</summary>
    public bool HasReference => _intake is not null;

    /// <summary>Steps of signals from state to state, as they happen; called while the watch is locked.</summary>
    public Action<SignalTransition>? OnTransition { get; set; }

    /// <summary>Whether the probabilities of classes are asked for too.</summary>
    public bool TakesProbabilities => _estimated?.Classes is not null;

    /// <summary>Takes answered rows; they are looked at later.</summary>
    public void Add(FeatureMatrix x, ReadOnlySpan<double> predictions, ReadOnlySpan<double> sizes, ReadOnlySpan<double> probabilities)
    {
        try
        {
            _intake?.Add(x, predictions, sizes, probabilities);
        }
#pragma warning disable CA1031 // Whatever the monitor's trouble is, the prediction is right and is answered.
        catch (Exception)
#pragma warning restore CA1031
        {
            Interlocked.Increment(ref _errors);
        }
    }

    /// <summary>The ledger's number of the latest label whose score the watch contains: saved with it, so that none counts twice.</summary>
    /// <remarks>The largest there is while scores are of no use: the saved watch is not there yet, or the reference has none.</remarks>
    public long ScoredSequence { get; private set; } = long.MaxValue;

    /// <summary>From now on scores are taken, from the label after this one in the ledger on.</summary>
    public void TakeScoresAfter(long sequence)
    {
        lock (_gate)
        {
            if (_watch is { Reference.HasScores: true }) ScoredSequence = sequence;
        }
    }

    /// <summary>Takes the scores of labels, in the order of the ledger, that it does not have yet.</summary>
    /// <remarks>Scores of answers at an online level do not compare with the reference's: as intervals follow the truths, scores stay where they are.</remarks>
    /// <param name="labels">The labels.</param>
    /// <param name="coverage">The coverage whose scores compare with the reference's; others say nothing to the watch.</param>
    public void AddScores(IReadOnlyList<StoredLabel> labels, double coverage)
    {
        lock (_gate)
        {
            foreach (StoredLabel label in labels)
            {
                if (label.Sequence <= ScoredSequence) continue;
                ScoredSequence = label.Sequence;
                if (label.Label.Coverage == coverage && double.IsNaN(label.Label.OnlineMiss)) _watch?.AddScores([label.Label.Score], TimeZoneInfo.ConvertTime(label.Label.IssuedAt, _time.LocalTimeZone), label.Label.ArrivedAt);
            }

            Announce();
        }
    }

    /// <summary>Has rows looked at that wait for their block to fill.</summary>
    public void Flush() => _intake?.Flush();

    /// <summary>Has all rows taken so far looked at, as far as that is done within two seconds.</summary>
    public async Task SettleAsync()
    {
        Flush();
        for (int i = 0; i < 200 && _intake is { IsIdle: false }; i++) await Task.Delay(TimeSpan.FromMilliseconds(10));
    }

    /// <summary>The most pressing state of any signal; <c>null</c> without a reference.</summary>
    public SignalState? State => Use(watch => (SignalState?)watch.State);

    /// <summary>Rows looked at.</summary>
    public long Rows => Use(watch => watch.Rows);

    /// <summary>The signals as they stand; <c>null</c> without a reference.</summary>
    public WatchReading? Read() => Use(watch => watch.Read());

    /// <summary>The guide's figures; <c>null</c> without a reference.</summary>
    public SizeReading? ReadSizes()
    {
        if (_sizes is null) return null;
        lock (_gate) return _sizes.Read();
    }

    /// <summary>What is estimated without labels; <c>null</c> where the version has no estimator.</summary>
    public EstimatedView? ReadEstimated()
    {
        if (_estimated is null) return null;
        lock (_gate) return EstimatedView.Of(_estimated);
    }

    /// <summary>The signals in alarm.</summary>
    public IReadOnlyList<WatchedSignal> ReadAlarms() => Use(watch => watch.ReadAlarms()) ?? [];

    /// <summary>Does something with the watch while nobody else does; <c>default</c> without a reference.</summary>
    public T? Use<T>(Func<ModelWatch, T> use)
    {
        lock (_gate)
        {
            if (_watch is null) return default;
            T result = use(_watch);
            Announce();
            return result;
        }
    }

    /// <summary>Goes on with a watch that was saved.</summary>
    public void Resume(ModelWatch watch)
    {
        lock (_gate)
        {
            _watch = watch;
            Render();
        }
    }

    /// <summary>The state as <c>/predict</c> shows it, as of the latest block of rows: a request waits for nobody.</summary>
    public void Write(JsonBytes json) => json.Raw(_rendered);

    public void Dispose() => _intake?.Dispose();

    // By whoever holds the gate, and never by a request that is being answered.
    private void Render()
    {
        JsonBytes json = new();
        MonitoringJson.Write(json, _watch!.State, _watch.ReadAlarms(), _sizes!.Read());
        _rendered = json.Written.ToArray();
    }

    private void Handle(RowBlock block)
    {
        try
        {
            lock (_gate)
            {
                _watch!.Add(block.Features, block.Predictions, block.Sizes, block.At);
                _sizes!.Add(block.Sizes);
                if (_estimated?.Losses is not null) _estimated.Add(block.Features, block.Predictions);
                else _estimated?.Add(block.Probabilities, block.Predictions);
                Announce();
                Render();
            }
        }
#pragma warning disable CA1031 // As above.
        catch (Exception)
#pragma warning restore CA1031
        {
            Interlocked.Increment(ref _errors);
        }
    }

    private void Announce()
    {
        IReadOnlyList<SignalTransition> transitions = _watch?.TakeTransitions() ?? [];
        foreach (SignalTransition transition in transitions)
        {
            if (transition is { To: SignalState.Alarm, From: not SignalState.Recovering }) Interlocked.Increment(ref _alarms);
            OnTransition?.Invoke(transition);
        }

        if (transitions.Count > 0) Render();
    }
}
