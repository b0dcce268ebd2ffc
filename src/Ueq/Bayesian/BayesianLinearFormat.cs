using System.Text.Json;
using Ueq.Versions;

namespace Ueq.Bayesian;

/// <summary>How a Bayesian linear regression is written: its numbers, as JSON.</summary>
public sealed class BayesianLinearFormat : IPredictorFormat
{
    internal const string FormatName = "bayesian_linear";

    /// <inheritdoc/>
    public string Name => FormatName;

    internal static void Save(BayesianLinearParameters fit, Stream destination) =>
        JsonSerializer.Serialize(destination, fit, VersionJson.Default.BayesianLinearParameters);

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The file is damaged or of another kind.</exception>
    public IStoredPredictor Load(Stream source)
    {
        using MemoryStream content = new();
        source.CopyTo(content);
        BayesianLinearParameters fit = VersionDirectory.Read(
            content.GetBuffer().AsSpan(0, (int)content.Length), VersionJson.Default.BayesianLinearParameters, "Bayesian linear regression");
        int d = fit.Means.Length;
        if (fit.Rows < 3 || fit.InverseScales.Length != d || fit.Weights.Length != d || fit.CovarianceRoot.Length != (long)d * d)
            throw new InvalidDataException($"Expected {d} scales and weights and {d} × {d} numbers of covariance, got other lengths.");
        if (!(fit.NoisePrecision > 0 && fit.DegreesOfFreedom >= 1))
            throw new InvalidDataException("Expected a positive noise precision and one degree of freedom or more.");
        double[] all = [.. fit.Means, .. fit.InverseScales, .. fit.Weights, .. fit.CovarianceRoot, fit.Centre, fit.NoisePrecision, fit.PriorPrecision, fit.DegreesOfFreedom];
        if (!Array.TrueForAll(all, double.IsFinite)) throw new InvalidDataException("Expected finite numbers, got one that a double cannot hold.");
        return new BayesianLinearRegression(fit);
    }
}
