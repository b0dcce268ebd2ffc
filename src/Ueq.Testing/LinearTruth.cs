namespace Ueq.Testing;

/// <summary>Rows with a target whose distribution is known: y = intercept + weights·x + σ(x)·ε. It is also the model that nobody can beat.</summary>
/// <remarks>
/// Features are standard normal. σ(x) = noise·exp(growth·x₀): of one size where growth is 0, else log-linear in the first feature. A row is a pure
/// function of seed and place: rows 100 to 199 are the same whether they are drawn alone or as part of a thousand.
/// </remarks>
public sealed class LinearTruth : IPointPredictor, IGaussianPredictor
{
    private readonly double[] _weights;
    private readonly double _intercept, _noise, _growth;

    /// <summary>The truth of these weights.</summary>
    /// <param name="weights">One per feature.</param>
    /// <param name="intercept">The mean of the target where all features are 0.</param>
    /// <param name="noise">Standard deviation of the noise where the first feature is 0: positive.</param>
    /// <param name="growth">How the logarithm of the noise grows with the first feature, −2 to 2; 0: not at all.</param>
    /// <exception cref="ArgumentException">There is no weight, or a number is outside its range.</exception>
    public LinearTruth(ReadOnlySpan<double> weights, double intercept = 0, double noise = 1, double growth = 0)
    {
        if (weights.IsEmpty) throw new ArgumentException("Expected one weight or more, got none.", nameof(weights));
        foreach (double weight in weights) Throw.IfOutside(nameof(weights), weight, -1e100, 1e100);
        Throw.IfOutside(nameof(intercept), intercept, -1e100, 1e100);
        Throw.IfOutside(nameof(noise), noise, double.Epsilon, 1e100);
        Throw.IfOutside(nameof(growth), growth, -2, 2);
        _weights = weights.ToArray();
        (_intercept, _noise, _growth) = (intercept, noise, growth);
    }

    /// <summary>Number of features of a row.</summary>
    public int Features => _weights.Length;

    /// <summary>Rows from <paramref name="start"/> on, with targets drawn from their true distribution.</summary>
    public (FeatureMatrix X, double[] Y) Draw(int rows, ulong seed, int start = 0) => Draws.Rows(rows, Features, start, seed, (x, ref rng) => Mean(x) + Sigma(x) * rng.NextNormal());

    /// <summary>The true mean of the target at a row.</summary>
    public double Mean(ReadOnlySpan<float> row)
    {
        double sum = _intercept;
        for (int j = 0; j < _weights.Length; j++) sum += _weights[j] * row[j];
        return sum;
    }

    /// <summary>The true standard deviation of the target at a row.</summary>
    public double Sigma(ReadOnlySpan<float> row) => _noise * Math.Exp(_growth * row[0]);

    /// <summary>Writes the true means.</summary>
    /// <exception cref="ArgumentException">The rows have another number of features or one that is not finite, or the destination another length.</exception>
    public void Predict(FeatureMatrix x, Span<double> destination)
    {
        Draws.Check(x, Features, nameof(destination), destination.Length, x.Rows);
        for (int i = 0; i < destination.Length; i++) destination[i] = Mean(x.Row(i));
    }

    /// <summary>Writes the true means and standard deviations.</summary>
    /// <exception cref="ArgumentException">The rows have another number of features or one that is not finite, or a destination another length.</exception>
    /// <exception cref="AssumptionException">The noise at a row is beyond what a double holds.</exception>
    public void Predict(FeatureMatrix x, Span<double> mean, Span<double> sigma)
    {
        Draws.Check(x, Features, nameof(sigma), sigma.Length, x.Rows);
        Predict(x, mean);
        for (int i = 0; i < sigma.Length; i++)
        {
            sigma[i] = Sigma(x.Row(i));
            if (!(sigma[i] > 0 && double.IsFinite(sigma[i])))
                throw new AssumptionException(Assumption.FiniteAnswers, $"Expected a positive finite sigma, got {Throw.Say(sigma[i])} at row {i}.");
        }
    }
}
