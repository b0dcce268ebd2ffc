using System.Globalization;

namespace Ueq.Samples.Tests;

public sealed class ScikitLearnOnnxTests
{
    /// <summary>The graph adds sixty leaves in single precision; answers are some hundreds.</summary>
    private const double SinglePrecision = 1e-3;

    [Fact]
    public void PredictionsAndIntervalsAreScikitLearns()
    {
        string folder = Path.Combine(Repository(), "samples", "ScikitLearnOnnx");
        using StringWriter output = new();

        (double[] predictions, Interval[] intervals) = ScikitLearnOnnx.Run(
            Path.Combine(Repository(), "data", "reg-diabetes", "data.csv.gz"), Path.Combine(folder, "model.onnx"), output);

        double[][] expected = [.. File.ReadLines(Path.Combine(folder, "expected.csv")).Skip(1).Select(line => line.Split(',').Select(cell => double.Parse(cell, CultureInfo.InvariantCulture)).ToArray())];
        Assert.Equal(142, expected.Length);
        Assert.Equal(expected.Length, predictions.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i][0], predictions[i], SinglePrecision);
            Assert.Equal(expected[i][1], intervals[i].Lower, SinglePrecision);
            Assert.Equal(expected[i][2], intervals[i].Upper, SinglePrecision);
        }

        string[] lines = output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("fixtures/onnx/make.py: 'variable' tensor(float) [?, 1]", lines[0]);
        Assert.Equal("Regression: Point, 10 features by name, read by OnnxRegressor", lines[3]);
    }

    private static string Repository()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Ueq.slnx"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}
