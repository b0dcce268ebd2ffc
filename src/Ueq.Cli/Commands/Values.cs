using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Ueq.Cli.Fitting;
using Ueq.Data;

namespace Ueq.Cli.Commands;

/// <summary>How the texts of options become values: each says what it expected and what it got.</summary>
internal static class Values
{
    /// <summary>A number strictly between 0 and 1.</summary>
    public static double Share(ArgumentResult result, string option)
    {
        string text = Text(result);
        // A share so near to 1 that it reads as 1 is refused too.
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value > 0 && value < 1) return value;
        result.AddError($"{option}: expected a number strictly between 0 and 1, got '{text}'.");
        return double.NaN;
    }

    public static Option<double> AsShare(this Option<double> option)
    {
        option.CustomParser = result => Share(result, option.Name);
        return option;
    }

    public static Option<int> From(this Option<int> option, int least, int most)
    {
        option.CustomParser = result => Whole(result, option.Name, least, most);
        return option;
    }

    /// <summary>A whole number in a range.</summary>
    public static int Whole(ArgumentResult result, string option, int least, int most)
    {
        string text = Text(result), expected = most == int.MaxValue ? $"a whole number, {least} or more" : $"a whole number from {least} to {most}";
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most) return value;
        result.AddError($"{option}: expected {expected}, got '{text}'.");
        return least;
    }

    /// <summary>Numbers of 0 or more with commas between, one of them above 0.</summary>
    public static double[]? Weights(ArgumentResult result, string option)
    {
        string text = Text(result);
        List<double> weights = [];
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out double weight) && weight >= 0 && double.IsFinite(weight))
            {
                weights.Add(weight);
                continue;
            }

            result.AddError($"{option}: expected weights of 0 or more with commas between, such as 2,1; got '{part}'.");
            return null;
        }

        if (weights.Max() == 0) result.AddError($"{option}: expected a weight above 0, got '{text}'.");
        return [.. weights];
    }

    /// <summary>Models by name or by file, with commas between.</summary>
    public static Option<string[]> AsModels(this Option<string[]> option)
    {
        option.CompletionSources.Add(ModelNames.All);
        option.CustomParser = result =>
        {
            string[] models = [.. result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];
            foreach (string model in models.Where(ModelNames.IsFile))
                if (ModelFault(option.Name, model) is { } fault) result.AddError(fault);
            if (models.Length == 0) result.AddError($"{option.Name}: expected {ModelsExpected}, got nothing.");
            return models;
        };
        return option;
    }

    private static string ModelsExpected => $"one of {string.Join(", ", ModelNames.All)}, or a file .onnx, .zip (ML.NET) or .pt (TorchScript)";

    private static string? ModelFault(string option, string model)
    {
        bool known = ModelFile.Extensions.Contains(Path.GetExtension(model), StringComparer.OrdinalIgnoreCase);
        return known && File.Exists(model) ? null
            : Directory.Exists(model) ? $"{option}: expected {ModelsExpected}, and '{model}' is a directory."
            : known ? $"{option}: there is no file '{model}'."
            : $"{option}: expected {ModelsExpected}; got '{model}'.{NearestName.Hint(model, ModelNames.All)}";
    }

    public static Option<ulong> AsSeed(this Option<ulong> option)
    {
        option.CustomParser = result =>
        {
            string text = Text(result);
            if (ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value)) return value;
            result.AddError($"{option.Name}: expected a whole number from 0 to {ulong.MaxValue}, got '{text}'.");
            return 0;
        };
        return option;
    }

    public static Option<T> Among<T>(this Option<T> option, params string[] known)
    {
        option.CompletionSources.Add(known);
        option.Validators.Add(result =>
        {
            foreach (Token token in result.Tokens.Where(token => !known.Contains(token.Value))) result.AddError(NotAmong(option.Name, token.Value, known));
        });
        return option;
    }

    public static string NotAmong(string option, string text, IReadOnlyList<string> known) =>
        $"{option}: expected one of {string.Join(", ", known)}; got '{text}'.{NearestName.Hint(text, known)}";

    private static string Text(ArgumentResult result) => result.Tokens.Count > 0 ? result.Tokens[^1].Value : "";
}
