using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Ueq.Torch.Tests;

/// <summary>Files of PyTorch itself, and files of which a line tells what they answer.</summary>
public sealed class ScriptFileTests : IDisposable
{
    private static readonly JsonElement _answers = JsonDocument.Parse(File.ReadAllText(PyTorch("answers.json"))).RootElement;

    private readonly ScriptFolder _folder = new();

    private static FeatureMatrix Four { get; } = new(Array.ConvertAll(Expected("rows"), v => (float)v), 3);

    public void Dispose() => _folder.Dispose();

    private static string PyTorch(string name) => Path.Combine(AppContext.BaseDirectory, "Scripts", "pytorch", name);

    private static double[] Expected(string name) => [.. _answers.GetProperty(name).EnumerateArray().Select(v => v.GetDouble())];

    private static void Near(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        // Single precision, and sums in another order.
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 1e-5 * Math.Max(1, Math.Abs(expected[i])));
    }

    private TorchScriptFile Open(string answer, string type = "Tensor", string arguments = "x: Tensor") =>
        TorchScriptFile.Open(_folder.Write(ScriptText.Bytes(answer, type, arguments)), Four);

    private static double[] Predict(IPointPredictor model, FeatureMatrix x)
    {
        double[] result = new double[x.Rows];
        model.Predict(x, result);
        return result;
    }

    private static double[] Predict(IClassPredictor model, FeatureMatrix x)
    {
        double[] result = new double[x.Rows * model.Classes];
        model.Predict(x, result);
        return result;
    }

    [Theory]
    [InlineData("fitted", true)]
    [InlineData("frozen", false)]
    [InlineData("squeezed", false)]
    public void ARegressionAnswersAsPyTorchDoesInEvaluation(string name, bool dropout)
    {
        TorchScriptFile file = TorchScriptFile.Open(PyTorch(name + ".pt"), Four);
        Assert.Equal((3, 1, dropout), (file.Features, file.Outputs, file.HasDropout));
        using TorchScriptRegressor model = file.OpenRegressor();
        Near(Expected(name), Predict(model, Four));
        // One row at a time: a squeezed answer to it is a single number.
        Near(Expected(name), [.. Enumerable.Range(0, 4).Select(i => Predict(model, Four.Slice(i, 1))[0])]);
        Assert.Empty(Predict(model, Four.Slice(0, 0)));
    }

    [Fact]
    public void AGaussianAnswersWithItsMeanAndTheRootOfItsVariance()
    {
        TorchScriptFile file = TorchScriptFile.Open(PyTorch("gaussian.pt"), 3);
        Assert.Equal((2, true), (file.Outputs, file.HasDropout));
        double[] expected = Expected("gaussian");
        using TorchScriptGaussian model = file.OpenGaussian();
        (double[] mean, double[] sigma) = Rows.Predict(model, Four);
        Near([.. expected.Where((_, i) => i % 2 == 0)], mean);
        Near([.. expected.Where((_, i) => i % 2 == 1)], [.. sigma.Select(s => s * s)]);
        Assert.Equal(mean, Predict(model, Four));
        using TorchScriptGaussian logarithms = file.OpenGaussian(TorchHead.MeanAndLogVariance);
        Near([.. expected.Where((_, i) => i % 2 == 1).Select(Math.Exp)], [.. Rows.Predict(logarithms, Four).Sigma.Select(s => s * s)]);
    }

    [Theory]
    [InlineData("softmax", TorchClassValues.Probabilities, 3)]
    [InlineData("logits", TorchClassValues.Logits, 3)]
    [InlineData("sigmoid_traced", TorchClassValues.Probabilities, 1)]
    public void WhetherAClassifierAnswersWithProbabilitiesOrLogitsIsSeen(string name, TorchClassValues values, int outputs)
    {
        TorchScriptFile file = TorchScriptFile.Open(PyTorch(name + ".pt"), Four);
        Assert.Equal((values, outputs), (file.Values, file.Outputs));
        using TorchScriptClassifier model = file.OpenClassifier();
        Assert.Equal((values, Math.Max(2, outputs)), (model.Values, model.Classes));
        double[][] rows = [.. Expected(name).Chunk(outputs)];
        Near([.. rows.SelectMany(row => outputs == 1 ? [1 - row[0], row[0]] : values == TorchClassValues.Logits ? Softmax(row) : row)], Predict(model, Four));
    }

    private static double[] Softmax(double[] row) => [.. row.Select(v => Math.Exp(v) / row.Sum(Math.Exp))];

    [Fact]
    public void OneColumnOfLogitsIsThatOfTheSecondClass()
    {
        TorchScriptFile file = Open("torch.sum(x, [1])");
        Assert.Equal(TorchClassValues.Logits, file.Values);
        using TorchScriptClassifier model = file.OpenClassifier();
        Near([.. new[] { 6.0, 0, 1.5, 1.25 }.SelectMany(z => new[] { 1 / (1 + Math.Exp(z)), 1 / (1 + Math.Exp(-z)) })], Predict(model, Four));
        // One column for regression too, and the caller's word counts: these are no probabilities.
        using TorchScriptClassifier wrong = file.OpenClassifier(TorchClassValues.Probabilities);
        Assert.Contains("at row 0, got -5 to 6", Assert.Throws<InvalidDataException>(() => Predict(wrong, Four)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PassesOverAFileVaryWithItsDropout()
    {
        TorchScriptFile file = TorchScriptFile.Open(PyTorch("fitted.pt"), Four);
        using McDropout model = file.OpenMcDropout(new McDropoutOptions { Passes = 4000 });
        (double[] mean, double[] sigma) = Rows.Predict(model, Four);
        double[] expected = Expected("fitted");
        for (int i = 0; i < 4; i++) Assert.True(Math.Abs(mean[i] - expected[i]) < 1 && sigma[i] is > 0.01 and < 3, $"{mean[i]} ± {sigma[i]} for {expected[i]}");
        using McDropout gaussian = TorchScriptFile.Open(PyTorch("gaussian.pt"), Four).OpenMcDropout();
        Assert.All(Rows.Predict(gaussian, Four).Sigma, s => Assert.True(s > 0));
        Assert.Contains("frozen", Assert.Throws<ArgumentException>(() => TorchScriptFile.Open(PyTorch("frozen.pt"), Four).OpenMcDropout()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("state_dict.pt")]
    [InlineData("legacy.pt")]
    public void WeightsWithoutAProgramAreRefusedWithWhatToWriteInstead(string name)
    {
        string message = Assert.Throws<InvalidDataException>(() => TorchScriptFile.Open(PyTorch(name), Four)).Message;
        Assert.StartsWith(PyTorch(name), message, StringComparison.Ordinal);
        Assert.Contains("torch.save", message, StringComparison.Ordinal);
        Assert.Contains("torch.jit.script(module.eval()).save", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "an empty file")]
    [InlineData("no archive", "another kind of file")]
    public void OtherFilesAreRefused(string content, string what)
    {
        string path = _folder.Write(Encoding.ASCII.GetBytes(content));
        string message = Assert.Throws<InvalidDataException>(() => TorchScriptFile.Open(path, Four)).Message;
        Assert.StartsWith(path + ": ", message, StringComparison.Ordinal);
        Assert.Contains(what, message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFileOfTorchExportIsRefused()
    {
        MemoryStream file = new();
        using (ZipArchive archive = new(file, ZipArchiveMode.Create, leaveOpen: true)) ScriptText.Add(archive, "models/model.json", "{}"u8);
        Assert.Contains("torch.export", Assert.Throws<InvalidDataException>(() => TorchScriptFile.Open(_folder.Write(file.ToArray()), Four)).Message, StringComparison.Ordinal);
    }

    /// <summary>libtorch itself would not see the damage, or end the process.</summary>
    [Fact]
    public void ADamagedFileIsRefusedOrAnswersAsBefore()
    {
        byte[] whole = File.ReadAllBytes(PyTorch("fitted.pt"));
        Rng rng = Rng.Stream(1, 0);
        int refused = 0;
        for (int i = 0; i < 300; i++)
        {
            byte[] damaged = [.. whole];
            damaged[rng.NextIndex(damaged.Length)] ^= (byte)(1 << rng.NextIndex(8));
            try
            {
                using TorchScriptRegressor model = TorchScriptFile.Open(_folder.Write(damaged), Four).OpenRegressor();
                Near(Expected("fitted"), Predict(model, Four));
            }
            catch (InvalidDataException fault)
            {
                Assert.Contains("model.pt: ", fault.Message, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', fault.Message);
                refused++;
            }
        }

        Assert.InRange(refused, 150, 300);
        for (int length = 0; length < whole.Length; length += 97)
            Assert.Throws<InvalidDataException>(() => TorchScriptFile.Open(_folder.Write(whole[..length]), Four));
    }

    [Theory]
    [InlineData("(torch.sum(x, [1]), torch.sum(x, [1]))", "Tuple[Tensor, Tensor]", "a tuple of 2")]
    [InlineData("[torch.sum(x, [1])]", "List[Tensor]", "a list of 1")]
    [InlineData("3.5", "float", "a number")]
    [InlineData("None", "NoneType", "neither a tensor nor numbers")]
    [InlineData("\"text\"", "str", "neither a tensor nor numbers")]
    [InlineData("torch.sum(x)", "Tensor", "the shape of a single number")]
    [InlineData("torch.sum(x, [0])", "Tensor", "the shape 3")]
    [InlineData("torch.unsqueeze(x, 2)", "Tensor", "the shape 4 × 3 × 1")]
    [InlineData("torch.ones([4])", "Tensor", "the answer to 1 row, got the shape 4")]
    public void AnAnswerThatIsNotNumbersForEachRowIsRefused(string answer, string type, string what)
    {
        string message = Assert.Throws<InvalidDataException>(() => Open(answer, type)).Message;
        Assert.Contains("model.pt: expected", message, StringComparison.Ordinal);
        Assert.Contains(what, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("torch.matmul(x, torch.ones([5, 1]))", "x: Tensor", "4 × 3, but it failed: RuntimeError: mat1 and mat2 shapes cannot be multiplied (4x3 and 5x1)")]
    [InlineData("torch.add(x, y)", "x: Tensor,\n    y: Tensor", "missing value for argument 'y'")]
    [InlineData("torch.matmul(x, torch.ones([3, 1], dtype=7))", "x: Tensor", "float != double")]
    public void AModuleThatCannotTakeTheRowsSaysWhyInOneLine(string answer, string arguments, string what)
    {
        string message = Assert.Throws<ArgumentException>(() => Open(answer, arguments: arguments)).Message;
        Assert.Contains("model.pt: ", message, StringComparison.Ordinal);
        Assert.Contains(what, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    /// <summary>libtorch would end the process.</summary>
    [Fact]
    public void OperatorsOfOtherLibrariesAreRefused() =>
        Assert.Contains("torchvision", Assert.Throws<InvalidDataException>(() => Open("ops.torchvision.nms(x, x, 0.5)")).Message, StringComparison.Ordinal);

    [Fact]
    public void APredictorThatTheFileCannotBeIsRefused()
    {
        TorchScriptFile two = TorchScriptFile.Open(PyTorch("gaussian.pt"), Four), one = TorchScriptFile.Open(PyTorch("fitted.pt"), Four);
        Assert.Contains("expected 1 number per row for a regression, got 2", Assert.Throws<ArgumentException>(two.OpenRegressor).Message, StringComparison.Ordinal);
        Assert.Contains("expected 2 numbers per row for a mean and a variance, got 1", Assert.Throws<ArgumentException>(() => one.OpenGaussian()).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => two.OpenGaussian(TorchHead.Mean));
        Assert.Throws<ArgumentOutOfRangeException>(() => two.OpenClassifier((TorchClassValues)7));
        Assert.Throws<FileNotFoundException>(() => TorchScriptFile.Open(PyTorch("none.pt"), Four));
        Assert.Throws<ArgumentException>(() => TorchScriptFile.Open(PyTorch("fitted.pt"), Four.Slice(0, 0)));
        Assert.Contains("row 1, column 0", Assert.Throws<ArgumentException>(() => TorchScriptFile.Open(PyTorch("fitted.pt"), new FeatureMatrix(new float[] { 1, 2, 3, float.NaN, 0, 0 }, 3))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnswersThatAreNotFiniteAreRefusedWithTheirRow()
    {
        // Logarithms: row 3 of the four has a negative second number.
        using TorchScriptRegressor point = TorchScriptFile.Open(_folder.Write(ScriptText.Bytes("torch.log(torch.slice(x, 1, 1, 2))")), 3).OpenRegressor();
        FeatureMatrix rows = new(new float[] { 1, 2, 3, 1, 1, 1, 3, -2, 0 }, 3);
        AssumptionException fault = Assert.Throws<AssumptionException>(() => Predict(point, rows));
        Assert.Equal(Assumption.FiniteAnswers, fault.Assumption);
        Assert.Contains("model.pt at row 2, got NaN", fault.Message, StringComparison.Ordinal);
        using TorchScriptGaussian gaussian = Open("torch.slice(x, 1, 0, 2)").OpenGaussian();
        Assert.Contains("a variance of ", Assert.Throws<AssumptionException>(() => Rows.Predict(gaussian, rows)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ATableIsLookedUpAtRowsThatHaveItsNumbers()
    {
        const string Answer = "torch.index_select(torch.ones([3]), 0, torch.to(torch.select(x, 1, 0), 4))";
        string path = _folder.Write(ScriptText.Bytes(Answer));
        FeatureMatrix rows = new(new float[] { 0, 0.5f, 2, 0.1f, 1, 7 }, 2);
        using TorchScriptRegressor model = TorchScriptFile.Open(path, rows).OpenRegressor();
        Assert.Equal([1, 1, 1], Predict(model, rows));
        // Random numbers fall outside the table; zeros do not.
        Assert.Equal(1, TorchScriptFile.Open(path, 2).Outputs);
        ArgumentException fault = Assert.Throws<ArgumentException>(() => Predict(model, new FeatureMatrix(new float[] { 3, 0 }, 2)));
        Assert.Contains("index", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ABatchOfManyChunksFromManyThreadsIsAnsweredRowByRow()
    {
        using TorchScriptRegressor model = TorchScriptFile.Open(PyTorch("fitted.pt"), Four).OpenRegressor();
        (FeatureMatrix x, _) = Rows.Simple(10_000);
        double[] all = Predict(model, x);
        Parallel.For(0, 100, i =>
        {
            double[] part = Predict(model, x.Slice(i * 100, 100));
            for (int k = 0; k < part.Length; k++) Assert.Equal(all[i * 100 + k], part[k], 1e-5);
        });
    }

    [Fact]
    public void DropoutInAClassifierIsSeenAndStaysOff()
    {
        TorchScriptFile file = Open("torch.softmax((self.drop).forward(x, ), 1)");
        Assert.Equal((3, true, TorchClassValues.Probabilities), (file.Outputs, file.HasDropout, file.Values));
        using TorchScriptClassifier model = file.OpenClassifier();
        Assert.Equal(Predict(model, Four), Predict(model, Four));
    }
}
