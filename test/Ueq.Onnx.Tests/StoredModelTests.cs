using System.IO.Compression;
using System.Security.Cryptography;
using Ueq.Conformal;
using Ueq.Versions;

namespace Ueq.Onnx.Tests;

public sealed class StoredModelTests
{
    private static readonly OnnxFormat Format = new();

    private static byte[] Save(IStoredPredictor model)
    {
        using MemoryStream memory = new();
        // A stream that cannot seek.
        using (BrotliStream forward = new(memory, CompressionLevel.NoCompression, leaveOpen: true)) model.Save(forward);
        memory.Position = 0;
        using BrotliStream back = new(memory, CompressionMode.Decompress);
        using MemoryStream plain = new();
        back.CopyTo(plain);
        return plain.ToArray();
    }

    [Fact]
    public void RegressionsComeBackBitForBitWithTheirOptions()
    {
        Expected data = Fixtures.Diabetes;
        OnnxRegressor[] models =
        [
            new(Fixtures.Model("forest")),
            new(Fixtures.Model("external")),
            new(Fixtures.Model("batch-3")),
            new(Fixtures.Model("reversed"), new() { Features = data.Features }),
            new(Fixtures.Model("open-width"), new() { ModelFeatures = data.Features }),
            new(Fixtures.Model("missing"), new() { Missing = MissingValues.Allowed }),
            new(Fixtures.Model("quantiles"), new() { Output = OnnxOutput.At(1) }),
            new(Fixtures.Model("quantile-columns"), new() { Output = OnnxOutput.Named("quantiles", 2) }),
        ];
        foreach (OnnxRegressor model in models)
        {
            Assert.Equal(Format.Name, model.Format);
            byte[] bytes = Save(model);
            OnnxRegressor loaded = Assert.IsType<OnnxRegressor>(Format.Load(new MemoryStream(bytes)));
            Assert.Equal(Fixtures.Predict(model, data.X), Fixtures.Predict(loaded, data.X));
            Assert.Equal(bytes, Save(loaded));
        }

        float[] missing = [float.NaN, .. data.X.Row(0)[1..]];
        IPointPredictor allowed = (OnnxRegressor)Format.Load(new MemoryStream(Save(models[5])));
        Assert.True(double.IsFinite(Fixtures.Predict(allowed, new FeatureMatrix(missing, 10))[0]));
    }

    [Theory]
    [InlineData("classifier")]
    [InlineData("zipmap-text")]
    [InlineData("binary")]
    [InlineData("logits")]
    public void ClassificationsComeBackBitForBit(string name)
    {
        FeatureMatrix x = Fixtures.Iris.X;
        OnnxClassifier model = new(Fixtures.Model(name), new() { Values = name == "logits" ? OnnxClassValues.Logits : OnnxClassValues.Probabilities });
        byte[] bytes = Save(model);
        OnnxClassifier loaded = Assert.IsType<OnnxClassifier>(Format.Load(new MemoryStream(bytes)));
        Assert.Equal(Fixtures.Probabilities(model, x), Fixtures.Probabilities(loaded, x));
        Assert.Equal((model.Classes, model.Features), (loaded.Classes, loaded.Features));
    }

    [Fact]
    public void QuantilesComeBackBitForBit()
    {
        OnnxQuantileRegressor[] models =
        [
            new(Fixtures.Model("quantile-pair")),
            new(Fixtures.Model("quantiles"), new() { Lower = OnnxOutput.At(0), Upper = OnnxOutput.At(2), Features = null }),
            new(Fixtures.Model("quantile-columns"), new() { Lower = OnnxOutput.At(0, 0), Upper = OnnxOutput.At(0, 2) }),
        ];
        FeatureMatrix x = Fixtures.Diabetes.X;
        foreach (OnnxQuantileRegressor model in models)
        {
            byte[] bytes = Save(model);
            OnnxQuantileRegressor loaded = Assert.IsType<OnnxQuantileRegressor>(Format.Load(new MemoryStream(bytes)));
            Same(Fixtures.Predict(model, x), Fixtures.Predict(loaded, x));
            Assert.Equal(bytes, Save(loaded));
        }
    }

    [Fact]
    public void GaussiansComeBackBitForBit()
    {
        FeatureMatrix x = Fixtures.Diabetes.X;
        foreach (OnnxSpread spread in Enum.GetValues<OnnxSpread>())
        {
            string output = spread switch { OnnxSpread.Variance => "variance", OnnxSpread.LogVariance => "log_variance", _ => "sigma" };
            OnnxGaussianRegressor model = new(
                Fixtures.Model("gaussian-all"), new() { Mean = OnnxOutput.Named("mean"), Spread = OnnxOutput.Named(output), SpreadIs = spread });
            byte[] bytes = Save(model);
            OnnxGaussianRegressor loaded = Assert.IsType<OnnxGaussianRegressor>(Format.Load(new MemoryStream(bytes)));
            Same(Fixtures.Predict(model, x), Fixtures.Predict(loaded, x));
            Assert.Equal(bytes, Save(loaded));
        }
    }

