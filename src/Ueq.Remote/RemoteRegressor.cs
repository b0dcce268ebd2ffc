using Ueq.Versions;

namespace Ueq.Remote;

/// <summary>A remote model that answers with one number per row. Immutable and safe to share between threads.</summary>
/// <remarks>It is stored as its address: reading it asks the server again, and the model there may have changed meanwhile.</remarks>
public sealed class RemoteRegressor : IPointPredictor, IStoredPredictor, IRemotePredictor
{
    private readonly AnswerPlan _answers;
    private readonly RemoteOutput? _output;

    /// <summary>A predictor over a model, which stays the caller's to dispose.</summary>
    /// <param name="model">The model.</param>
    /// <param name="output">Which numbers of its answer; <c>null</c>: its only output.</param>
    /// <exception cref="InvalidDataException">The model's outputs are not those of a regression.</exception>
    /// <exception cref="ArgumentException">The model leaves a choice of outputs, or the chosen one is not there.</exception>
    public RemoteRegressor(RemoteModel model, RemoteOutput? output = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        Model = model;
        _output = output;
        _answers = AnswerPlan.Numbers(model, ("the prediction", output));
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
    /// <exception cref="AssumptionException">The model answers with something that is not a finite number.</exception>
    public void Predict(FeatureMatrix x, Span<double> destination)
    {
        Inputs.CheckLength(nameof(destination), destination.Length, x.Rows, "places, one per row");
        Model.Plan.Check(x);
        Model.Ask(x, _answers, destination);
    }

    /// <inheritdoc/>
    public void Save(Stream destination) => RemoteFormat.Save(destination, Model, RemoteShape.Point, [_output]);
}
