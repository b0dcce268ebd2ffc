using Ueq.Data;
using Ueq.Versions;

namespace Ueq.Cli.Fitting;

/// <summary>Whether a target is a quantity or a class, when the caller does not say.</summary>
/// <remarks>
/// Texts are classes. Numbers are classes when they are 0, 1, …, k − 1 with k of at most 20, or any two numbers; other numbers are
/// quantities (grades from 3 to 8 too). A method that is for regression only settles it before the data does.
/// </remarks>
internal static class TaskChoice
{
    public const string Auto = "auto";
    private const int MostClasses = 20;

    public static Dataset Read(string path, string target, string task, IReadOnlyList<string> methods, CsvOptions options)
    {
        bool regressionOnly = methods.Any(method => method is not (MethodNames.Auto or MethodNames.Conformal or MethodNames.CrossEnsemble));
        if (task == "classification") return CsvTable.ReadClassification(path, target, options);
        if (task == "regression" || regressionOnly) return ReadRegression(path, target, options);
        Dataset? classes = TryClasses(path, target, options);
        return classes ?? ReadRegression(path, target, options);
    }

    public static ModelTask TaskOf(Dataset data) => data.Classes is null ? ModelTask.Regression : ModelTask.Classification;

    private static Dataset ReadRegression(string path, string target, CsvOptions options) => CsvTable.ReadRegression(path, target, options);

    private static Dataset? TryClasses(string path, string target, CsvOptions options)
    {
        double[] values;
        try
        {
            CsvNumbers numbers = CsvNumbers.Read(path, [], [target], null, options);
            // The reading that wants a target says best that there is none.
            if (!numbers.Has(target)) return null;
            values = [.. numbers[target].Distinct().Order()];
        }
        catch (CsvFormatException fault) when (fault.Column == target)
        {
            return CsvTable.ReadClassification(path, target, options); // texts
        }

        bool counted = values.Length is >= 2 and <= MostClasses && values.Select((value, index) => value == index).All(same => same);
        return counted || values.Length == 2 ? CsvTable.ReadClassification(path, target, options) : null;
    }
}
