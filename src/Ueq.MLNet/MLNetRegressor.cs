using Ueq.Versions;

namespace Ueq.MLNet;

/// <summary>A regression model fitted by ML.NET, by a trainer of ours or in a pipeline of a file. Immutable and safe to share between threads.</summary>
/// <remarks>A prediction is offset + scale × score, since models are fitted on standardised targets. Nothing is allocated per row.</remarks>
public sealed class MLNetRegressor : IPointPredictor, IStoredPredictor
{
    private readonly Fitted _fitted;
    private readonly double _offset, _scale;

    internal MLNetRegressor(Fitted fitted, double offset, double scale)
    {
        _fitted = fitted;
        _offset = offset;
        _scale = scale;
    }

    /// <summary>Number of features a row must have.</summary>
    public int Features => _fitted.Width;

    /// <summary>Whether a feature may be NaN.</summary>
    public bool AcceptsMissing => _fitted.AcceptsMissing;

    /// <inheritdoc/>
    public string Format => MLNetFormat.FormatName;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The rows have another number of features than the model, or a feature that it does not accept.</exception>
    /// <exception cref="AssumptionException">The model answers with something that is not a finite number.</exception>
    public void Predict(FeatureMatrix x, Span<double> destination)
    {
        Inputs.CheckLength(nameof(destination), destination.Length, x.Rows, "places, one per row");
        _fitted.Check(x);
        Scorer scorer = _fitted.Rent();
        for (int i = 0; i < destination.Length; i++)
        {
            double score = 0;
            scorer.Score(x.Row(i), new Span<double>(ref score));
            double prediction = _offset + _scale * score;
            if (!double.IsFinite(prediction)) throw Inputs.NotFinite(prediction, i);
            destination[i] = prediction;
        }

        _fitted.Return(scorer);
    }

    /// <inheritdoc/>
    public void Save(Stream destination) =>
        StoredModel.Write(destination, new StoredModel.Header(_offset, _scale, 0, []), _fitted);
}
