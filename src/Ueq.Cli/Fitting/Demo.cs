using Ueq.Cli.Output;
using Ueq.Data;
using Ueq.Versions;

namespace Ueq.Cli.Fitting;

/// <summary>The model of <c>ueq serve --demo</c>: real data that comes with the tool, fitted on first start and kept.</summary>
internal static class Demo
{
    /// <summary>A patient of the diabetes data: age, sex, body mass index, blood pressure and six blood values.</summary>
    public const string ExampleRow = "59, 2, 32.1, 101, 157, 93.2, 38, 4, 4.8598, 87";

    // Part of the place where the model is kept: a new number makes it be fitted anew.
    private const string Edition = "demo-diabetes-2";
    private const string Step = "Fitting the demo model";

    // The one model that needs no native library, and on this data as good as any: a machine with only the SDK can run it.
    private static Plan Plan => Fitting.Plan.Resolve(ModelTask.Regression, ModelNames.Linear, MethodNames.Split);

    public static ModelVersion Load(Terminal terminal, CancellationToken cancellation)
    {
        string data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        if (data.Length > 0)
        {
            string directory = Path.Combine(data, "ueq", Edition);
            if (Kept(directory) is { } kept) return kept;
            try
            {
                // What stands there and does not load is left of an older or damaged demo, and is ours.
                if (Directory.Exists(directory)) Directory.Delete(directory, recursive: true);
                else if (File.Exists(directory)) File.Delete(directory);
                return Fit(directory, terminal, cancellation);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                terminal.Say($"The demo model cannot be kept in '{directory}' and is fitted at each start: {error.Message}");
            }
        }

        return Steps.Run(terminal, Step, 1, progress => Publishing.FitInPassing(Plan, Rows(), new FitSettings(), progress, cancellation));
    }

    private static ModelVersion Fit(string directory, Terminal terminal, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(directory)!);
        Steps.Run(terminal, Step, 1, progress => Publishing.FitAndPublish(Plan, Rows(), new FitSettings(), directory, progress, cancellation));
        return VersionDirectory.Load(directory, Formats.All);
    }

    private static Dataset Rows() => CsvTable.ReadRegression(Path.Combine(AppContext.BaseDirectory, "demo", "diabetes.csv.gz"), "target");

    private static ModelVersion? Kept(string directory)
    {
        try
        {
            return Directory.Exists(directory) ? VersionDirectory.Load(directory, Formats.All) : null;
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
