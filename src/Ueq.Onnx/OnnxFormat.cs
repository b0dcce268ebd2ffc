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
        (StoredOptions options, byte[] model) = StoredModel.Read(source);
        return OfFile<IStoredPredictor>(() => options.Classes == 0
            ? new OnnxRegressor(OnnxModel.Open(model, Stored, _session), new OnnxRegressionOptions
            {
                Features = options.Features,
                ModelFeatures = options.ModelFeatures,
                Missing = options.Missing,
                Output = OnnxOutput.Named(options.Output, options.Column),
            })
            : new OnnxClassifier(OnnxModel.Open(model, Stored, _session), new OnnxClassificationOptions
            {
                Features = options.Features,
                ModelFeatures = options.ModelFeatures,
                Missing = options.Missing,
                Output = options.Output,
                Values = options.Values,
            }));
    }

    // The options came out of the file: a check that fails says that the file is wrong.
    private static T OfFile<T>(Func<T> make)
    {
        try
        {
            return make();
        }
        catch (ArgumentException fault)
        {
            throw new InvalidDataException($"The ONNX model file contradicts itself: {fault.Message}", fault);
        }
    }
}
