namespace Ueq.Bayesian;

/// <summary>The numbers of a fitted Bayesian linear regression, as they are kept and written.</summary>
internal sealed record BayesianLinearParameters
{
    public required int Rows { get; init; }

    /// <summary>Mean of each feature.</summary>
    public required double[] Means { get; init; }

    /// <summary>1/standard deviation of each feature; zero for one that does not vary, which takes it out of the model.</summary>
    public required double[] InverseScales { get; init; }

    /// <summary>Mean of the target.</summary>
    public required double Centre { get; init; }

    /// <summary>Posterior mean weight of each standardised feature.</summary>
    public required double[] Weights { get; init; }

    /// <summary>d × d, row after row: R with RᵀR = posterior covariance of the weights.</summary>
    public required double[] CovarianceRoot { get; init; }

    public required double NoisePrecision { get; init; }

    public required double PriorPrecision { get; init; }

    public required double DegreesOfFreedom { get; init; }
}
