using System.Buffers;
using Ueq.Versions;

namespace Ueq.Remote;

/// <summary>A remote model that answers with two quantiles per row. Immutable and safe to share between threads.</summary>
/// <remarks>Quantiles that cross are put in order. It is stored as its address.</remarks>
public sealed class RemoteQuantileRegressor : IQuantilePredictor, IStoredPredictor, IRemotePredictor
{
    private readonly AnswerPlan _answers;
    private readonly RemoteOutput?[] _outputs;

    /// <summary>A predictor over a model, which stays the caller's to dispose.</summary>
    /// <param name="model">The model.</param>
    /// <param name="lower">Where the lower quantile is; <c>null</c>: the first of its only two numbers.</param>
    /// <param name="upper">Where the upper quantile is; <c>null</c>: the second of its only two numbers.</param>
    /// <exception cref="InvalidDataException">The model's outputs are not those of a regression.</exception>
    /// <exception cref="ArgumentException">The model leaves a choice of outputs, or the chosen one is not there.</exception>
    public RemoteQuantileRegressor(RemoteModel model, RemoteOutput? lower = null, RemoteOutput? upper = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        Model = model;
        _outputs = [lower, upper];
        _answers = AnswerPlan.Numbers(model, ("the lower quantile", lower), ("the upper quantile", upper));
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
    public void Predict(FeatureMatrix x, Span<double> lower, Span<double> upper)
    {
        Pairs.Ask(Model, _answers, x, lower, upper, (nameof(lower), nameof(upper)));
        for (int i = 0; i < lower.Length; i++)
            if (lower[i] > upper[i]) (lower[i], upper[i]) = (upper[i], lower[i]);
    }

    /// <inheritdoc/>
    public void Save(Stream destination) => RemoteFormat.Save(destination, Model, RemoteShape.Quantiles, _outputs);
}

/// <summary>Two numbers per row.</summary>
internal static class Pairs
{
    public static void Ask(RemoteModel model, AnswerPlan answers, FeatureMatrix x, Span<double> first, Span<double> second, (string First, string Second) names)
    {
        Inputs.CheckLength(names.First, first.Length, x.Rows, "places, one per row");
        Inputs.CheckLength(names.Second, second.Length, x.Rows, "places, one per row");
        model.Plan.Check(x);
        double[] both = ArrayPool<double>.Shared.Rent(2 * x.Rows);
        model.Ask(x, answers, both.AsSpan(0, 2 * x.Rows));
        both.AsSpan(0, x.Rows).CopyTo(first);
        both.AsSpan(x.Rows, x.Rows).CopyTo(second);
        ArrayPool<double>.Shared.Return(both);
    }
}
