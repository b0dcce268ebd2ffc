namespace Ueq.Testing;

/// <summary>Rows with a class whose probabilities are known: softmax of steepness·xₖ for class k. It is also the model that nobody can beat.</summary>
/// <remarks>
/// Features are standard normal; feature k speaks for class k, further features for nothing. A row is a pure function of seed and place.
/// </remarks>
public sealed class ClassTruth : IClassPredictor
{
    private readonly double _steepness;

    /// <summary>The truth over a number of classes.</summary>
    /// <param name="classes">Two or more.</param>
    /// <param name="features">Number of features of a row, as many as classes or more; 0: as many as classes.</param>
    /// <param name="steepness">0 makes all classes equally likely everywhere, 100 almost decides; 0 to 100.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    public ClassTruth(int classes, int features = 0, double steepness = 2)
    {
        Throw.IfOutside(nameof(classes), classes, 2, 10_000);
        Throw.IfOutside(nameof(features), features == 0 ? classes : features, classes, 100_000);
        Throw.IfOutside(nameof(steepness), steepness, 0, 100);
        (Classes, Features, _steepness) = (classes, features == 0 ? classes : features, steepness);
    }

    /// <inheritdoc/>
    public int Classes { get; }

    /// <summary>Number of features of a row.</summary>
    public int Features { get; }

    /// <summary>Rows from <paramref name="start"/> on, with classes drawn from their true probabilities.</summary>
    public (FeatureMatrix X, double[] Y) Draw(int rows, ulong seed, int start = 0)
    {
        double[] probabilities = new double[Classes];
        return Draws.Rows(rows, Features, start, seed, (x, ref rng) =>
        {
            Softmax(x, probabilities);
            double left = rng.NextUniform();
            int label = 0;
            while (label < Classes - 1 && (left -= probabilities[label]) >= 0) label++;
            return label;
        });
    }

    /// <summary>Writes the true probabilities.</summary>
    /// <exception cref="ArgumentException">The rows have another number of features or one that is not finite, or the destination another length.</exception>
    public void Predict(FeatureMatrix x, Span<double> probabilities)
    {
        Draws.Check(x, Features, nameof(probabilities), probabilities.Length, (long)x.Rows * Classes);
        for (int i = 0; i < x.Rows; i++) Softmax(x.Row(i), probabilities.Slice(i * Classes, Classes));
    }

    private void Softmax(ReadOnlySpan<float> row, Span<double> probabilities)
    {
        double largest = double.NegativeInfinity, sum = 0;
        for (int k = 0; k < Classes; k++) largest = Math.Max(largest, row[k]);
        for (int k = 0; k < Classes; k++) sum += probabilities[k] = Math.Exp(_steepness * (row[k] - largest));
        foreach (ref double value in probabilities) value /= sum;
    }
}
