using Ueq.Conformal;
using Ueq.Versions;

namespace Ueq.Torch.Tests;

/// <summary>TorchScript predictors in files of model versions.</summary>
public sealed class ScriptVersionTests
{
    private static FeatureMatrix Sample { get; } = Rows.Simple(5).X;

    private static TorchScriptFile File(string name) => TorchScriptFile.Open(Path.Combine(AppContext.BaseDirectory, "Scripts", "pytorch", name), Sample);

    private static byte[] Bytes(IStoredPredictor model)
    {
        Assert.Equal("torchscript", model.Format);
        using MemoryStream stream = new();
        model.Save(stream);
        return stream.ToArray();
    }

    private static T Load<T>(byte[] content) => Assert.IsType<T>(new TorchScriptFormat().Load(new MemoryStream(content)));

    [Fact]
    public void ARegressionComesBackAsItWas()
    {
        using TorchScriptRegressor model = File("fitted.pt").OpenRegressor();
        using TorchScriptRegressor again = Load<TorchScriptRegressor>(Bytes(model));
        double[] before = new double[5], after = new double[5];
        model.Predict(Sample, before);
        again.Predict(Sample, after);
        Assert.Equal(before, after);
        Assert.Equal(Bytes(model), Bytes(again));
    }

    [Theory]
    [InlineData(TorchHead.MeanAndVariance)]
    [InlineData(TorchHead.MeanAndSoftplusVariance)]
    public void AGaussianComesBackWithItsHead(TorchHead head)
    {
        using TorchScriptGaussian model = File("gaussian.pt").OpenGaussian(head);
        using TorchScriptGaussian again = Load<TorchScriptGaussian>(Bytes(model));
        Assert.Equal(head, again.Head);
        Assert.Equal(Rows.Predict(model, Sample).Sigma, Rows.Predict(again, Sample).Sigma);
    }

    [Theory]
    [InlineData("logits.pt")]
    [InlineData("sigmoid_traced.pt")]
    public void AClassifierComesBackWithItsValues(string name)
    {
        using TorchScriptClassifier model = File(name).OpenClassifier();
        using TorchScriptClassifier again = Load<TorchScriptClassifier>(Bytes(model));
        Assert.Equal((model.Classes, model.Values), (again.Classes, again.Values));
        double[] before = new double[5 * model.Classes], after = new double[5 * model.Classes];
        model.Predict(Sample, before);
        again.Predict(Sample, after);
        Assert.Equal(before, after);
    }

    [Fact]
    public void PassesComeBackWithTheirOptionsAndSoDoesTheirSpread()
    {
        using McDropout model = File("fitted.pt").OpenMcDropout(new McDropoutOptions { Passes = 17, Noise = 0.5, Seed = 9 });
        using McDropout again = Load<McDropout>(Bytes(model));
        Assert.Equal(Rows.Predict(model, Sample).Mean, Rows.Predict(again, Sample).Mean);
        Assert.Equal(Rows.Predict(model, Sample).Sigma, Rows.Predict(again, Sample).Sigma);
        TorchSigma sigma = Load<TorchSigma>(Bytes(model.Sigma));
        double[] spread = new double[5];
        sigma.Predict(Sample, spread);
        Assert.Equal(Rows.Predict(model, Sample).Sigma, spread);
        ((McDropout)sigma.Model).Dispose();
    }

    [Fact]
    public void AStoredFileIsReadWholeOrNotAtAll()
    {
        using TorchScriptRegressor model = File("frozen.pt").OpenRegressor();
        byte[] whole = Bytes(model);
        Rng rng = Rng.Stream(2, 0);
        for (int i = 0; i < 200; i++)
        {
            byte[] damaged = [.. whole];
            damaged[rng.NextIndex(damaged.Length)] ^= (byte)(1 << rng.NextIndex(8));
            Assert.Throws<InvalidDataException>(() => new TorchScriptFormat().Load(new MemoryStream(damaged)));
        }

        for (int length = 0; length < whole.Length; length += 53)
            Assert.Throws<InvalidDataException>(() => new TorchScriptFormat().Load(new MemoryStream(whole[..length])));
    }

    [Fact]
    public void NeitherFormatReadsTheOthersFiles()
    {
        using TorchScriptRegressor model = File("frozen.pt").OpenRegressor();
        Assert.Throws<InvalidDataException>(() => new TorchFormat().Load(new MemoryStream(Bytes(model))));
        byte[] own = [.. "UEQTORCH"u8, .. new byte[100]];
        Assert.Throws<InvalidDataException>(() => new TorchScriptFormat().Load(new MemoryStream(own)));
    }

    [Fact]
    public void ACalibratedFileIsPublishedAndReadBack()
    {
        (FeatureMatrix x, double[] y) = Rows.Simple(200, 5);
        using McDropout model = File("fitted.pt").OpenMcDropout();
        ConformalRegressor calibrated = Uq.Calibrate(model, x, y);
        string folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            FeatureSchema schema = FeatureSchema.Numeric(3);
            Manifest manifest = new()
            {
                Task = ModelTask.Regression,
                Method = "mc_dropout",
                Model = "torchscript",
                Target = "y",
                Columns = schema.Columns,
                SchemaDigest = schema.Digest,
                Created = DateTimeOffset.UnixEpoch,
                Seed = 1,
                Guarantee = ManifestGuarantee.From(calibrated.Guarantee(new Coverage(0.9))),
            };
            VersionDirectory.Publish(folder, manifest, calibrated, Array.Empty<byte>());
            IIntervalPredictor again = VersionDirectory.Load(folder, [new TorchFormat(), new TorchScriptFormat()]).Regressor!;
            Interval[] before = new Interval[5], after = new Interval[5];
            calibrated.Predict(Sample, new Coverage(0.9), new double[5], before);
            again.Predict(Sample, new Coverage(0.9), new double[5], after);
            Assert.Equal(before, after);
            // A host that does not trust programs leaves the format out.
            Assert.Contains("torchscript", Assert.Throws<InvalidDataException>(() => VersionDirectory.Load(folder, [new TorchFormat()])).Message, StringComparison.Ordinal);
        }
        finally
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
    }
}
