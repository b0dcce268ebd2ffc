namespace Ueq.Monitoring;

/// <summary>How features, predictions and sizes were distributed when a model was calibrated: what live traffic is compared with.</summary>
/// <remarks>
/// Build it from rows the model was not fitted on, the calibration rows: on its own training rows a model is too good, and every
/// window would look drifted. Sizes must belong to one coverage, the same here and in the monitor. Immutable and safe to share
/// between threads.
/// </remarks>
public sealed class DriftReference
{
    private const int HoursOfWeek = 168;
    private const string Prediction = "prediction", Size = "size", Score = "score";
    private readonly SignalReference[] _signals;
    private string? _digest;

    internal DriftReference(string schemaDigest, SignalReference[] signals)
    {
        SchemaDigest = schemaDigest;
        _signals = signals;
        Features = signals.Count(s => s.Kind == SignalKind.Feature);
    }

    /// <summary><see cref="FeatureSchema.Digest"/> of the features it was built on; empty when it was made of columns.</summary>
    public string SchemaDigest { get; }

    /// <summary>One per feature, then <c>prediction</c>, <c>size</c> and <c>score</c> as far as they are known.</summary>
    /// <remarks>A column of one of these names, or of the name <c>coverage</c>, is the signal <c>feature:</c> and its name.</remarks>
    public IReadOnlyList<SignalReference> Signals => _signals;

    /// <summary>Number of features of a row.</summary>
    public int Features { get; }

    /// <summary>Number of rows it was built from; of one that was rebaselined, those of the first signal.</summary>
    public int Rows => _signals[0].Rows;

    /// <summary>Whether there are signals of predictions and sizes.</summary>
    public bool HasAnswers => _signals.Length >= Features + 2;

    /// <summary>Whether there is a signal of scores.</summary>
    public bool HasScores => _signals[^1].Kind == SignalKind.Score;

    /// <summary>Number of seasons that are told apart: 168 hours of the week, or one.</summary>
    public int Seasons => _signals[0].Seasons;

    /// <summary>The reference of these rows.</summary>
    /// <param name="schema">The columns behind the features.</param>
    /// <param name="x">Features after encoding, one row per prediction. NaN counts as missing.</param>
    /// <param name="predictions">The model's predictions, or indices of the most probable class.</param>
    /// <param name="sizes">Widths of intervals or sizes of label sets. Infinite widths are counted apart.</param>
    /// <exception cref="ArgumentException">There is no row, or the lengths do not agree.</exception>
    public static DriftReference From(FeatureSchema schema, FeatureMatrix x, ReadOnlySpan<double> predictions, ReadOnlySpan<double> sizes) =>
        From(schema, x, predictions, sizes, [], []);

    /// <summary>The reference of these rows, with scores, with hours of the week told apart, or both.</summary>
    /// <param name="schema">The columns behind the features.</param>
    /// <param name="x">Features after encoding, one row per prediction. NaN counts as missing.</param>
    /// <param name="predictions">The model's predictions, or indices of the most probable class.</param>
    /// <param name="sizes">Widths of intervals or sizes of label sets. Infinite widths are counted apart.</param>
    /// <param name="scores">One per row as <see cref="LabelScore"/> makes them, or none.</param>
    /// <param name="times">When each row came, or none: then live rows of any hour are compared with all rows.</param>
    /// <exception cref="ArgumentException">There is no row, or the lengths do not agree.</exception>
    public static DriftReference From(
        FeatureSchema schema, FeatureMatrix x, ReadOnlySpan<double> predictions, ReadOnlySpan<double> sizes, ReadOnlySpan<double> scores,
        ReadOnlySpan<DateTimeOffset> times)
    {
        ArgumentNullException.ThrowIfNull(schema);
        Throw.IfDifferent(nameof(x), x.Columns, schema.Width, "features, the width of the schema");
        Throw.IfDifferent(nameof(predictions), predictions.Length, x.Rows, "predictions, one per row");
        Throw.IfDifferent(nameof(sizes), sizes.Length, x.Rows, "sizes, one per row");
        if (!scores.IsEmpty) Throw.IfDifferent(nameof(scores), scores.Length, x.Rows, "scores, one per row");
        List<SignalReference> signals = OfFeatures(Names(schema), x, times, out int[] hours, out int seasons);
        signals.Add(SignalReference.From(Prediction, SignalKind.Prediction, predictions, hours, seasons));
        signals.Add(SignalReference.From(Size, SignalKind.Size, sizes, hours, seasons));
        if (!scores.IsEmpty) signals.Add(SignalReference.From(Score, SignalKind.Score, scores, hours, seasons));
        return new DriftReference(schema.Digest, [.. signals]);
    }

    /// <summary>The reference of the columns of a table, without a model.</summary>
    /// <param name="names">Names of the columns.</param>
    /// <param name="x">One row after the other. NaN counts as missing.</param>
    /// <param name="times">When each row came, or none: then live rows of any hour are compared with all rows.</param>
    /// <exception cref="ArgumentException">There is no row or no column, or the lengths do not agree.</exception>
    public static DriftReference OfColumns(IReadOnlyList<string> names, FeatureMatrix x, ReadOnlySpan<DateTimeOffset> times)
    {
        ArgumentNullException.ThrowIfNull(names);
        if (names.Count == 0) throw new ArgumentException("Expected one column or more, got none.", nameof(names));
        Throw.IfDifferent(nameof(x), x.Columns, names.Count, "columns, one per name");
        return new DriftReference("", [.. OfFeatures(names, x, times, out _, out _)]);
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

    /// <summary>SHA-256 of its written form: what watches must agree on for their counts to add up.</summary>
    internal string Digest => _digest ??= Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Written()));

    private byte[] Written()
    {
        using MemoryStream written = new();
        Save(written);
        return written.ToArray();
    }

    /// <summary>The hour of the week of a time by its own offset: 0 is Monday from midnight to one.</summary>
    internal static int HourOfWeek(DateTimeOffset at) => ((int)at.DayOfWeek + 6) % 7 * 24 + at.Hour;

    /// <summary>The same features with other references of the signals.</summary>
    internal DriftReference With(SignalReference[] signals) => new(SchemaDigest, signals);

    private static List<SignalReference> OfFeatures(
        IEnumerable<string> names, FeatureMatrix x, ReadOnlySpan<DateTimeOffset> times, out int[] hours, out int seasons)
    {
        if (x.Rows == 0) throw new ArgumentException("Expected one row or more, got none.", nameof(x));
        if (!times.IsEmpty) Throw.IfDifferent(nameof(times), times.Length, x.Rows, "times, one per row");
        seasons = times.IsEmpty ? 1 : HoursOfWeek;
        hours = new int[times.Length];
        for (int i = 0; i < hours.Length; i++) hours[i] = HourOfWeek(times[i]);

        List<SignalReference> signals = [];
        double[] values = new double[x.Rows];
        foreach (string name in names)
        {
            for (int row = 0; row < values.Length; row++) values[row] = x.Values[row * x.Columns + signals.Count];
            signals.Add(SignalReference.From(name, SignalKind.Feature, values, hours, seasons));
        }

        return signals;
    }

    private static IEnumerable<string> Names(FeatureSchema schema) =>
        schema.Columns.SelectMany(c => c.Categories is { } categories ? categories.Select(category => $"{c.Name}={category}") : [Apart(c.Name)]);

    // Incidents and silences go by a signal's name, so two signals must not share one.
    private static string Apart(string column) => column is Prediction or Size or Score or CoverageMonitor.Signal ? $"feature:{column}" : column;
}
