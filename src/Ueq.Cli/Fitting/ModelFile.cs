using Ueq.Versions;

namespace Ueq.Cli.Fitting;

/// <summary>A model in a file, opened but not yet made for the columns of a table.</summary>
internal abstract class ModelFile(string path)
{
    /// <summary>The endings that say which framework wrote a file.</summary>
    public static readonly string[] Extensions = [".onnx", ".zip", ".pt"];

    public string Path { get; } = path;

    /// <summary>What it answers with; <c>null</c> where the file does not tell.</summary>
    public abstract ModelTask? Task { get; }

    /// <summary>The model's names of its classes in its order; <c>null</c> of a regression, or where the file does not tell.</summary>
    public abstract IReadOnlyList<string>? ClassNames { get; }

    /// <summary>The model for rows of these columns, checked against the task and the number of classes.</summary>
    /// <param name="schema">The columns of the rows.</param>
    /// <param name="x">Rows that it is to answer, to try it on.</param>
    /// <param name="classes">Names of the classes in the order of their indices; <c>null</c> for a regression.</param>
    /// <exception cref="InvalidDataException">The file does not fit the columns, the task or the number of classes.</exception>
    public FittedModel Make(FeatureSchema schema, FeatureMatrix x, IReadOnlyList<string>? classes)
    {
        FittedModel model;
        try
        {
            model = For(schema, x, classes);
        }
        catch (ArgumentException fault)
        {
            // The options came from the file and the table: which of the two does not fit is in the message.
            throw new InvalidDataException(CommandLine.Plain(fault), fault);
        }

        if (model.Classes is null != classes is null)
        {
            string is_ = model.Classes is null ? "a regression" : $"a classification of {model.Classes.Classes} classes";
            throw new InvalidDataException($"{Path}: expected a model for a target that holds {(classes is null ? "a quantity" : $"{classes.Count} classes")}, got {is_}; --task says what the target is.");
        }

        if (model.Classes is { } classifier && classifier.Classes != classes!.Count)
            throw new InvalidDataException($"{Path}: expected {classes.Count} classes, as the target column has ({string.Join(", ", classes)}), got a model of {classifier.Classes}.");
        return model;
    }

    protected abstract FittedModel For(FeatureSchema schema, FeatureMatrix x, IReadOnlyList<string>? classes);

    /// <summary>Opens a file by its ending.</summary>
    public static ModelFile Open(string path, FileHints hints) => System.IO.Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".onnx" => new OnnxFile(path, hints),
        ".zip" => new MLNetFile(path, hints),
        ".pt" => new TorchFile(path, hints),
        _ => throw new UsageException($"--model: expected a file .onnx, .zip (ML.NET) or .pt (TorchScript), got '{path}'."),
    };
}

/// <summary>What the caller says of the files that the files may leave open.</summary>
/// <param name="IsDropout">Whether MC dropout was asked for.</param>
/// <param name="Task">regression, classification or auto.</param>
/// <param name="Score">absolute, normalised or cqr; <c>null</c> for what the model allows.</param>
internal sealed record FileHints(bool IsDropout, string Task, string? Score);
