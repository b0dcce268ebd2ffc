namespace Ueq.Onnx;

/// <summary>One column of one output.</summary>
/// <param name="Output">Index among the outputs that a runner asks for.</param>
/// <param name="Column">Column within it.</param>
internal readonly record struct OutputColumn(int Output, int Column);

/// <summary>Which outputs of a model hold what is asked for.</summary>
internal static class Outputs
{
    /// <summary>The outputs that hold one number per row each, in the order of <paramref name="choices"/>.</summary>
    public static (Runner Runner, OutputColumn[] Columns) Numbers(OnnxModel model, OnnxOptions options, params (string What, OnnxOutput? Choice)[] choices)
    {
        ArgumentNullException.ThrowIfNull(model);
        OnnxDescription description = model.Description;
        InputPlan plan = InputPlan.From(description, options);
        bool isChosen = Array.TrueForAll(choices, choice => choice.Choice is not null);
        if (!isChosen && Array.Exists(choices, choice => choice.Choice is not null))
            throw new ArgumentException($"Expected a choice of all of {string.Join(", ", choices.Select(c => c.What))}, or of none.", nameof(options));
        string[] names = isChosen ? [.. choices.Select(choice => Find(description, choice.Choice!).Name).Distinct()] : [.. Unchosen(description, choices).Select(port => port.Name)];
        foreach (string name in names) CheckNumeric(description, description.Outputs.First(port => port.Name == name));
        Trial trial = Trial.Run(model, plan, names);
        OutputColumn[] columns = new OutputColumn[choices.Length];
        for (int i = 0; i < choices.Length; i++)
        {
            int output = isChosen ? Array.IndexOf(names, Find(description, choices[i].Choice!).Name) : Math.Min(i, names.Length - 1);
            int width = trial.Outputs[output].Width;
            int? column = choices[i].Choice?.Column;
            if (!isChosen && names.Length < choices.Length && width == choices.Length) column = i;
            if (column is null && width != 1)
                throw new InvalidDataException($"{description.Source}: expected one number per row as {choices[i].What} from the output '{names[output]}', got {width}: choose a column; probabilities of classes are for OnnxClassifier.");
            if (column >= width)
                throw new ArgumentException($"{description.Source}: expected a column from 0 to {width - 1} of the output '{names[output]}' as {choices[i].What}, got {column}.", nameof(options));
            columns[i] = new OutputColumn(output, column ?? 0);
        }

        return (new Runner(model, plan, trial, options.Missing), columns);
    }

    /// <summary>The output that holds a number per class.</summary>
    public static Runner Classes(OnnxModel model, OnnxClassificationOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        OnnxDescription description = model.Description;
        InputPlan plan = InputPlan.From(description, options);
        OnnxPort port = options.Output is { } name ? Find(description, OnnxOutput.Named(name)) : Probabilities(description);
        if (!IsClasses(port)) throw new InvalidDataException($"{description.Source}: expected probabilities from the output, got {port}.");
        return new Runner(model, plan, Trial.Run(model, plan, [port.Name]), options.Missing);
    }

    private static IReadOnlyList<OnnxPort> Unchosen(OnnxDescription description, (string What, OnnxOutput? Choice)[] choices)
    {
        IReadOnlyList<OnnxPort> outputs = description.Outputs;
        if (outputs.Count == 1 || outputs.Count == choices.Length) return outputs;
        throw new ArgumentException(
            $"{description.Source}: expected a choice of the outputs for {string.Join(", ", choices.Select(c => c.What))}, got none; there are {string.Join("; ", outputs)}"
            + (outputs.Any(IsLabels) ? " (labels and probabilities are for OnnxClassifier)." : "."),
            nameof(choices));
    }

    private static OnnxPort Probabilities(OnnxDescription description)
    {
        OnnxPort[] possible = [.. description.Outputs.Where(IsClasses)];
        OnnxPort[] named = [.. possible.Where(port => port.Name.Contains("prob", StringComparison.OrdinalIgnoreCase))];
        if (possible.Length == 0)
            throw new InvalidDataException($"{description.Source}: expected an output with the probabilities of the classes, got only {string.Join("; ", description.Outputs)}: export the model with its probabilities.");
        return possible.Length == 1 ? possible[0] : named.Length == 1 ? named[0] : throw new ArgumentException(
            $"{description.Source}: expected a choice of the output with the probabilities, got none; there are {string.Join("; ", description.Outputs)}.", nameof(description));
    }

    private static OnnxPort Find(OnnxDescription description, OnnxOutput choice) =>
        (choice.Index is { } index ? description.Outputs.ElementAtOrDefault(index) : description.Outputs.FirstOrDefault(port => port.Name == choice.Name))
        ?? throw new ArgumentException(
            $"{description.Source}: expected one of the outputs {string.Join("; ", description.Outputs)}, got {(choice.Index is { } wrong ? $"number {wrong}" : $"'{choice.Name}'")}.", nameof(choice));

    private static bool IsClasses(OnnxPort port) =>
        IsNumbers(port) || port.Type is "seq(map(int64,tensor(float)))" or "seq(map(string,tensor(float)))";

    public static bool IsNumbers(OnnxPort port) => port.Type is "tensor(float)" or "tensor(double)" or "tensor(float16)";

    /// <summary>The type of the numbers that a model answers, as the format counts types.</summary>
    public static int ElementOf(OnnxDescription description) => description.Outputs.FirstOrDefault(IsNumbers)?.Type switch
    {
        "tensor(double)" => 11,
        "tensor(float16)" => 10,
        _ => 1,
    };

    public static bool IsLabels(OnnxPort port) => port.Type is "tensor(int64)" or "tensor(string)" || port.Type.StartsWith("seq(map(", StringComparison.Ordinal);

    private static void CheckNumeric(OnnxDescription description, OnnxPort port)
    {
        if (IsNumbers(port)) return;
        throw new InvalidDataException(
            $"{description.Source}: expected a tensor of float, double or float16 from the output, got {port}{(IsLabels(port) ? "; a classification model is for OnnxClassifier." : ".")}");
    }
}
