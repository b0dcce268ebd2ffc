using System.Globalization;
using Ueq.Versions;

namespace Ueq.Remote;

/// <summary>A remote model that answers with a mean and a standard deviation per row. Immutable and safe to share between threads.</summary>
/// <remarks>It is stored as its address.</remarks>
public sealed class RemoteGaussianRegressor : IGaussianPredictor, IStoredPredictor, IRemotePredictor
{
    private readonly AnswerPlan _answers;
    private readonly RemoteOutput?[] _outputs;

    /// <summary>A predictor over a model, which stays the caller's to dispose.</summary>
    /// <param name="model">The model.</param>
    /// <param name="mean">Where the mean is; <c>null</c>: the first of its only two numbers.</param>
    /// <param name="sigma">Where the standard deviation is; <c>null</c>: the second of its only two numbers.</param>
    /// <exception cref="InvalidDataException">The model's outputs are not those of a regression.</exception>
    /// <exception cref="ArgumentException">The model leaves a choice of outputs, or the chosen one is not there.</exception>
    public RemoteGaussianRegressor(RemoteModel model, RemoteOutput? mean = null, RemoteOutput? sigma = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        Model = model;
        _outputs = [mean, sigma];
        _answers = AnswerPlan.Numbers(model, ("the mean", mean), ("the standard deviation", sigma));
    }

    /// <summary>The model behind it.</summary>
    public RemoteModel Model { get; }

    /// <summary>Number of features a row must have.</summary>
    public int Features => Model.Features;

    /// <inheritdoc/>
    public Uri Address => Model.Address;

    /// <inheritdoc/>
    public CircuitReading ReadCircuit() => Model.Wire.Reading;

    /// <inheritdoc/>
    public string Format => RemoteFormat.FormatName;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The rows have another number of features than the model, or one that JSON cannot write.</exception>
    /// <exception cref="RemoteModelException">The server does not answer.</exception>
    /// <exception cref="InvalidDataException">The server's answer has another shape.</exception>
    /// <exception cref="AssumptionException">The model answers with something that is not finite, or with a deviation that is not positive.</exception>
    public void Predict(FeatureMatrix x, Span<double> mean, Span<double> sigma)
    {
        Pairs.Ask(Model, _answers, x, mean, sigma, (nameof(mean), nameof(sigma)));
        for (int i = 0; i < sigma.Length; i++)
        {
            if (!(sigma[i] > 0))
                throw new AssumptionException(
                    Assumption.FiniteAnswers, string.Create(CultureInfo.InvariantCulture, $"Expected a positive standard deviation of {Model.Wire.Place} at row {i}, got {sigma[i]:R}."));
        }
    }

    /// <inheritdoc/>
    public void Save(Stream destination) => RemoteFormat.Save(destination, Model, RemoteShape.Gaussian, _outputs);
}
