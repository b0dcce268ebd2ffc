using Microsoft.ML.OnnxRuntime.Tensors;

namespace Ueq.Onnx;

/// <summary>One input of a model and which of the model's features it takes.</summary>
/// <param name="Name">Name of the input.</param>
/// <param name="Type">Type of its elements.</param>
/// <param name="Rank">1 for [rows], 2 for [rows, width].</param>
/// <param name="Offset">Index of its first feature among the model's.</param>
/// <param name="Width">Number of its features.</param>
internal sealed record InputBlock(string Name, TensorElementType Type, int Rank, int Offset, int Width)
{
    public long[] Shape(int rows) => Rank == 1 ? [rows] : [rows, Width];
}

/// <summary>How the columns of a feature matrix become the inputs of a model.</summary>
/// <param name="Blocks">The inputs.</param>
/// <param name="Batch">The number of rows the model wants at a time; 0 when it takes any.</param>
/// <param name="Width">Number of features of a row as the caller has it.</param>
/// <param name="Columns">For each of the model's features the column it comes from; <c>null</c> when they are the same.</param>
internal sealed record InputPlan(IReadOnlyList<InputBlock> Blocks, int Batch, int Width, int[]? Columns)
{
    private const int MostFeatures = 10_000_000;
    private const string Types = "a tensor of float, double, float16, int64 or int32";

    public int Column(int feature) => Columns is null ? feature : Columns[feature];

    public static InputPlan From(OnnxDescription description, OnnxOptions options)
    {
        if (description.Inputs.Count == 0) throw new InvalidDataException($"{description.Source}: expected a model with an input, got none.");
        List<InputBlock> blocks = [];
        long batch = -1;
        int offset = 0;
        foreach (OnnxPort input in description.Inputs)
        {
            InputBlock block = Block(description, options, input, offset);
            blocks.Add(block);
            offset += block.Width;
            if (offset > MostFeatures) throw Wrong(description, input, $"at most {MostFeatures} features");
            long rows = input.Shape![0];
            if (rows == 0 || (rows > 0 && batch > 0 && rows != batch)) throw Wrong(description, input, batch > 0 ? $"{batch} rows, as another input," : "one row or more");
            batch = Math.Max(batch, rows);
        }

        if (batch > MostFeatures) throw Wrong(description, description.Inputs[0], $"at most {MostFeatures} rows at a time");
        IReadOnlyList<string>? own = options.ModelFeatures ?? OwnNames(description);
        if (options.ModelFeatures is { } names && names.Count != offset)
            throw new ArgumentException($"Expected {offset} names in ModelFeatures, as {description.Source} has features, got {names.Count}.", nameof(options));
        int[]? columns = options.Features is null ? null : Map(description, options.Features, own, offset);
        return new InputPlan(blocks, (int)Math.Max(batch, 0), options.Features?.Count ?? offset, columns);
    }

    /// <summary>The model's own names of its features; <c>null</c> where it does not tell them.</summary>
    public static IReadOnlyList<string>? OwnNames(OnnxDescription description) =>
        description.Inputs.Count > 1 && description.Inputs.All(input => input.Shape is [_] or [_, 1])
            ? [.. description.Inputs.Select(input => input.Name)]
            : Metadata.Names(description, Metadata.Features);

    /// <summary>The number of features that the inputs declare; <c>null</c> where one leaves it open or cannot be read.</summary>
    public static int? DeclaredWidth(OnnxDescription description)
    {
        long width = 0;
        foreach (OnnxPort input in description.Inputs)
        {
            if (TypeOf(input) is null || input.Shape is not ([_] or [_, > 0 and <= MostFeatures])) return null;
            width += input.Shape.Count == 1 ? 1 : input.Shape[1];
        }

        return width is > 0 and <= MostFeatures ? (int)width : null;
    }

    private static TensorElementType? TypeOf(OnnxPort input) => input.Type switch
    {
        "tensor(float)" => TensorElementType.Float,
        "tensor(double)" => TensorElementType.Double,
        "tensor(float16)" => TensorElementType.Float16,
        "tensor(int64)" => TensorElementType.Int64,
        "tensor(int32)" => TensorElementType.Int32,
        _ => null,
    };

    private static InputBlock Block(OnnxDescription description, OnnxOptions options, OnnxPort input, int offset)
    {
        TensorElementType type = TypeOf(input)
            ?? throw Wrong(description, input, input.Type == "tensor(string)" ? $"{Types} (texts have to be numbers before they reach the model)" : Types);
        if (input.Shape is not { Count: 1 or 2 } shape) throw Wrong(description, input, "the shape [rows] or [rows, features]");
        if (shape.Count == 1) return new InputBlock(input.Name, type, 1, offset, 1);
        long width = shape[1];
        if (width < 0 && description.Inputs.Count == 1) width = (options.ModelFeatures ?? Metadata.Names(description, Metadata.Features) ?? options.Features)?.Count ?? -1;
        if (width < 0) throw new ArgumentException(
            $"{description.Source}: the input {input} leaves its number of features open: expected their names in ModelFeatures or Features.", nameof(options));
        return width is > 0 and <= MostFeatures
            ? new InputBlock(input.Name, type, 2, offset, (int)width)
            : throw Wrong(description, input, $"1 to {MostFeatures} features");
    }

    private static int[]? Map(OnnxDescription description, IReadOnlyList<string> features, IReadOnlyList<string>? own, int width)
    {
        if (own is null)
        {
            if (features.Count == width && description.Inputs[0].Shape is [_, < 0]) return null;
            throw new ArgumentException($"{description.Source} does not name its {width} features: expected their names in ModelFeatures.", nameof(features));
        }

        if (own.Count != width) throw new InvalidDataException($"{description.Source}: expected {width} names in feature_names of the metadata, got {own.Count}.");
        Dictionary<string, int> places = [];
        for (int i = 0; i < features.Count; i++)
        {
            if (!places.TryAdd(features[i], i)) throw new ArgumentException($"Expected distinct names in Features, got '{features[i]}' twice.", nameof(features));
        }

        return [.. own.Select(name => places.TryGetValue(name, out int place) ? place : throw new ArgumentException(
            $"{description.Source} reads the feature '{name}'; expected it among Features, got {string.Join(", ", features)}.", nameof(features)))];
    }

    private static InvalidDataException Wrong(OnnxDescription description, OnnxPort input, string expected) =>
        new($"{description.Source}: expected {expected} as input, got {input}.");
}
