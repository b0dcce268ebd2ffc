using System.IO.Compression;
using Ueq.Versions;

namespace Ueq.MLNet.Tests;

public sealed class StoredModelTests
{
    public static TheoryData<string> Names => [.. Sets.Names];

    private static readonly MLNetFormat Format = new();

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

    [Theory]
    [MemberData(nameof(Names))]
    public void ARegressionComesBackBitForBit(string name)
    {
        (FeatureMatrix x, double[] y) = Sets.Simple(200);
        MLNetRegressor model = MLNetTrainers.Regression(name).Fit(x, y, 1);
        Assert.Equal(Format.Name, model.Format);
        byte[] bytes = Save(model);
        MLNetRegressor loaded = Assert.IsType<MLNetRegressor>(Format.Load(new MemoryStream(bytes)));
        Assert.Equal(Sets.Predict(model, x), Sets.Predict(loaded, x));
        Assert.Equal((3, model.AcceptsMissing), (loaded.Features, loaded.AcceptsMissing));
        Assert.Equal(Sets.Predict(model, x), Sets.Predict((MLNetRegressor)Format.Load(new MemoryStream(Save(loaded))), x));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void AClassificationComesBackBitForBit(string name)
    {
        (FeatureMatrix x, double[] y) = Sets.Simple(200);
        double[][] targets = [Sets.Above(y), [.. y.Select(v => v < -1 ? 0.0 : v < 1 ? 2 : 4)], [.. y.Select(_ => 3.0)]];
        foreach (double[] target in targets)
        {
            MLNetClassifier model = MLNetTrainers.Classification(name, 5).Fit(x, target, 1);
            byte[] bytes = Save(model);
            MLNetClassifier loaded = Assert.IsType<MLNetClassifier>(Format.Load(new MemoryStream(bytes)));
            Assert.Equal(5, loaded.Classes);
            Assert.Equal(Sets.Probabilities(model, x), Sets.Probabilities(loaded, x));
        }
    }

    [Fact]
    public void ADamagedFileIsInvalidData()
    {
        (FeatureMatrix x, double[] y) = Sets.Simple(60);
        byte[] bytes = Save(new MLNetRegressionTrainer(new LightGbmOptions { Trees = 5 }).Fit(x, y, 1));
        Assert.Throws<InvalidDataException>(() => Format.Load(new MemoryStream()));
        Assert.Throws<InvalidDataException>(() => Format.Load(new MemoryStream([.. bytes, 0])));
        Assert.Throws<InvalidDataException>(() => Format.Load(new MemoryStream("PK\u0003\u0004 some zip that is not ours"u8.ToArray())));
        for (int length = 0; length < bytes.Length; length += Math.Max(1, bytes.Length / 60))
            Assert.Throws<InvalidDataException>(() => Format.Load(new MemoryStream(bytes[..length])));
    }

    // Version 1 is version 2 without the last digest.
    private static byte[] AsVersionOne(byte[] bytes)
    {
        byte[] old = bytes[..^32];
        old[8] = 1;
        return old;
    }

    [Fact]
    public void AFileOfVersionOneIsStillRead()
    {
        (FeatureMatrix x, double[] y) = Sets.Simple(60);
        MLNetRegressor model = new MLNetRegressionTrainer(new LightGbmOptions { Trees = 5 }).Fit(x, y, 1);
        MLNetRegressor old = (MLNetRegressor)Format.Load(new MemoryStream(AsVersionOne(Save(model))));
        Assert.Equal(Sets.Predict(model, x), Sets.Predict(old, x));
    }

    [Fact]
    public void AFlippedByteOfVersionOneIsInvalidDataOrHarmless()
    {
        (FeatureMatrix x, double[] y) = Sets.Simple(60);
        byte[] bytes = AsVersionOne(Save(new MLNetRegressionTrainer(new LightGbmOptions { Trees = 5 }).Fit(x, y, 1)));
        Rng rng = Rng.Stream(5, 0);
        for (int trial = 0; trial < 300; trial++)
        {
            byte[] damaged = [.. bytes];
            damaged[trial < 60 ? trial : rng.NextIndex(bytes.Length)] ^= (byte)(1 + rng.NextIndex(255));
            try
            {
                Format.Load(new MemoryStream(damaged));
            }
            catch (InvalidDataException)
            {
            }
        }
    }
}
