namespace Ueq.Monitoring;

/// <summary>A streaming comparison of live rows with a reference, in windows of a fixed number of rows that do not overlap.</summary>
/// <remarks>
/// <para>
/// Each signal of a full window is tested against its reference: PSI with a χ² critical value, or Fisher's exact test of a share. The
/// probability of a false alarm is divided among the tests (Bonferroni), so it holds for the window as a whole, over the draw of
/// reference and window, and on exchangeable rows. Windows compared with one reference are not independent of each other.
/// </para>
/// <para>Thread-safe. <see cref="Add"/> allocates nothing; it holds a short lock, about 25 ns a value.</para>
/// </remarks>
public sealed class DriftMonitor
{
    private readonly Lock _gate = new();
    private readonly DriftReference _reference;
    private readonly DriftOptions _options;
    private readonly SignalTest[] _tests;
    private readonly WindowBuffer _open;
    private readonly WindowBuffer _closed;
    private long _rows, _windows, _alerts;
    private double _maxScore;
    private DriftReading? _reading;

    /// <summary>A monitor that has seen nothing.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public DriftMonitor(DriftReference reference, DriftOptions options)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _reference = reference;
        _options = options;
        _tests = [.. reference.Signals.Select(s => new SignalTest(s, options.WindowSize))];
        // Missing and infinite values rarely need the benefit of the doubt, so their many tests share a tenth of the probability.
        double finite = 0.9 * options.FalseAlarmProbability / Math.Max(1, _tests.Count(t => t.Kind is not null));
        double events = 0.1 * options.FalseAlarmProbability / Math.Max(1, _tests.Sum(t => t.EventTests));
        foreach (SignalTest test in _tests) test.Share(finite, events);
        _open = new WindowBuffer(reference, options.WindowSize);
        _closed = new WindowBuffer(reference, options.WindowSize);
    }

    /// <summary>Rows seen so far, in full windows and the open one.</summary>
    public long Rows => Interlocked.Read(ref _rows);

    /// <summary>Takes rows as they were answered.</summary>
    /// <param name="x">Features after encoding, one row per prediction. NaN counts as missing.</param>
    /// <param name="predictions">The model's predictions, or indices of the most probable class.</param>
    /// <param name="sizes">Widths of intervals or sizes of label sets. Infinite widths are counted apart.</param>
    /// <exception cref="ArgumentException">Columns or lengths do not agree with the reference or each other.</exception>
    public void Add(FeatureMatrix x, ReadOnlySpan<double> predictions, ReadOnlySpan<double> sizes)
    {
        if (x.Rows > 0) Throw.IfDifferent(nameof(x), x.Columns, _reference.Features, "features, as in the reference");
        Throw.IfDifferent(nameof(predictions), predictions.Length, x.Rows, "predictions, one per row");
        Throw.IfDifferent(nameof(sizes), sizes.Length, x.Rows, "sizes, one per row");
        lock (_gate)
        {
            int start = 0;
            while (start < x.Rows)
            {
                int count = Math.Min(x.Rows - start, _options.WindowSize - _open.Rows);
                _open.Add(x.Values.Slice(start * x.Columns, count * x.Columns), predictions.Slice(start, count), sizes.Slice(start, count));
                start += count;
                if (_open.Rows == _options.WindowSize) Close();
            }

            _rows += x.Rows;
        }
    }

    /// <summary>What the latest full window says. Two calls without a full window between them give the same object.</summary>
    public DriftReading Read()
    {
        DriftReading? reading = Volatile.Read(ref _reading);
        if (reading is not null) return reading;
        lock (_gate)
        {
            reading = new WindowJudgement(_reference, _tests, _closed, _options).Reading(_windows, _alerts, _maxScore);
            Volatile.Write(ref _reading, reading);
            return reading;
        }
    }

    private void Close()
    {
        _open.SortSizes();
        _closed.CopyFrom(_open);
        _open.Clear();
        WindowJudgement judgement = new(_reference, _tests, _closed, _options);
        _windows++;
        _alerts += judgement.CountAlerts();
        _maxScore = Math.Max(_maxScore, judgement.DriftScore());
        Volatile.Write(ref _reading, null);
    }
}
