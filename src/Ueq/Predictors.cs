namespace Ueq;

/// <summary>A model that answers with one number per row.</summary>
public interface IPointPredictor
{
    /// <summary>Writes one prediction per row of <paramref name="x"/>. Safe to call from many threads.</summary>
    void Predict(FeatureMatrix x, Span<double> destination);
}

/// <summary>A model that answers with a lower and an upper quantile per row.</summary>
public interface IQuantilePredictor
{
    /// <summary>Writes both quantiles per row of <paramref name="x"/>. Safe to call from many threads.</summary>
    void Predict(FeatureMatrix x, Span<double> lower, Span<double> upper);
}

/// <summary>A model that answers with a mean and a standard deviation per row.</summary>
public interface IGaussianPredictor
{
    /// <summary>Writes mean and standard deviation per row of <paramref name="x"/>. Safe to call from many threads.</summary>
    void Predict(FeatureMatrix x, Span<double> mean, Span<double> sigma);
}

/// <summary>A model that answers with a probability per class and row.</summary>
public interface IClassPredictor
{
    /// <summary>Number of classes, two or more.</summary>
    int Classes { get; }

    /// <summary>Writes rows × classes probabilities, row after row. Safe to call from many threads.</summary>
    void Predict(FeatureMatrix x, Span<double> probabilities);
}

/// <summary>A model that claims a band per row: what the first three become.</summary>
public interface IBandPredictor
{
    /// <summary>Writes one band per row of <paramref name="x"/>. Safe to call from many threads.</summary>
    void Predict(FeatureMatrix x, Span<Band> destination);
}

/// <summary>What makes a model from rows: what resampling needs.</summary>
/// <typeparam name="TModel">The kind of model that comes out.</typeparam>
public interface ITrainer<out TModel>
{
    /// <summary>Fits a model. The same rows and seed give the same model.</summary>
    /// <param name="x">Features, one row per target.</param>
    /// <param name="y">Targets; for classification the class index, 0 to classes − 1, as a number.</param>
    /// <param name="seed">Names the stream of random numbers.</param>
    TModel Fit(FeatureMatrix x, ReadOnlySpan<double> y, ulong seed);
}

/// <summary>A calibrated regression model: a prediction and an interval per row, at a level chosen when asked.</summary>
public interface IIntervalPredictor
{
    /// <summary>Number of features a row must have.</summary>
    int Features { get; }

    /// <summary>Writes one prediction and one interval per row of <paramref name="x"/>. Safe to call from many threads.</summary>
    void Predict(FeatureMatrix x, Coverage coverage, Span<double> predictions, Span<Interval> intervals);

    /// <summary>What is promised at a level.</summary>
    Guarantee Guarantee(Coverage coverage);
}

/// <summary>A calibrated classification model: probabilities and a set of labels per row, at a level chosen when asked.</summary>
public interface ILabelSetPredictor
{
    /// <summary>Number of features a row must have.</summary>
    int Features { get; }

    /// <summary>Number of classes, two or more.</summary>
    int Classes { get; }

    /// <summary>Writes rows × classes probabilities and one packed set per row (see <see cref="LabelSet.At"/>). Thread-safe.</summary>
    void Predict(FeatureMatrix x, Coverage coverage, Span<double> probabilities, Span<ulong> sets);

    /// <summary>What is promised at a level.</summary>
    Guarantee Guarantee(Coverage coverage);
}
