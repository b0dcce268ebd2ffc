using System.CommandLine;
using Ueq.Cli.Fitting;
using Ueq.Data;

namespace Ueq.Cli.Commands;

/// <summary>Options that several subcommands have, with one meaning and one check.</summary>
internal static class SharedOptions
{
    public static Option<string> Data() => new("--data") { Description = "Table to learn from: .csv or .csv.gz with a header.", Required = true, HelpName = "FILE" };

    public static Option<string> Target() => new("--target") { Description = "Name of the column to predict.", Required = true, HelpName = "COLUMN" };

    public static Option<ulong> Seed() => new("--seed") { Description = "Names every random choice; the same seed gives the same answer.", DefaultValueFactory = _ => 0 };

    public static Option<double> CalibrationShare() => Between0And1(new("--calibration-share")
    {
        Description = "Share of the rows that calibrates instead of training (split methods).", DefaultValueFactory = _ => 0.25,
    });

    public static Option<double> CoverageLevel() => Between0And1(new("--coverage")
    {
        Description = "How often the answer is to contain the truth.", DefaultValueFactory = _ => 0.9,
    });

    public static Option<string> Task() => Among(new("--task")
    {
        Description = "What the target is. auto: texts, 0…k−1 and two-valued targets are classes, other numbers quantities.", DefaultValueFactory = _ => TaskChoice.Auto,
    }, TaskChoice.Auto, "regression", "classification");

    public static Option<string> Score() => Among(new("--score")
    {
        Description = "Score of split regression. normalised: a second model learns where residuals are large.", DefaultValueFactory = _ => "absolute",
    }, "absolute", "normalised");

    public static Option<int> Members()
    {
        Option<int> option = new("--members") { Description = "Number of models in a bootstrap.", DefaultValueFactory = _ => 50 };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out int members) && members is < 2 or > 4096)
                result.AddError($"--members: expected a number from 2 to 4096, got {result.Tokens[0].Value}.");
        });
        return option;
    }

    public static Option<string> EmptySets() => Among(new("--empty-sets")
    {
        Description = "Label sets that would be empty: top puts the most probable class in, allow leaves them empty.", DefaultValueFactory = _ => "top",
    }, "top", "allow");

    public static Option<bool> AsJson() => new("--json") { Description = "Print one JSON document and nothing else on standard output." };

    public static Option<T> Among<T>(Option<T> option, params string[] values)
    {
        option.AcceptOnlyFromAmong(values);
        return option;
    }

    public static Option<double> Between0And1(Option<double> option)
    {
        option.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                if (double.TryParse(token.Value, out double value) && !(value > 0 && value < 1))
                    result.AddError($"{option.Name}: expected a number strictly between 0 and 1, got {token.Value}.");
            }
        });
        return option;
    }
}

/// <summary>The options that say how a table is to be read.</summary>
internal sealed class TableOptions
{
    private readonly Option<string[]> _missing = new("--missing")
    {
        Description = "Texts that stand for a missing value, separated by commas; empty fields: --missing \"\".", CustomParser = Split, HelpName = "TEXTS",
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
        if (delimiter.Length != 1) throw new UsageException($"--delimiter: expected one character, got '{delimiter}'.");
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
