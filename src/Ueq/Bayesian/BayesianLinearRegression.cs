using System.Buffers;
using System.Numerics.Tensors;
using Ueq.Numerics;
using Ueq.Versions;

namespace Ueq.Bayesian;

/// <summary>A fitted Bayesian linear regression: the predictive distribution of the target, noise included, per row.</summary>
/// <remarks>
/// <para>
/// y = w₀ + wᵀz + ε over standardised features z, prior w ~ N(0, α⁻¹I), flat prior on w₀, noise ε ~ N(0, β⁻¹), with α and β where the
/// evidence is highest. The predictive at z is Student-t with ν = n − 1 − γ degrees of freedom, centre w₀ + mᵀz and scale
/// σ(z) = √((1 + 1/n)/β + zᵀSz), where γ is the effective number of parameters.
/// </para>
/// <para>
/// The level is delivered when the model is right: a linear mean and Gaussian noise of one variance. Few rows cost a little, since α is
/// taken as known once it is estimated (25 rows of 3 features: about a point at 80 %). Nothing is promised otherwise; calibrate it
/// (<see cref="Conformal.GaussianBands"/>) to be free of that assumption.
/// </para>
/// Source: MacKay 1992; Bishop 2006, §3.5; Gelman et al. 2013, §14.2 for the Student-t. Immutable and thread-safe.
/// </remarks>
public sealed class BayesianLinearRegression : IIntervalPredictor, IGaussianPredictor, IPointPredictor, IStoredPredictor
{
    private readonly BayesianLinearParameters _fit;
    private readonly double _noise;

    internal BayesianLinearRegression(BayesianLinearParameters fit)
    {
        _fit = fit;
        _noise = (1 + 1.0 / fit.Rows) / fit.NoisePrecision;
    }

    /// <inheritdoc/>
    public int Features => _fit.Means.Length;

    /// <summary>Precision β of the noise: 1/variance, in inverse squared units of the target.</summary>
    public double NoisePrecision => _fit.NoisePrecision;

    /// <summary>Precision α of the prior over the standardised features' weights.</summary>
    public double PriorPrecision => _fit.PriorPrecision;

    /// <summary>Degrees of freedom ν = n − 1 − γ of the predictive.</summary>
    public double DegreesOfFreedom => _fit.DegreesOfFreedom;

    /// <summary>Posterior mean weight per feature, in units of the target per unit of the feature.</summary>
    public double[] Weights()
    {
        double[] weights = new double[Features];
        for (int j = 0; j < weights.Length; j++) weights[j] = _fit.Weights[j] * _fit.InverseScales[j];
        return weights;
    }

    /// <summary>The prediction where every feature is zero, in units of the target.</summary>
    public double Intercept => _fit.Centre - TensorPrimitives.Dot<double>(Weights(), _fit.Means);

    /// <inheritdoc/>
    public string Format => BayesianLinearFormat.FormatName;

    /// <inheritdoc/>
    public void Save(Stream destination) => BayesianLinearFormat.Save(_fit, destination);

    /// <summary>Fits by maximising the evidence.</summary>
    /// <exception cref="AssumptionException">Fewer than three rows, or the target does not vary.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A target or feature is not finite; names the row.</exception>
    public static BayesianLinearRegression Fit(FeatureMatrix x, ReadOnlySpan<double> y) => new(EvidenceMaximisation.Fit(x, y));

    /// <summary>Writes the predictive mean.</summary>
    public void Predict(FeatureMatrix x, Span<double> destination) => ForEachRow(x, destination, default, default, default);

    /// <summary>Writes centre and scale of the predictive Student-t.</summary>
    public void Predict(FeatureMatrix x, Span<double> mean, Span<double> sigma)
    {
        Throw.IfDifferent(nameof(sigma), sigma.Length, x.Rows, "scales, one per row");
        ForEachRow(x, mean, sigma, default, default);
    }

    /// <inheritdoc/>
    public void Predict(FeatureMatrix x, Coverage coverage, Span<double> predictions, Span<Interval> intervals)
    {
        Check.Batch(x, Features, predictions.Length, intervals.Length);
        ForEachRow(x, predictions, default, intervals, Quantile(coverage));
    }

    /// <inheritdoc/>
    public Guarantee Guarantee(Coverage coverage) => new(GuaranteeKind.ModelIsRight, coverage, 0, 0);

    /// <summary>Half the width of the central interval of a standard Student-t at this level.</summary>
    private double Quantile(Coverage coverage) => StudentTail.TwoSided(coverage.Miss, _fit.DegreesOfFreedom);

    private void ForEachRow(FeatureMatrix x, Span<double> means, Span<double> sigmas, Span<Interval> intervals, double quantile)
    {
        Check.Features(x, Features);
        Throw.IfDifferent("destination", means.Length, x.Rows, "predictions, one per row");
        Check.Finite(x);
        int d = Features;
        double[] scratch = ArrayPool<double>.Shared.Rent(d);
        Span<double> z = scratch.AsSpan(0, d);
        for (int i = 0; i < x.Rows; i++)
        {
            ReadOnlySpan<float> row = x.Row(i);
            for (int j = 0; j < d; j++) z[j] = (row[j] - _fit.Means[j]) * _fit.InverseScales[j];
            double mean = _fit.Centre + TensorPrimitives.Dot<double>(z, _fit.Weights);
            means[i] = mean;
            if (sigmas.IsEmpty && intervals.IsEmpty) continue;
            double sigma = Math.Sqrt(_noise + Spread(z));
            if (!sigmas.IsEmpty) sigmas[i] = sigma;
            if (!intervals.IsEmpty) intervals[i] = new Interval(mean - quantile * sigma, mean + quantile * sigma);
        }

        ArrayPool<double>.Shared.Return(scratch);
    }

    // zᵀSz as the squared length of the root of S applied to z: never negative.
    private double Spread(ReadOnlySpan<double> z)
    {
        double sum = 0;
        for (int start = 0; start < _fit.CovarianceRoot.Length; start += z.Length)
        {
            double part = TensorPrimitives.Dot(z, _fit.CovarianceRoot.AsSpan(start, z.Length));
            sum += part * part;
        }

        return sum;
    }
}

/// <summary>Fits Bayesian linear regression where a trainer is wanted, as for a bootstrap.</summary>
public sealed class BayesianLinearTrainer : ITrainer<BayesianLinearRegression>
{
    /// <summary>Fits by maximising the evidence; there is nothing random, so the seed is not used.</summary>
    public BayesianLinearRegression Fit(FeatureMatrix x, ReadOnlySpan<double> y, ulong seed) => BayesianLinearRegression.Fit(x, y);
}
