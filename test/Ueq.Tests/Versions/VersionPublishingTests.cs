using Ueq.Bayesian;
using Ueq.Conformal;
using Ueq.Tests.Support;
using Ueq.Versions;

namespace Ueq.Tests.Versions;

public sealed partial class VersionTests
{
    [Fact]
    public void WhatIsNoVersionIsRefused()
    {
        Assert.Throws<DirectoryNotFoundException>(Load);
        Directory.CreateDirectory(Place);
        Assert.Contains("not a model version", Assert.Throws<InvalidDataException>(Load).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => VersionDirectory.Load(Place, null!));
    }

    [Theory]
    [InlineData("holiday.txt")]
    [InlineData("manifest.json")]
    public void AForeignDirectoryIsRefusedAndLeftAlone(string file)
    {
        Directory.CreateDirectory(Path.Combine(Place, "photos"));
        File.WriteAllText(Path.Combine(Place, file), "{\"short_name\": \"a web page\"}");
        string[] before = Below(_root);
        Assert.Throws<IOException>(() => Publish());
        Assert.Equal(before, Below(_root));
        Assert.Equal("{\"short_name\": \"a web page\"}", File.ReadAllText(Path.Combine(Place, file)));
    }

    [Fact]
    public void AFileInThePlaceIsRefusedAndAnEmptyDirectoryTaken()
    {
        File.WriteAllText(Place, "hello");
        Assert.Throws<IOException>(() => Publish());
        File.Delete(Place);
        Directory.CreateDirectory(Place);
        Publish();
        Load();
        Assert.Equal(["v1"], Directory.EnumerateFileSystemEntries(_root).Select(Path.GetFileName));
    }

    [Fact]
    public void AVersionIsReplacedWhole()
    {
        Publish("bootstrap");
        string first = Load().Digest;
        Publish("bayesian");
        Assert.NotEqual(first, Load().Digest);
        Assert.IsType<BayesianLinearRegression>(Load().Regressor);
        Assert.Single(Directory.EnumerateFiles(Path.Combine(Place, "model")));
        Assert.Equal(["v1"], Directory.EnumerateFileSystemEntries(_root).Select(Path.GetFileName));
    }

    private sealed class FailingPredictor : IPointPredictor, IStoredPredictor
    {
        public string Format => "test_linear";

        public void Predict(FeatureMatrix x, Span<double> destination) => destination.Clear();

        public void Save(Stream destination)
        {
            destination.Write(new byte[1000]);
            throw new IOException("the disk is full");
        }
    }

    [Fact]
    public void ASaveThatFailsLeavesNothingAndKeepsTheOldVersion()
    {
        ConformalRegressor failing = new(new PointBands(new FailingPredictor()), IntervalCalibration.FromScores([1, 2]), 2);
        Manifest manifest = Describe(failing.Guarantee(default));
        Assert.Throws<IOException>(() => VersionDirectory.Publish(Place, manifest, failing, default));
        Assert.Empty(Below(_root));
        Publish();
        string digest = Load().Digest;
        string[] before = Below(_root);
        Assert.Throws<IOException>(() => VersionDirectory.Publish(Place, manifest, failing, default));
        Assert.Equal(before, Below(_root));
        Assert.Equal(digest, Load().Digest);
    }

    [Fact]
    public void AModelThatCannotBeStoredIsRefusedBeforeAnythingIsWritten()
    {
        ConformalRegressor model = new(new PointBands(new RowPredictor(_ => 0)), IntervalCalibration.FromScores([1, 2]), 2);
        Assert.Contains(nameof(RowPredictor), Assert.Throws<ArgumentException>(() => VersionDirectory.Publish(Place, Describe(model.Guarantee(default)), model, default)).Message, StringComparison.Ordinal);
        Assert.Empty(Below(_root));
    }

    [Fact]
    public void AManifestThatDescribesAnotherModelIsRefusedBeforeAnythingIsWritten()
    {
        IIntervalPredictor model = Regressor("split");
        Manifest right = Describe(model.Guarantee(default));
        foreach (Manifest wrong in (Manifest[])
            [right with { Task = ModelTask.Classification }, right with { Columns = FeatureSchema.Numeric(3).Columns }, right with { SchemaDigest = "x" }, right with { Classes = ["a", "b"] }])
            Assert.Throws<ArgumentException>(() => VersionDirectory.Publish(Place, wrong, model, default));
        ConformalClassifier classifier = Classifier();
        Assert.Throws<ArgumentException>(() => VersionDirectory.Publish(Place, Describe(classifier.Guarantee(default), ModelTask.Classification) with { Classes = ["one"] }, classifier, default));
        Assert.Empty(Below(_root));
    }

    [Fact]
    public void OnlyWhatDeadProcessesLeftOfThisVeryPlaceIsRemoved()
    {
        const int dead = int.MaxValue; // Above any process number.
        string left = Path.Combine(_root, $".v1.{dead}-abcdefgh.ijk.tmp"), alive = Path.Combine(_root, $".v1.{Environment.ProcessId}-abcdefgh.ijk.tmp");
        // The temporary of a neighbour named v1.2147483647-beta begins like one of a dead process of ours.
        string neighbour = Path.Combine(_root, $".v1.{dead}-beta.{Environment.ProcessId}-abcdefgh.ijk.tmp"), other = Path.Combine(_root, $".v2.{dead}-abcdefgh.ijk.tmp");
        foreach (string directory in (string[])[left, alive, neighbour, other]) Directory.CreateDirectory(Path.Combine(directory, "model"));
        Publish();
        Assert.Equal((false, true, true, true), (Directory.Exists(left), Directory.Exists(alive), Directory.Exists(neighbour), Directory.Exists(other)));
    }

    [Fact]
    public async Task AReaderMeetsTheOldVersionOrTheNewButNeverAMixture()
    {
        Publish("split");
        CancellationToken stop = TestContext.Current.CancellationToken;
        Task writer = Task.Run(() =>
        {
            for (ulong i = 0; i < 40; i++) Publish(i % 2 == 0 ? "normalised" : "split", seed: i);
        }, stop);
        int read = 0;
        while (!writer.IsCompleted)
        {
            Assert.IsType<ConformalRegressor>(Load().Regressor);
            read++;
        }

        await writer;
        Assert.True(read > 0);
    }
}
