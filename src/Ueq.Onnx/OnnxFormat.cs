using Ueq.Versions;

namespace Ueq.Onnx;

/// <summary>How ONNX models are read back from a model version.</summary>
public sealed class OnnxFormat : IPredictorFormat
{
    internal const string FormatName = "onnx";
    private const string Stored = "the stored ONNX model";
    private readonly OnnxSessionOptions _session;

    /// <summary>A format whose models run with these options.</summary>
    public OnnxFormat(OnnxSessionOptions? session = null) => _session = session ?? new();

    /// <inheritdoc/>
    public string Name => FormatName;

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The file is damaged or of another kind.</exception>
    public IStoredPredictor Load(Stream source)
    {
        (StoredOptions options, byte[] bytes) = StoredModel.Read(source);
        OnnxModel model = OnnxModel.Open(bytes, Stored, _session);
        try
        {
            return Make(model, options);
        }
        catch (ArgumentException fault)
        {
            // The options came out of the file: a check that fails says that the file is wrong.
            throw new InvalidDataException($"The ONNX model file contradicts itself: {fault.Message}", fault);
        }
    }

    private static IStoredPredictor Make(OnnxModel model, StoredOptions stored)
    {
        OnnxOutput first = OnnxOutput.Named(stored.Output, stored.Column);
        OnnxOutput? second = stored.Second is null ? null : OnnxOutput.Named(stored.Second, stored.SecondColumn);
        return (stored.Kind ?? (stored.Classes == 0 ? OnnxKind.Point : OnnxKind.Classes)) switch
        {
            OnnxKind.Point => new OnnxRegressor(model, Fill(new OnnxRegressionOptions { Output = first }, stored)),
            OnnxKind.Quantiles => new OnnxQuantileRegressor(model, Fill(new OnnxQuantileOptions { Lower = first, Upper = second }, stored)),
            OnnxKind.Gaussian => new OnnxGaussianRegressor(model, Fill(new OnnxGaussianOptions { Mean = first, Spread = second, SpreadIs = stored.SpreadIs }, stored)),
            OnnxKind.Classes => new OnnxClassifier(model, Fill(new OnnxClassificationOptions { Output = stored.Output, Values = stored.Values }, stored)),
            OnnxKind.Dropout when stored.Passes is { } passes => new OnnxMcDropout(model, Fill(
                new OnnxMcDropoutOptions { Output = first, Spread = second, SpreadIs = stored.SpreadIs, Passes = passes.Count, Noise = passes.Noise, Seed = passes.Seed }, stored)),
            _ => throw new ArgumentException($"Expected a kind of model that this version of ueq knows, got {stored.Kind}."),
        };
    }

    private static T Fill<T>(T options, StoredOptions stored)
        where T : OnnxOptions => options with { Features = stored.Features, ModelFeatures = stored.ModelFeatures, Missing = stored.Missing };
}
