using System.IO.Compression;
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
    public void ADamagedFileIsInvalidData()
    {
        byte[] bytes = Save(new OnnxRegressor(Fixtures.Model("linear")));
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

    [Fact]
    public void ACalibratedModelIsPublishedAndLoadedAsAVersion()
    {
        Expected data = Fixtures.Diabetes;
        OnnxRegressor model = new(Fixtures.Model("external"), new() { Features = data.Features, ModelFeatures = data.Features });
        PointBands bands = new(model);
        Band[] claims = new Band[data.X.Rows];
        bands.Predict(data.X, claims);
        ConformalRegressor calibrated = new(bands, IntervalCalibration.From(claims, data.Flat("boosting")), model.Features);
        FeatureSchema schema = new([.. data.Features.Select(name => new FeatureColumn(name))]);
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

    private static (double[] Predictions, Interval[] Intervals) Intervals(IIntervalPredictor model, FeatureMatrix x)
    {
        double[] predictions = new double[x.Rows];
        Interval[] intervals = new Interval[x.Rows];
        model.Predict(x, default, predictions, intervals);
        return (predictions, intervals);
    }
}
