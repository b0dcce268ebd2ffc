using System.CommandLine;
using Ueq.Cli.Fitting;
using Ueq.Data;

namespace Ueq.Cli.Commands;

/// <summary>Options that several subcommands have, with one meaning and one check.</summary>
internal static class SharedOptions
{
    public static Option<string> Data() => new Option<string>("--data") { Description = "Table to learn from: .csv or .csv.gz with a header.", HelpName = "FILE" }.IsFile();

    /// <summary>The option must be given.</summary>
    public static Option<T> AsNeeded<T>(this Option<T> option)
    {
        option.Required = true;
        return option;
    }

    public static Option<string?> Calibration() => new Option<string?>("--calibration") { Description = "Rows that a model from a file has not seen: they calibrate it.", HelpName = "FILE" }.IsFile();

    public static Option<string> Target() => new("--target") { Description = "Name of the column to predict.", Required = true, HelpName = "COLUMN" };

    public static Option<ulong> Seed() => new Option<ulong>("--seed") { Description = "Names every random choice; the same seed gives the same answer.", DefaultValueFactory = _ => 0 }.AsSeed();

    public static Option<double> CalibrationShare() => new Option<double>("--calibration-share")
    {
        Description = "Share of the rows that calibrates instead of training (split methods).",
        DefaultValueFactory = _ => 0.25,
    }.AsShare();

    public static Option<double> CoverageLevel() => new Option<double>("--coverage")
    {
        Description = "How often the answer is to contain the truth.",
        DefaultValueFactory = _ => 0.9,
    }.AsShare();

    public static Option<string> Task() => new Option<string>("--task")
    {
        Description = "What the target is. auto: texts, 0…k−1 and two-valued targets are classes, other numbers quantities.",
        DefaultValueFactory = _ => TaskChoice.Auto,
    }.Among(TaskChoice.Auto, "regression", "classification");

    public static Option<string?> Score() => new Option<string?>("--score")
    {
        Description = "Score of split regression. normalised: by a model of where residuals are large, or a file's own σ. cqr: a file's two quantiles.",
    }.Among("absolute", "normalised", "cqr");

    public static Option<int?> Members()
    {
        Option<int?> option = new("--members") { Description = "Number of models in a bootstrap [default: 50] or deep ensemble [default: 5]." };
        option.CustomParser = result => Values.Whole(result, option.Name, 2, 4096);
        return option;
    }

    public static Option<string?> Aggregation() => new Option<string?>("--aggregation")
    {
        Description = "How the models of a cross_ensemble answer as one. [default: mean, or weighted_mean with --weights]",
    }.Among("mean", "weighted_mean", "median");

    public static Option<double[]?> Weights()
    {
        Option<double[]?> option = new("--weights") { Description = "Weights of the models of a cross_ensemble, separated by commas, in their order.", HelpName = "NUMBERS" };
        option.CustomParser = result => Values.Weights(result, option.Name);
        return option;
    }

    public static Option<string> EmptySets() => new Option<string>("--empty-sets")
    {
        Description = "Label sets that would be empty: top puts the most probable class in, allow leaves them empty.",
        DefaultValueFactory = _ => "top",
    }.Among("top", "allow");

    public static Option<bool> AsJson() => new("--json") { Description = "Print one JSON document and nothing else on standard output." };
}

/// <summary>The options that say how a table is to be read.</summary>
internal sealed class TableOptions
{
    private readonly Option<string[]> _missing = new("--missing")
    {
        Description = "Texts that stand for a missing value, separated by commas; empty fields: --missing \"\".",
        CustomParser = Split,
        HelpName = "TEXTS",
    };

    private readonly Option<string[]> _ignore = new("--ignore") { Description = "Columns to leave out, separated by commas.", CustomParser = Split, HelpName = "COLUMNS" };
    private readonly Option<string[]> _text = new("--text") { Description = "Columns whose numbers are names, such as zip codes.", CustomParser = Split, HelpName = "COLUMNS" };
    private readonly Option<string> _delimiter = new("--delimiter") { Description = "What separates fields; 'tab' for a tab.", DefaultValueFactory = _ => "," };

    public void AddTo(Command command)
    {
        command.Options.Add(_missing);
        command.Options.Add(_ignore);
        command.Options.Add(_text);
        command.Options.Add(_delimiter);
    }

    public CsvOptions Read(ParseResult call)
    {
        string delimiter = call.GetValue(_delimiter)!;
        if (delimiter is "tab" or "\\t") delimiter = "\t";
        if (delimiter.Length != 1) throw new UsageException($"--delimiter: expected one character such as , ; | or tab, got '{delimiter}'.");
        if (!CsvSource.IsDelimiter(delimiter[0])) throw new UsageException($"--delimiter: expected a character such as , ; | or tab, got '{delimiter}'.");
        return new CsvOptions
        {
            MissingTokens = call.GetValue(_missing) ?? [],
            Ignore = call.GetValue(_ignore) ?? [],
            TextColumns = call.GetValue(_text) ?? [],
            Delimiter = delimiter[0],
        };
    }

    private static string[] Split(System.CommandLine.Parsing.ArgumentResult result) => [.. result.Tokens.SelectMany(token => token.Value.Split(','))];
}
