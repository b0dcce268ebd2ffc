using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
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
        string expected = most == int.MaxValue ? $"a whole number, {least} or more" : $"a whole number from {least} to {most}";
        option.CustomParser = result =>
        {
            string text = Text(result);
            if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most) return value;
            result.AddError($"{option.Name}: expected {expected}, got '{text}'.");
            return least;
        };
        return option;
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
