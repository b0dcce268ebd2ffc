using Ueq.Cli.Output;
using Ueq.Data;
using Ueq.MLNet;
using Ueq.Versions;

namespace Ueq.Cli.Fitting;

/// <summary>The model of <c>ueq serve --demo</c>: real data that comes with the tool, fitted on first start and kept.</summary>
internal static class Demo
{
    /// <summary>A patient of the diabetes data: age, sex, body mass index, blood pressure and six blood values.</summary>
    public const string ExampleRow = "59, 2, 32.1, 101, 157, 93.2, 38, 4, 4.8598, 87";

    // Part of the place where the model is kept: a new number makes it be fitted anew.
    private const string Edition = "demo-diabetes-1";

    public static ModelVersion Load(Terminal terminal, CancellationToken cancellation)
    {
        string directory = Path.Combine(Root(), Edition);
        if (Kept(directory) is { } kept) return kept;
        FitInto(ref directory, terminal, cancellation);
        return VersionDirectory.Load(directory, [new MLNetFormat()]);
    }

    private static void FitInto(ref string directory, Terminal terminal, CancellationToken cancellation)
    {
        Dataset rows = CsvTable.ReadRegression(Path.Combine(AppContext.BaseDirectory, "demo", "diabetes.csv.gz"), "target");
        Plan plan = Plan.Resolve(ModelTask.Regression, "lightgbm", MethodNames.Split);
        string place = directory;
        try
        {
            // What stands there and does not load is left of an older or damaged demo, and is ours.
            if (Directory.Exists(place)) Directory.Delete(place, recursive: true);
            Fit(place);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            directory = place = Path.Combine(Directory.CreateTempSubdirectory("ueq-").FullName, Edition);
            Fit(place);
        }

        void Fit(string where) => Steps.Run(terminal, "Fitting the demo model", 1,
            progress => Publishing.FitAndPublish(plan, rows, new FitSettings(), where, progress, cancellation));
    }

    private static ModelVersion? Kept(string directory)
    {
        try
        {
            return Directory.Exists(directory) ? VersionDirectory.Load(directory, [new MLNetFormat()]) : null;
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string Root()
    {
        string data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        return data.Length > 0 ? Path.Combine(data, "ueq") : Directory.CreateTempSubdirectory("ueq-").FullName;
    }
}
