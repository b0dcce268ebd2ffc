using System.Text.Json;

namespace Ueq.Onnx.Tests;

/// <summary>The models of fixtures/onnx and what scikit-learn answers in their place.</summary>
internal static class Fixtures
{
    public static string Folder { get; } = Path.Combine(Root(), "fixtures");

    public static Expected Diabetes { get; } = new("onnx/diabetes.json");

    public static Expected Iris { get; } = new("onnx/iris.json");

    public static string File(string name) => Path.Combine(Folder, "onnx", name + ".onnx");

    public static OnnxModel Model(string name) => OnnxModel.Load(File(name));

    public static double[] Predict(IPointPredictor model, FeatureMatrix x)
    {
        double[] predictions = new double[x.Rows];
        model.Predict(x, predictions);
        return predictions;
    }

    public static double[] Probabilities(IClassPredictor model, FeatureMatrix x)
    {
        double[] probabilities = new double[x.Rows * model.Classes];
        model.Predict(x, probabilities);
        return probabilities;
    }

    public static (double[] First, double[] Second) Predict(IQuantilePredictor model, FeatureMatrix x)
    {
        double[] lower = new double[x.Rows], upper = new double[x.Rows];
        model.Predict(x, lower, upper);
        return (lower, upper);
    }

    public static (double[] Mean, double[] Sigma) Predict(IGaussianPredictor model, FeatureMatrix x)
    {
        double[] mean = new double[x.Rows], sigma = new double[x.Rows];
        model.Predict(x, mean, sigma);
        return (mean, sigma);
    }

    /// <summary>Equal up to a relative tolerance, and to the tolerance itself near zero.</summary>
    public static void Close(double[] expected, double[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance * Math.Max(1, Math.Abs(expected[i])), $"at {i}: expected {expected[i]}, got {actual[i]}");
    }

    public static void Says(Exception fault, params string[] parts)
    {
        foreach (string part in parts) Assert.Contains(part, fault.Message, StringComparison.Ordinal);
    }

    private static string Root()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (System.IO.File.Exists(Path.Combine(at.FullName, "Ueq.slnx"))) return at.FullName;
        throw new DirectoryNotFoundException($"No repository above {AppContext.BaseDirectory}.");
    }
}

/// <summary>One file of expected answers.</summary>
internal sealed class Expected(string file)
{
    private readonly JsonElement _content = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Fixtures.Folder, file))).RootElement;

    /// <summary>The tolerance that the manifest declares.</summary>
    public double Exactness { get; } = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Fixtures.Folder, "manifest.json"))).RootElement
        .GetProperty("fixtures").EnumerateArray().Single(entry => entry.GetProperty("file").GetString() == file).GetProperty("exactness").GetDouble();

    public string[] Features => [.. _content.GetProperty("features").EnumerateArray().Select(name => name.GetString()!)];

    public FeatureMatrix X => Matrix("x");

    public FeatureMatrix Matrix(string name) => new(Flat(name).Select(value => (float)value).ToArray(), Features.Length);

    /// <summary>Numbers, row after row.</summary>
    public double[] Flat(string name) =>
        [.. _content.GetProperty(name).EnumerateArray().SelectMany(e => e.ValueKind == JsonValueKind.Array ? e.EnumerateArray().Select(v => v.GetDouble()) : [e.GetDouble()])];

    public double[] Column(string name, int column, int width) => [.. Flat(name).Where((_, i) => i % width == column)];
}
