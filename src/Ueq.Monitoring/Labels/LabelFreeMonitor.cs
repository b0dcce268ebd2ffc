namespace Ueq.Monitoring;

/// <summary>How well a model does on its latest rows, estimated without labels: CBPE for classifiers, DLE for regressions.</summary>
/// <remarks>
/// Adding copies rows; what they say is computed when somebody reads. Not thread-safe. Of models with very many features it holds fewer
/// rows than asked for, so that it never takes more than some 16 MB.
/// </remarks>
public sealed class LabelFreeMonitor
{
    /// <summary>Rows that are looked at unless another number is asked for.</summary>
    public const int DefaultRows = 1000;

    private const int MostCells = 2_000_000;

    private readonly LossEstimator? _losses;
    private readonly ClassEstimator? _classes;
    private readonly float[] _features;
    private readonly double[] _probabilities, _predictions;
    private readonly int _width;
    private long _rows;
    private LossEstimate? _loss;
    private ClassEstimate? _class;

    /// <summary>A monitor of a regression.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one row is to be looked at.</exception>
    public LabelFreeMonitor(LossEstimator losses, int rows)
        : this(rows, (losses ?? throw new ArgumentNullException(nameof(losses))).Features)
    {
        _losses = losses;
        _features = new float[Window * _width];
    }

    /// <summary>A monitor of a classification.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one row is to be looked at.</exception>
    public LabelFreeMonitor(ClassEstimator classes, int rows)
        : this(rows, (classes ?? throw new ArgumentNullException(nameof(classes))).Classes)
    {
        _classes = classes;
        _probabilities = new double[Window * _width];
    }

    private LabelFreeMonitor(int rows, int width)
    {
        if (rows < 1) Throw.OutOfRange(nameof(rows), rows, "one row or more");
        _width = width;
        Window = Math.Max(1, Math.Min(rows, MostCells / Math.Max(1, width)));
        _predictions = new double[Window];
        _features = [];
        _probabilities = [];
    }

    /// <summary>The most rows that it looks at: the latest ones.</summary>
    public int Window { get; }

    /// <summary>Rows added so far.</summary>
    public long Rows => _rows;

    /// <summary>The estimator of a regression; <c>null</c> of a classification.</summary>
    public LossEstimator? Losses => _losses;

    /// <summary>The estimator of a classification; <c>null</c> of a regression.</summary>
    public ClassEstimator? Classes => _classes;

    /// <summary>Takes rows of a regression.</summary>
    /// <exception cref="ArgumentException">The lengths do not agree with each other or the estimator.</exception>
    /// <exception cref="InvalidOperationException">It is a monitor of a classification.</exception>
    public void Add(FeatureMatrix x, ReadOnlySpan<double> predictions)
    {
        if (_losses is null) throw new InvalidOperationException("Expected probabilities: this is the monitor of a classification.");
        if (x.Rows > 0) Throw.IfDifferent(nameof(x), x.Columns, _width, "features, as in the reference");
        Throw.IfDifferent(nameof(predictions), predictions.Length, x.Rows, "predictions, one per row");
        for (int row = Math.Max(0, x.Rows - Window); row < x.Rows; row++)
        {
            int place = (int)((_rows + row) % Window);
            x.Row(row).CopyTo(_features.AsSpan(place * _width));
            _predictions[place] = predictions[row];
        }

        Count(x.Rows);
    }

    /// <summary>Takes rows of a classification.</summary>
    /// <param name="probabilities">Rows × classes, row after row.</param>
    /// <param name="predictions">The index of the class that was answered for each row.</param>
    /// <exception cref="ArgumentException">The lengths do not agree with each other or the estimator.</exception>
    /// <exception cref="InvalidOperationException">It is a monitor of a regression.</exception>
    public void Add(ReadOnlySpan<double> probabilities, ReadOnlySpan<double> predictions)
    {
        if (_classes is null) throw new InvalidOperationException("Expected features: this is the monitor of a regression.");
        Throw.IfDifferent(nameof(probabilities), probabilities.Length, (long)predictions.Length * _width, "probabilities, rows × classes");
        for (int row = Math.Max(0, predictions.Length - Window); row < predictions.Length; row++)
        {
            int place = (int)((_rows + row) % Window);
            probabilities.Slice(row * _width, _width).CopyTo(_probabilities.AsSpan(place * _width));
            _predictions[place] = predictions[row];
        }

        Count(predictions.Length);
    }

    /// <summary>The losses to expect of the latest rows; <c>null</c> without rows, or of a classification.</summary>
    public LossEstimate? ReadLosses()
    {
        if (_losses is null || _rows == 0) return null;
        int held = (int)Math.Min(_rows, Window);
        return _loss ??= _losses.Estimate(new FeatureMatrix(_features.AsMemory(0, held * _width), _width), _predictions.AsSpan(0, held));
    }

    /// <summary>The accuracy to expect of the latest rows; <c>null</c> without rows, or of a regression.</summary>
    public ClassEstimate? ReadClasses()
    {
        if (_classes is null || _rows == 0) return null;
        int held = (int)Math.Min(_rows, Window);
        return _class ??= _classes.Estimate(_probabilities.AsSpan(0, held * _width), [.. _predictions.Take(held).Select(p => (int)p)]);
    }

    private void Count(int rows)
    {
        _rows += rows;
        if (rows > 0) (_loss, _class) = (null, null);
    }
}
