using Ueq.Conformal;
using Ueq.Versions;

namespace Ueq.Torch.Tests;

public sealed class StoredTests
{
    private static readonly TorchFitOptions Quick = new() { Epochs = 3 };

    private static byte[] Save(IStoredPredictor model)
    {
        using MemoryStream file = new();
        model.Save(file);
        return file.ToArray();
    }

    private static DeepEnsemble Ensemble(FeatureMatrix x, double[] y) =>
        new DeepEnsembleTrainer(new MlpOptions { Hidden = [8, 5] }, new DeepEnsembleOptions { Members = 2, Fit = Quick }).Fit(x, y, 1);

    [Fact]
    public void AModelReadBackAnswersTheSame()
    {
        (FeatureMatrix x, double[] y) = Rows.Simple(50);
        using DeepEnsemble ensemble = Ensemble(x, y);
        using DeepEnsemble again = Assert.IsType<DeepEnsemble>(new TorchFormat().Load(new MemoryStream(Save(ensemble))));
        Assert.Equal(Rows.Predict(ensemble, x), Rows.Predict(again, x), DeepEnsembleTests.Same);
        using McDropout dropout = new McDropoutTrainer(new MlpOptions { Dropout = 0.2 }, new McDropoutOptions { Passes = 7, Seed = 9, Noise = 0.5 }, Quick).Fit(x, y, 1);
        using McDropout dropoutAgain = Assert.IsType<McDropout>(new TorchFormat().Load(new MemoryStream(Save(dropout))));
        Assert.Equal(Rows.Predict(dropout, x), Rows.Predict(dropoutAgain, x), DeepEnsembleTests.Same);
        TorchSigma sigma = Assert.IsType<TorchSigma>(new TorchFormat().Load(new MemoryStream(Save(ensemble.Sigma))));
        double[] sigmas = new double[x.Rows];
        sigma.Predict(x, sigmas);
        Assert.Equal(Rows.Predict(ensemble, x).Sigma, sigmas);
    }

    [Fact]
    public void ADamagedFileIsRefusedWhereverItIsDamaged()
    {
        (FeatureMatrix x, double[] y) = Rows.Simple(20);
        using DeepEnsemble ensemble = Ensemble(x, y);
        byte[] file = Save(ensemble);
        for (int at = 0; at < file.Length; at += at < 64 ? 1 : 97)
        {
            byte[] damaged = [.. file];
            damaged[at] ^= 0x40;
            Assert.Throws<InvalidDataException>(() => new TorchFormat().Load(new MemoryStream(damaged)));
            Assert.Throws<InvalidDataException>(() => new TorchFormat().Load(new MemoryStream(file, 0, at)));
        }

    }

    [Fact]
    public void AFileThatIsWellSealedButFalseIsRefused()
    {
        (FeatureMatrix x, double[] y) = Rows.Simple(20);
        using DeepEnsemble ensemble = Ensemble(x, y);
        byte[] file = Save(ensemble);
        int[] places = [8, 9, 10, 13, 14, 18, 22, 30, 60, file.Length - 40];
        foreach (int at in places)
        {
            byte[] falsified = file[..^32];
            falsified[at] = 0x7f;
            falsified[at + 1] = 0xff;
            falsified[at + 2] = 0xff;
            falsified[at + 3] = 0x7f;
            byte[] whole = [.. falsified, .. System.Security.Cryptography.SHA256.HashData(falsified)];
            Exception? fault = Record.Exception(() => ((IDisposable)new TorchFormat().Load(new MemoryStream(whole))).Dispose());
            Assert.True(fault is null or InvalidDataException, $"at {at}: {fault}");
        }
    }

    [Fact]
    public void ACalibratedEnsembleIsPublishedAsAVersion()
    {
        (FeatureMatrix x, double[] y) = Rows.Heteroscedastic(300, 1);
        (FeatureMatrix held, double[] heldY) = Rows.Heteroscedastic(200, 2);
        using DeepEnsemble ensemble = Ensemble(x, y);
        NormalisedBands bands = new(ensemble, ensemble.Sigma, 1e-6);
        Band[] calibration = new Band[held.Rows];
        bands.Predict(held, calibration);
        ConformalRegressor model = new(bands, IntervalCalibration.From(calibration, heldY), 1);
        FeatureSchema schema = FeatureSchema.Numeric(1);
        string folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        VersionDirectory.Publish(
            folder,
            new Manifest
            {
                Task = ModelTask.Regression,
                Method = "split",
                Model = "deep_ensemble",
                Target = "y",
                Columns = schema.Columns,
                SchemaDigest = schema.Digest,
                Created = DateTimeOffset.UnixEpoch,
                Seed = 1,
                Guarantee = ManifestGuarantee.From(model.Guarantee(new Coverage(0.9))),
            },
            model,
            default);
        IIntervalPredictor loaded = VersionDirectory.Load(folder, [new TorchFormat()]).Regressor!;
        Directory.Delete(folder, recursive: true);
        double[] mean = new double[x.Rows], meanAgain = new double[x.Rows];
        Interval[] intervals = new Interval[x.Rows], again = new Interval[x.Rows];
        model.Predict(x, new Coverage(0.9), mean, intervals);
        loaded.Predict(x, new Coverage(0.9), meanAgain, again);
        Assert.Equal(mean, meanAgain);
        Assert.Equal(intervals, again);
    }
}