    [Fact]
    public void DropoutComesBackWithItsPassesNoiseAndSeed()
    {
        FeatureMatrix x = Fixtures.Diabetes.X;
        OnnxMcDropoutOptions heads = new() { Output = OnnxOutput.Named("mean"), Spread = OnnxOutput.Named("log_variance"), SpreadIs = OnnxSpread.LogVariance };
        foreach ((string name, OnnxMcDropoutOptions options) in ((string, OnnxMcDropoutOptions)[])
            [("dropout", new() { Passes = 20, Noise = 3, Seed = 5 }), ("dropout-input", new()), ("dropout-heads", heads)])
        {
            byte[] bytes = Save(new OnnxMcDropout(Fixtures.Model(name), options));
            OnnxMcDropout loaded = Assert.IsType<OnnxMcDropout>(Format.Load(new MemoryStream(bytes)));
            // Fresh predictors, whose generators stand at the same place.
            Same(Fixtures.Predict((IGaussianPredictor)new OnnxMcDropout(Fixtures.Model(name), options), x), Fixtures.Predict((IGaussianPredictor)loaded, x));
            Assert.Equal(bytes, Save(loaded));
        }
    }

    [Fact]
    public void FilesOfBeforeThereWereKindsAreRead()
    {
        byte[] options = """{"features":null,"modelFeatures":null,"missing":"refused","output":"Y","column":0,"classes":0,"values":"Probabilities"}"""u8.ToArray();
        byte[] model = File.ReadAllBytes(Fixtures.File("linear"));
        byte[] content = [.. "UEQ-ONNX"u8, 1, .. BitConverter.GetBytes(options.Length), .. options, .. BitConverter.GetBytes((long)model.Length), .. model];
        byte[] before = [.. content, .. SHA256.HashData(content)];
        IPointPredictor loaded = Assert.IsType<OnnxRegressor>(Format.Load(new MemoryStream(before)));
        Assert.Equal(Fixtures.Predict(new OnnxRegressor(Fixtures.Model("linear")), Fixtures.Diabetes.X), Fixtures.Predict(loaded, Fixtures.Diabetes.X));
        Assert.Equal(before, Save((IStoredPredictor)loaded));
        // What knows only the first version would take a pair of outputs for one of them.
        Assert.Equal(2, Save(new OnnxQuantileRegressor(Fixtures.Model("quantile-pair")))[8]);
    }

    [Fact]
    public void ADamagedFileIsInvalidData()
    {
        byte[] bytes = Save(new OnnxGaussianRegressor(Fixtures.Model("gaussian")));
        bytes[^1] ^= 1;
        Assert.Throws<InvalidDataException>(() => Format.Load(new MemoryStream(bytes)));
        bytes = Save(new OnnxRegressor(Fixtures.Model("linear")));
        Assert.Throws<InvalidDataException>(() => Format.Load(new MemoryStream()));
        Assert.Throws<InvalidDataException>(() => Format.Load(new MemoryStream([.. bytes, 0])));
        Assert.Throws<InvalidDataException>(() => Format.Load(File.OpenRead(Fixtures.File("linear"))));
        for (int length = 0; length < bytes.Length; length += 7) Assert.Throws<InvalidDataException>(() => Format.Load(new MemoryStream(bytes[..length])));
        for (int i = 0; i < bytes.Length; i++)
        {
            byte[] damaged = [.. bytes];
            damaged[i] ^= (byte)(1 + i % 255);
            Assert.Throws<InvalidDataException>(() => Format.Load(new MemoryStream(damaged)));
        }
    }

    [Theory]
    [InlineData("external")]
    [InlineData("quantile-pair")]
    [InlineData("gaussian")]
    [InlineData("dropout")]
    public void ACalibratedModelIsPublishedAndLoadedAsAVersion(string name)
    {
        Expected data = Fixtures.Diabetes;
        FeatureSchema schema = new([.. data.Features.Select(column => new FeatureColumn(column))]);
        // Made anew for each use, since dropout goes on where it stands.
        IBandPredictor Bands() => OnnxModelFile.Open(Fixtures.File(name)).Predictor(schema) switch
        {
            IQuantilePredictor quantiles => new QuantileBands(quantiles),
            IGaussianPredictor gaussian => new GaussianBands(gaussian),
            IStoredPredictor model => new PointBands((IPointPredictor)model),
        };
        Band[] claims = new Band[data.X.Rows];
        Bands().Predict(data.X, claims);
        ConformalRegressor calibrated = new(Bands(), IntervalCalibration.From(claims, data.Flat("boosting")), schema.Width);
        string folder = Directory.CreateTempSubdirectory("ueq-onnx-").FullName;
        try
        {
            Manifest manifest = new()
            {
                Task = ModelTask.Regression,
                Method = "split",
                Model = "onnx",
                Target = "target",
                Columns = schema.Columns,
                SchemaDigest = schema.Digest,
                Created = DateTimeOffset.UnixEpoch,
                Seed = 0,
                Guarantee = ManifestGuarantee.From(calibrated.Guarantee(default)),
            };
            string version = Path.Combine(folder, "version");
            VersionDirectory.Publish(version, manifest, calibrated, default);
            IIntervalPredictor loaded = VersionDirectory.Load(version, [Format]).Regressor!;
            var (predictions, intervals) = Intervals(calibrated, data.X);
            var (again, loadedIntervals) = Intervals(loaded, data.X);
            Assert.Equal(predictions, again);
            Assert.Equal(intervals, loadedIntervals);
            Fixtures.Says(Assert.Throws<InvalidDataException>(() => VersionDirectory.Load(version, [])), "'onnx'");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Same((double[] First, double[] Second) expected, (double[] First, double[] Second) actual)
    {
        Assert.Equal(expected.First, actual.First);
        Assert.Equal(expected.Second, actual.Second);
    }

    private static (double[] Predictions, Interval[] Intervals) Intervals(IIntervalPredictor model, FeatureMatrix x)
    {
        double[] predictions = new double[x.Rows];
        Interval[] intervals = new Interval[x.Rows];
        model.Predict(x, default, predictions, intervals);
        return (predictions, intervals);
    }
}
