using Ueq.Monitoring;
using Ueq.Storage;
using Ueq.Versions;

namespace Ueq.Serving.Receipts;

/// <summary>What labels say of one served version: its coverage monitor behind a lock, and its receipts.</summary>
internal sealed class LiveCoverage
{
    private readonly Lock _gate = new();
    private readonly CoverageTolerance _tolerance;
    private readonly ModelTask _task;
    private readonly CoverageOptions _options;
    private readonly int _classes;
    private CoverageMonitor _monitor;

    public LiveCoverage(ModelVersion version, Guarantee guarantee, UeqServiceConfig config)
    {
        Receipts = new ReceiptCounts(config.Replica);
        _task = version.Manifest.Task;
        _classes = version.Classifier?.Classes ?? 0;
        _tolerance = CoverageTolerance.From(guarantee);
        _options = new CoverageOptions { AlarmProbability = config.CoverageAlarmProbability, RecentLabels = config.PerfWindowSize };
        _monitor = new CoverageMonitor(_tolerance, _task, _options);
    }

    /// <summary>How many receipts were issued, by replica and hour.</summary>
    public ReceiptCounts Receipts { get; }

    /// <summary>The ledger's number of the latest label that is counted.</summary>
    public long Sequence
    {
        get
        {
            lock (_gate) return _monitor.Sequence;
        }
    }

    /// <summary>Counts labels.</summary>
    /// <returns>The steps from state to state that they make.</returns>
    public IReadOnlyList<SignalTransition> Add(IReadOnlyList<StoredLabel> labels)
    {
        lock (_gate)
        {
            foreach (StoredLabel label in labels) _monitor.Add(LabelScoring.Read(label.Label) with { Classes = _classes }, label.Sequence);
            return _monitor.TakeTransitions();
        }
    }

    /// <summary>Coverage as a signal while it is lost.</summary>
    public WatchedSignal? ReadAlarm()
    {
        lock (_gate) return _monitor.ReadAlarm();
    }

    public CoverageReading Read(DateTimeOffset now)
    {
        lock (_gate) return _monitor.Read(now, Receipts);
    }

    public (byte[] State, long Sequence) Save()
    {
        using MemoryStream state = new();
        lock (_gate)
        {
            _monitor.Save(state);
            return (state.ToArray(), _monitor.Sequence);
        }
    }

    /// <exception cref="InvalidDataException">The state is damaged, or of another promise.</exception>
    public void Restore(ReadOnlyMemory<byte> state)
    {
        using MemoryStream stream = new(state.ToArray());
        CoverageMonitor restored = CoverageMonitor.Restore(stream, _tolerance, _task, _options);
        lock (_gate) _monitor = restored;
    }
}
