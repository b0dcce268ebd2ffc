namespace Ueq;

/// <summary>A function that answers one row with one number.</summary>
public delegate double RowFunction(ReadOnlySpan<float> row);

/// <summary>A function that answers many rows: one number per row, or, of a classifier, rows × classes probabilities.</summary>
public delegate void BatchFunction(FeatureMatrix x, Span<double> destination);

/// <summary>Any function as a regression model. Thread-safe if the function is.</summary>
public sealed class FunctionPredictor : IPointPredictor
{
    private readonly BatchFunction _answer;

    /// <summary>A model of a function of many rows.</summary>
    public FunctionPredictor(BatchFunction answer) => _answer = answer ?? throw new ArgumentNullException(nameof(answer));

    /// <summary>A model of a function of one row.</summary>
    public FunctionPredictor(RowFunction answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        _answer = (x, destination) =>
        {
            for (int i = 0; i < destination.Length; i++) destination[i] = answer(x.Row(i));
        };
    }

    /// <inheritdoc/>
    public void Predict(FeatureMatrix x, Span<double> destination)
    {
        Throw.IfDifferent(nameof(destination), destination.Length, x.Rows, "predictions, one per row");
        // A function that leaves a place alone is to be found out, whatever the caller had there.
        destination.Fill(double.NaN);
        _answer(x, destination);
    }
}

/// <summary>Any function as a classification model. Thread-safe if the function is.</summary>
public sealed class FunctionClassifier : IClassPredictor
{
    private readonly BatchFunction _answer;

    /// <summary>A model of a function that writes rows × <paramref name="classes"/> probabilities, row after row.</summary>
    public FunctionClassifier(int classes, BatchFunction answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        if (classes < 2) Throw.OutOfRange(nameof(classes), classes, "two classes or more");
        Classes = classes;
        _answer = answer;
    }

    /// <inheritdoc/>
    public int Classes { get; }

    /// <inheritdoc/>
    public void Predict(FeatureMatrix x, Span<double> probabilities)
    {
        Throw.IfDifferent(nameof(probabilities), probabilities.Length, (long)x.Rows * Classes, "probabilities, rows × classes");
        probabilities.Fill(double.NaN);
        _answer(x, probabilities);
    }
}
