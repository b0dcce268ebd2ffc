using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Ueq.Samples.Tests;

public sealed partial class MLNetPipelineTests
{
    [Fact]
    public void AnotherProcessLoadsThePipelineWithItsCalibration()
    {
        string folder = Directory.CreateTempSubdirectory("ueq-").FullName;
        try
        {
            string data = Path.Combine(Repository(), "data", "reg-diabetes", "data.csv.gz"), model = Path.Combine(folder, "calibrated.zip");
            using StringWriter output = new();
            MLNetPipeline.Run(data, model, output);
            string[] lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Match first = Covered().Match(lines[0]);
            Assert.True(first.Success, lines[0]);
            Assert.InRange(int.Parse(first.Groups[1].Value) / double.Parse(first.Groups[2].Value), 0.8, 1);
            Assert.InRange(int.Parse(first.Groups[3].Value), 120, 280);

            ProcessStartInfo call = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "MLNetPipeline.dll"), "--load", data, model]) { RedirectStandardOutput = true };
            using Process process = Process.Start(call)!;
            string said = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
            Assert.Equal(lines[1].Trim(), said.Trim());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Repository()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Ueq.slnx"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }

    [GeneratedRegex(@"^(\d+) of (\d+) covered, (\d+) wide")]
    private static partial Regex Covered();
}
