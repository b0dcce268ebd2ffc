using Microsoft.ML.OnnxRuntime;

namespace Ueq.Onnx;

/// <summary>An ONNX model in memory. Immutable and safe to share between threads and between the predictors made of it.</summary>
/// <remarks>Native memory is released when the last predictor of the model is collected.</remarks>
public sealed class OnnxModel
{
    private readonly OnnxSessionOptions? _options;

    private OnnxModel(byte[] bytes, OnnxDescription description, InferenceSession session, OnnxSessionOptions? options)
    {
        _options = options;
        Bytes = bytes;
        Nodes = OnnxNode.All(bytes);
        Description = description;
        Session = session;
    }

    /// <summary>What the file says of itself.</summary>
    public OnnxDescription Description { get; }

    /// <summary>The whole model: weights that lay in files of their own are within.</summary>
    internal byte[] Bytes { get; }

    internal InferenceSession Session { get; }

    /// <summary>Every operator of the model.</summary>
    internal IReadOnlyList<OnnxNode> Nodes { get; }

    /// <summary>A model of the same source whose dropout is on.</summary>
    internal OnnxModel WithDropout(ulong seed) => Open(DropoutSwitch.Apply(this, seed), Description.Source, _options);

    /// <summary>Reads a model and the weights beside it.</summary>
    /// <exception cref="FileNotFoundException">There is no such file, or one with weights is missing.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, of another kind, or asks for what ONNX Runtime cannot do.</exception>
    public static OnnxModel Load(string path, OnnxSessionOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path)) throw new FileNotFoundException($"{path}: expected an ONNX model, got no such file.", path);
        byte[] bytes = File.ReadAllBytes(path);
        try
        {
            bytes = ExternalWeights.Inline(bytes, Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        catch (FileNotFoundException fault)
        {
            throw new FileNotFoundException($"{path}: {fault.Message}", fault.FileName, fault);
        }
        catch (InvalidDataException fault)
        {
            throw new InvalidDataException($"{path}: {fault.Message}", fault);
        }

        return Open(bytes, path, options);
    }

    /// <summary>Makes a model from bytes that hold all of it.</summary>
    internal static OnnxModel Open(byte[] bytes, string source, OnnxSessionOptions? options)
    {
        try
        {
            OnnxDescription description = DescriptionReader.Read(bytes, source);
            using SessionOptions session = (options ?? new()).Make();
            return new OnnxModel(bytes, description, new InferenceSession(bytes, session), options);
        }
        catch (InvalidDataException fault)
        {
            throw new InvalidDataException($"{source}: {fault.Message}", fault);
        }
        catch (OnnxRuntimeException fault)
        {
            throw new InvalidDataException($"{source}: expected a model that ONNX Runtime can run, got: {fault.Message}", fault);
        }
    }
}
