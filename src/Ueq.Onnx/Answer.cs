namespace Ueq.Onnx;

/// <summary>What the outputs of a model are, read off their names and types and off what computes them.</summary>
/// <param name="Kind">What the model answers.</param>
/// <param name="Outputs">The outputs in the order of the kind; empty where they need no choice.</param>
/// <param name="SpreadIs">What the spread is.</param>
/// <param name="Values">What the numbers of classes are.</param>
internal sealed record Answer(OnnxKind Kind, IReadOnlyList<OnnxOutput> Outputs, OnnxSpread SpreadIs = OnnxSpread.Variance, OnnxClassValues Values = OnnxClassValues.Probabilities)
{
    // What only changes the form of numbers, so that what computes them stands before.
    private static readonly string[] _forms = ["Identity", "Cast", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Normalizer"];
    private static readonly string[] _spreads = ["var", "sigma", "std", "stddev", "scale", "covstd"];
    private static readonly string[] _quantiles = ["quantile", "lower", "upper", "lo", "hi"];

    /// <exception cref="ArgumentException">The outputs leave a choice that the options do not make.</exception>
    /// <exception cref="InvalidDataException">The outputs are those of no kind.</exception>
    public static Answer Of(OnnxModel model, OnnxFileOptions options)
    {
        Answer read = options.Kind is { } kind ? Chosen(model, kind) : Guessed(model);
        return read with
        {
            Outputs = options.Outputs.Count > 0 ? options.Outputs : read.Outputs,
            SpreadIs = options.SpreadIs ?? read.SpreadIs,
            Values = options.Values ?? read.Values,
        };
    }

    private static Answer Chosen(OnnxModel model, OnnxKind kind)
    {
        OnnxPort[] numbers = [.. model.Description.Outputs.Where(Onnx.Outputs.IsNumbers)];
        return kind switch
        {
            OnnxKind.Classes => new Answer(kind, [], Values: numbers.Length == 1 ? ValuesOf(model, numbers[0]) : OnnxClassValues.Probabilities),
            OnnxKind.Gaussian or OnnxKind.Dropout when numbers.Length == 2 => Gaussian(model, numbers) with { Kind = kind },
            OnnxKind.Point or OnnxKind.Quantiles or OnnxKind.Gaussian or OnnxKind.Dropout => new Answer(kind, []),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, $"Expected a kind of model, got {kind}."),
        };
    }

    private static Answer Guessed(OnnxModel model)
    {
        IReadOnlyList<OnnxPort> outputs = model.Description.Outputs;
        OnnxPort[] numbers = [.. outputs.Where(Onnx.Outputs.IsNumbers)];
        if (outputs.Any(Onnx.Outputs.IsLabels)) return new Answer(OnnxKind.Classes, []);
        OnnxKind point = DropoutSwitch.Has(model) ? OnnxKind.Dropout : OnnxKind.Point;
        if (numbers.Length == 1)
        {
            if (IsClasses(model, numbers[0])) return new Answer(OnnxKind.Classes, [], Values: ValuesOf(model, numbers[0]));
            long width = numbers[0].Shape is { Count: > 1 } shape ? shape[^1] : 1;
            if (width is 1 or < 0) return new Answer(point, []);
            if (width == 2 && Names(numbers[0], _quantiles)) return new Answer(OnnxKind.Quantiles, []);
        }

        if (numbers.Length == 2)
        {
            if (numbers.Count(port => Names(port, _spreads)) == 1) return Gaussian(model, numbers) with { Kind = point == OnnxKind.Dropout ? point : OnnxKind.Gaussian };
            if (Array.TrueForAll(numbers, port => Names(port, _quantiles) || IsLevel(port))) return new Answer(OnnxKind.Quantiles, []);
        }

        string found = string.Join("; ", outputs);
        throw numbers.Length == 0
            ? new InvalidDataException($"{model.Description.Source}: expected an output of numbers, float, double or float16, got {found}.")
            : new ArgumentException($"{model.Description.Source}: expected to read off the outputs what the model answers, got {found}; choose a kind and its outputs.", nameof(model));
    }

    // The mean is the output that is not the spread; without such names it is the first.
    private static Answer Gaussian(OnnxModel model, OnnxPort[] numbers)
    {
        int spread = Names(numbers[0], _spreads) && !Names(numbers[1], _spreads) ? 0 : 1;
        OnnxPort port = numbers[spread];
        OnnxSpread kind = port.Name.Contains("log", StringComparison.OrdinalIgnoreCase) ? OnnxSpread.LogVariance
            : port.Name.Contains("var", StringComparison.OrdinalIgnoreCase) ? OnnxSpread.Variance
            : Names(port, _spreads) ? OnnxSpread.StandardDeviation
            : OnnxSpread.Variance;
        if (kind == OnnxSpread.LogVariance && !port.Name.Contains("var", StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException($"{model.Description.Source}: expected a variance, a standard deviation or the logarithm of a variance as spread, got {port}; say in SpreadIs what it is.", nameof(model));
        return new Answer(OnnxKind.Gaussian, [OnnxOutput.Named(numbers[1 - spread].Name), OnnxOutput.Named(port.Name)], kind);
    }

    private static bool IsClasses(OnnxModel model, OnnxPort port) =>
        port.Name.Contains("prob", StringComparison.OrdinalIgnoreCase) || port.Name.Contains("logit", StringComparison.OrdinalIgnoreCase)
        || Source(model, port.Name) is { } node && (node.Operator is "Softmax" or "LogSoftmax" or "Sigmoid" || node.ClassLabels is not null);

    private static OnnxClassValues ValuesOf(OnnxModel model, OnnxPort port)
    {
        string? source = Source(model, port.Name)?.Operator;
        if (source == "LogSoftmax" || port.Name.Contains("logit", StringComparison.OrdinalIgnoreCase)) return OnnxClassValues.Logits;
        bool isLinear = source is "Gemm" or "MatMul" or "Add" && !port.Name.Contains("prob", StringComparison.OrdinalIgnoreCase);
        return isLinear ? OnnxClassValues.Logits : OnnxClassValues.Probabilities;
    }

    /// <summary>The node that computes an output, seen through those that only change its form.</summary>
    private static OnnxNode? Source(OnnxModel model, string name)
    {
        OnnxNode? node = null;
        for (int steps = 0; steps < model.Nodes.Count; steps++)
        {
            node = model.Nodes.FirstOrDefault(other => other.Outputs.Contains(name));
            if (node is null || !_forms.Contains(node.Operator) || node.Inputs.Count == 0) return node;
            name = node.Inputs[0];
        }

        return node;
    }

    // 'q05', 'p95', 'quantile_0.9': a letter and digits.
    private static bool IsLevel(OnnxPort port) => port.Name.Length > 1 && port.Name[0] is 'q' or 'Q' or 'p' or 'P' && char.IsAsciiDigit(port.Name[1]);

    // A name is its words: 'y_lower', 'GPcovstd', 'log_variance'.
    private static bool Names(OnnxPort port, string[] words) =>
        Array.Exists(words, word => word.Length > 2 ? port.Name.Contains(word, StringComparison.OrdinalIgnoreCase)
            : port.Name.Split('_', '.', '-', ' ').Contains(word, StringComparer.OrdinalIgnoreCase));
}
