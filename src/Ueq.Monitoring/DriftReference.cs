namespace Ueq.Monitoring;

/// <summary>How features, predictions and sizes were distributed when a model was calibrated: what live traffic is compared with.</summary>
/// <remarks>
/// Build it from rows the model was not fitted on, the calibration rows: on its own training rows a model is too good, and every
/// window would look drifted. Sizes must belong to one coverage, the same here and in the monitor. Immutable and safe to share
/// between threads.
/// </remarks>
public sealed class DriftReference
{
    private readonly SignalReference[] _signals;

    internal DriftReference(string schemaDigest, SignalReference[] signals)
    {
        SchemaDigest = schemaDigest;
        _signals = signals;
    }

    /// <summary><see cref="FeatureSchema.Digest"/> of the features it was built on.</summary>
    public string SchemaDigest { get; }

    /// <summary>One per feature, then <c>prediction</c>, then <c>size</c>.</summary>
    public IReadOnlyList<SignalReference> Signals => _signals;

    /// <summary>Number of features of a row.</summary>
    public int Features => _signals.Length - 2;

    /// <summary>Number of rows it was built from.</summary>
    public int Rows => _signals[0].Rows;

    /// <summary>The reference of these rows.</summary>
    /// <param name="schema">The columns behind the features.</param>
    /// <param name="x">Features after encoding, one row per prediction. NaN counts as missing.</param>
    /// <param name="predictions">The model's predictions, or indices of the most probable class.</param>
    /// <param name="sizes">Widths of intervals or sizes of label sets. Infinite widths are counted apart.</param>
    /// <exception cref="ArgumentException">There is no row, or the lengths do not agree.</exception>
    public static DriftReference From(FeatureSchema schema, FeatureMatrix x, ReadOnlySpan<double> predictions, ReadOnlySpan<double> sizes)
    {
        ArgumentNullException.ThrowIfNull(schema);
        Throw.IfDifferent(nameof(x), x.Columns, schema.Width, "features, the width of the schema");
        if (x.Rows == 0) throw new ArgumentException("Expected one row or more, got none.", nameof(x));
        Throw.IfDifferent(nameof(predictions), predictions.Length, x.Rows, "predictions, one per row");
        Throw.IfDifferent(nameof(sizes), sizes.Length, x.Rows, "sizes, one per row");

        SignalReference[] signals = new SignalReference[schema.Width + 2];
        double[] values = new double[x.Rows];
        int signal = 0;
        foreach (string name in Names(schema))
        {
            for (int row = 0; row < values.Length; row++) values[row] = x.Values[row * x.Columns + signal];
            signals[signal++] = SignalReference.From(name, SignalKind.Feature, values);
        }

        predictions.CopyTo(values);
        signals[signal++] = SignalReference.From("prediction", SignalKind.Prediction, values);
        sizes.CopyTo(values);
        signals[signal] = SignalReference.From("size", SignalKind.Size, values);
        return new DriftReference(schema.Digest, signals);
    }

    /// <summary>Writes the reference as JSON. The stream need not seek.</summary>
    public void Save(Stream destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        DriftReferenceFile.Write(destination, this);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The content is damaged, or of another version; the message names the place.</exception>
    public static DriftReference Restore(Stream source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return DriftReferenceFile.Read(source);
    }

    private static IEnumerable<string> Names(FeatureSchema schema) =>
        schema.Columns.SelectMany(c => c.Categories is { } categories ? categories.Select(category => $"{c.Name}={category}") : [c.Name]);
}
