namespace Ueq.Torch.Tests;

/// <summary>TorchScript files: 3 features, the linear layer (a, b, c, a + b + c), batch norm, dropout ½, the sum plus ½; saved in training.</summary>
public sealed class ScriptTests
{
    private static string File(string name) => Path.Combine(AppContext.BaseDirectory, "Scripts", name);

    // Batch norm in evaluation: (h − 0.5)/√(2 + 10⁻⁵).
    private static double[] Hidden(float a, float b, float c) => [.. new double[] { a, b, c, a + b + c }.Select(h => (h - 0.5) / Math.Sqrt(2.00001))];

    [Fact]
    public void AFileSavedInTrainingHasItsBatchNormInEvaluationAndItsDropoutOn()
    {
        using McDropout model = McDropout.OpenScript(File("dropout.pt"), 3, new McDropoutOptions { Passes = 20_000 });
        (double[] mean, double[] sigma) = Rows.Predict(model, new FeatureMatrix(new float[] { 1, 2, 3, 1, 2, 3, 0, -1, 2 }, 3));
        double[] h = Hidden(1, 2, 3);
        Assert.Equal(h.Sum() + 0.5, mean[0], 0.15);
        Assert.Equal(mean[0], mean[1], 0.2);
        Assert.Equal(Math.Sqrt(h.Sum(v => v * v)), sigma[0], 0.1);
        Assert.Equal(Hidden(0, -1, 2).Sum() + 0.5, mean[2], 0.1);
    }

    [Fact]
    public void AFileWhoseDropoutWasTracedAwayIsRefused()
    {
        ArgumentException fault = Assert.Throws<ArgumentException>(() => McDropout.OpenScript(File("traced.pt"), 3));
        Assert.Contains("traced.pt", fault.Message, StringComparison.Ordinal);
        Assert.Contains("traced in evaluation or frozen", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OtherFilesAreRefusedByName()
    {
        Assert.Throws<FileNotFoundException>(() => McDropout.OpenScript(File("none.pt"), 3));
        string path = Path.GetTempFileName();
        System.IO.File.WriteAllText(path, "no zip");
        Assert.Contains(path, Assert.Throws<InvalidDataException>(() => McDropout.OpenScript(path, 3)).Message, StringComparison.Ordinal);
        System.IO.File.Delete(path);
        ArgumentException width = Assert.Throws<ArgumentException>(() => McDropout.OpenScript(File("dropout.pt"), 4));
        Assert.Contains("dropout.pt", width.Message, StringComparison.Ordinal);
        Assert.Contains("shape 128 × 4", width.Message, StringComparison.Ordinal);
    }
}
