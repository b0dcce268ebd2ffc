using System.Text;
using Ueq.Bayesian;
using Ueq.Conformal;
using Ueq.Ensembles;
using Ueq.Tests.Support;
using Ueq.Versions;

namespace Ueq.Tests.Versions;

public sealed partial class VersionTests : IDisposable
{
    private static readonly Table _data = Make();
    private readonly string _root = Directory.CreateTempSubdirectory("ueq-versions-").FullName;

    private string Place => Path.Combine(_root, "v1");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static Table Make()
    {
        Rng rng = Rng.Stream(3, 3);
        return Table.Linear(80, 2, 1, ref rng);
    }

    private static Manifest Describe(Guarantee guarantee, ModelTask task = ModelTask.Regression) => new()
    {
        Task = task,
        Method = "split",
        Model = "none",
        Target = "y",
        Columns = FeatureSchema.Numeric(2).Columns,
        SchemaDigest = FeatureSchema.Numeric(2).Digest,
        Classes = task == ModelTask.Classification ? ["no", "yes"] : null,
        Created = DateTimeOffset.UnixEpoch,
        Seed = ulong.MaxValue,
        Guarantee = ManifestGuarantee.From(guarantee),
        Metrics = new Dictionary<string, double> { ["rmse"] = 0.1, ["mean_width"] = double.PositiveInfinity },
    };

    private static readonly ITrainer<IPointPredictor> _linear = new Trainer<IPointPredictor>((x, y, seed) =>
    {
        BayesianLinearRegression fit = BayesianLinearRegression.Fit(x, y);
        return new LinearPredictor(fit.Weights(), fit.Intercept);
    });

    private static IIntervalPredictor Regressor(string kind) => kind switch
    {
        "split" => new SplitConformal().Fit(new AbsoluteTrainer(_linear), _data.X, _data.Y, 1),
        "normalised" => new SplitConformal().Fit(new NormalisedTrainer(_linear), _data.X, _data.Y, 1),
        "bootstrap" => Trainers.Bootstrap(_linear, _data.X, _data.Y, new BootstrapOptions { Members = 11 }, 1),
        "few members" => Trainers.Bootstrap(_linear, _data.X, _data.Y, new BootstrapOptions { Members = 2 }, 1),
        "bayesian" => BayesianLinearRegression.Fit(_data.X, _data.Y),
        "gaussian" => Uq.Calibrate((IGaussianPredictor)BayesianLinearRegression.Fit(_data.X.Slice(0, 40), _data.Y.AsSpan(0, 40)), _data.X, _data.Y),
        "quantile" => Uq.Calibrate(new LinearQuantiles(1, -2), _data.X, _data.Y),
        "cross ensemble" => Uq.Calibrate(Mixed(), _data.X, _data.Y),
        "cross-fitted" => Uq.Calibrate(new CrossFittedGaussianTrainer(_linear, options: new CrossFittedOptions { Folds = 3 }).Fit(_data.X, _data.Y, 1), _data.X, _data.Y),
        "ensemble of ensembles" => Uq.Calibrate([("first", Mixed()), ("second", new LinearPredictor([1, 2], 3))], _data.X, _data.Y),
        _ => throw new ArgumentException(kind),
    };

    private static CrossEnsemble Mixed() => new(
        [new("ours, with a name that is no file's: ../x", BayesianLinearRegression.Fit(_data.X, _data.Y)) { Weight = 3 }, new("theirs", new LinearPredictor([1, 1], 0)) { Weight = 0.1 }]);

    private static ConformalClassifier Classifier() => new(new SignClassifier(2.345678901234567),
        LabelSetCalibration.FromScores([.. Enumerable.Range(0, 50).Select(i => i / 70.0)], 2), 2, EmptySets.Allowed);

    private Manifest Publish(string kind = "split", ulong seed = ulong.MaxValue)
    {
        IIntervalPredictor model = Regressor(kind);
        return VersionDirectory.Publish(Place, Describe(model.Guarantee(default)) with { Seed = seed }, model, Encoding.UTF8.GetBytes("{\"drift\":1}"));
    }

    private ModelVersion Load() => VersionDirectory.Load(Place, [new TestFormat()]);

    private static string[] Below(string directory) => [.. Directory.EnumerateFileSystemEntries(directory, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    [Theory]
    [InlineData("split")]
    [InlineData("normalised")]
    [InlineData("bootstrap")]
    [InlineData("few members")]
    [InlineData("bayesian")]
    [InlineData("gaussian")]
    [InlineData("quantile")]
    [InlineData("cross ensemble")]
    [InlineData("cross-fitted")]
    [InlineData("ensemble of ensembles")]
    public void ALoadedRegressionPredictsTheSameBits(string kind)
    {
        Publish(kind);
        ModelVersion version = Load();
        foreach (double level in (double[])[0.3, 0.8, 0.9, 0.95, 0.999])
        {
            double[] expected = new double[80], actual = new double[80];
            Interval[] expectedIntervals = new Interval[80], actualIntervals = new Interval[80];
            Regressor(kind).Predict(_data.X, new Coverage(level), expected, expectedIntervals);
            version.Regressor!.Predict(_data.X, new Coverage(level), actual, actualIntervals);
            Assert.Equal(expected.Select(BitConverter.DoubleToInt64Bits), actual.Select(BitConverter.DoubleToInt64Bits));
            Assert.Equal(expectedIntervals, actualIntervals);
        }

        Assert.Null(version.Classifier);
        Assert.Equal("{\"drift\":1}", Encoding.UTF8.GetString(version.Reference.Span));
    }

    [Fact]
    public void ALoadedClassificationPredictsTheSameBits()
    {
        ConformalClassifier model = Classifier();
        VersionDirectory.Publish(Place, Describe(model.Guarantee(default), ModelTask.Classification), model, default);
        ModelVersion version = Load();
        double[] expected = new double[160], actual = new double[160];
        ulong[] expectedSets = new ulong[80], actualSets = new ulong[80];
        model.Predict(_data.X, default, expected, expectedSets);
        version.Classifier!.Predict(_data.X, default, actual, actualSets);
        Assert.Equal(expected, actual);
        Assert.Equal(expectedSets, actualSets);
        Assert.True(version.Reference.IsEmpty);
        Assert.Equal(["no", "yes"], version.Manifest.Classes);
    }

    [Fact]
    public void TheManifestComesBackAsItWas()
    {
        Manifest written = Publish();
        Manifest read = Load().Manifest;
        Assert.Equal((written.Seed, written.Created, written.Method, written.Guarantee), (read.Seed, read.Created, read.Method, read.Guarantee));
        Assert.Equal(double.PositiveInfinity, read.Metrics["mean_width"]);
        Assert.Equal(written.Files, read.Files);
        Assert.Equal(64, Load().Digest.Length);
        string[] parts = File.ReadAllText(Path.Combine(Place, "manifest.sha256")).Split("  ");
        Assert.Equal((Load().Digest, "manifest.json\n"), (parts[0], parts[1]));
    }

    [Fact]
    [Trait("Suite", "Faults")]
    public void AnyByteThatIsFlippedInAnyFileIsFound()
    {
        Publish("normalised");
        foreach (string file in Directory.EnumerateFiles(Place, "*", SearchOption.AllDirectories).ToArray())
        {
            byte[] content = File.ReadAllBytes(file);
            for (int at = 0; at < content.Length; at += Math.Max(1, content.Length / 41))
            {
                byte[] damaged = [.. content];
                damaged[at] ^= 1;
                File.WriteAllBytes(file, damaged);
                InvalidDataException error = Assert.Throws<InvalidDataException>(Load);
                Assert.True(NamesFile(error, file) || file.EndsWith("manifest.json", StringComparison.Ordinal), $"{file}, byte {at}: {error.Message}");
            }

            File.WriteAllBytes(file, content);
        }

        Load();
    }

    [Fact]
    public void AnyFileThatIsCutOrEmptiedOrMissingIsNamed()
    {
        Publish("bootstrap");
        foreach (string file in Directory.EnumerateFiles(Place, "*", SearchOption.AllDirectories).ToArray())
        {
            byte[] content = File.ReadAllBytes(file);
            foreach (int length in (int[])[0, content.Length / 2, content.Length - 1])
            {
                File.WriteAllBytes(file, content[..length]);
                // A manifest without its last byte is JSON still, and no longer what was sealed.
                Assert.True(NamesFile(Assert.Throws<InvalidDataException>(Load), file), file);
            }

            File.WriteAllBytes(file, [.. content, (byte)' ']);
            Assert.True(NamesFile(Assert.Throws<InvalidDataException>(Load), file), file);
            File.Delete(file);
            Assert.True(NamesFile(Assert.Throws<InvalidDataException>(Load), file), file);
            File.WriteAllBytes(file, content);
        }

        Load();
    }

    private static bool NamesFile(InvalidDataException error, string file) => error.Message.Contains(Path.GetFileName(file), StringComparison.Ordinal);

    public static TheoryData<string, string, string> WrongManifests => new()
    {
        { "\"format_version\": 1", "\"format_version\": 2", "format_version 1, got 2" },
        { "\"format_version\": 1", "\"format_version\": 2, \"added_later\": true", "format_version 1, got 2" },
        { "\"format_version\": 1", "\"format_version\": 1, \"surprise\": true", "surprise" },
        { "\"format_version\": 1", "\"format_version\": 1, \"format_version\": 1", "format_version" },
        { "\"format_version\": 1", "\"format_version\": \"one\"", "format_version" },
        { "\"target\": \"y\"", "\"target\": null", "target" },
        { "\"target\": \"y\"", "\"target\": 7", "target" },
        { "\"target\": \"y\",", "", "target" },
        { "\"seed\": 18446744073709551615", "\"seed\": -1", "seed" },
        { "\"task\": \"regression\"", "\"task\": \"sorcery\"", "task" },
        { "\"task\": \"regression\"", "\"task\": \"classification\"", "split_regression" },
        { "\"columns\": [", "\"columns\": [null, ", "manifest" },
        { "\"files\": [", "\"files\": [null, ", "null" },
        { "\"calibration.json\"", "\"../calibration.json\"", "../calibration.json" },
        { "\"calibration.json\"", "\"/etc/hostname\"", "/etc/hostname" },
        { "\"calibration.json\"", "\"model/../calibration.json\"", "model/../calibration.json" },
        { "\"calibration.json\"", "\"C:\\\\calibration.json\"", "C:" },
        { "\"calibration.json\"", "\"\"", "''" },
        { "\"calibration.json\"", "\"model\"", "missing" },
        { "\"calibration.json\"", "\"reference.json\"", "reference.json" },
        { "\"target\": \"y\"", "\"target\": \"z\"", "manifest.sha256" },
    };

    [Theory]
    [MemberData(nameof(WrongManifests))]
    public void AManifestThatIsWrongIsRefusedAndSaysWhere(string before, string after, string said)
    {
        Publish();
        Tamper("manifest.json", text => text.Replace(before, after, StringComparison.Ordinal), seal: said != "manifest.sha256");
        InvalidDataException error = Assert.Throws<InvalidDataException>(Load);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.Contains(Place, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFileThatIsListedTwiceIsRefused()
    {
        Manifest manifest = Publish();
        VersionFile file = manifest.Files[0];
        string entry = $"{{\"path\":\"{file.Path}\",\"bytes\":{file.Bytes},\"sha256\":\"{file.Sha256}\"}},";
        Tamper("manifest.json", text => text.Replace("\"files\": [", "\"files\": [" + entry, StringComparison.Ordinal));
        Assert.Contains("twice", Assert.Throws<InvalidDataException>(Load).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ColumnsThatDoNotFitTheModelOrTheirDigestAreRefused()
    {
        Publish();
        Tamper("manifest.json", text => text.Replace("\"f0\"", "\"g0\"", StringComparison.Ordinal));
        Assert.Contains("schema digest", Assert.Throws<InvalidDataException>(Load).Message, StringComparison.Ordinal);
    }

    // Changes a file and makes the manifest and the seal agree with it, as one who means harm would.
    private void Tamper(string file, Func<string, string> change, bool seal = true)
    {
        string place = Path.Combine(Place, file), text = File.ReadAllText(place), changed = change(text);
        Assert.NotEqual(text, changed);
        File.WriteAllText(place, changed);
        string manifest = Path.Combine(Place, "manifest.json");
        if (file != "manifest.json")
        {
            string old = File.ReadAllText(manifest);
            old = old.Replace(Digest(text), Digest(changed), StringComparison.Ordinal)
                .Replace($"\"bytes\": {Encoding.UTF8.GetByteCount(text)}", $"\"bytes\": {Encoding.UTF8.GetByteCount(changed)}", StringComparison.Ordinal);
            File.WriteAllText(manifest, old);
        }

        if (seal) File.WriteAllText(Path.Combine(Place, "manifest.sha256"), $"{Digest(File.ReadAllText(manifest))}  manifest.json\n");
    }

    private static string Digest(string text) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    public static TheoryData<string, string, string, string> WrongCalibrations => new()
    {
        { "split", "\"features\": 2", "\"features\": 3", "features" },
        { "split", "\"features\": 2", "\"features\": 0", "feature" },
        { "split", "\"kind\": \"split_regression\"", "\"kind\": \"split_sorcery\"", "split_sorcery" },
        { "split", "\"kind\": \"split_regression\"", "\"kind\": \"split_classification\"", "split_classification" },
        { "split", "\"kind\": \"split_regression\"", "\"kind\": \"bayesian_linear\"", "bayesian_linear" },
        { "split", "\"kind\": \"split_regression\"", "\"kind\": \"jackknife_after_bootstrap\"", "calibration.json" },
        { "split", "\"scores\": [", "\"scores\": [null, ", "score" },
        { "split", "\"scores\": [", "\"scores\": [1e999, ", "score" },
        { "split", "\"models\": [", "\"models\": [null, ", "null" },
        { "split", "\"file\": \"model/point.test_linear\"", "\"file\": \"model/other\"", "other" },
        { "normalised", "\"floor\": ", "\"floor\": -", "floor" },
        { "bootstrap", "\"scores\": [", "\"scores\": [1, ", "membership" },
        { "few members", "\"bags\": \"", "\"bags\": \"AAAA", "membership" },
        { "few members", "null", "1", "residual" },
    };

    [Theory]
    [MemberData(nameof(WrongCalibrations))]
    public void ACalibrationThatIsWrongIsRefusedEvenWhenItsDigestFits(string kind, string before, string after, string said)
    {
        Publish(kind);
        Tamper("calibration.json", text => text.Replace(before, after, StringComparison.Ordinal));
        InvalidDataException error = Assert.Throws<InvalidDataException>(Load);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.Contains(Place, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"noise_precision\": ", "\"noise_precision\": -")]
    [InlineData("\"weights\": [", "\"weights\": [0, ")]
    [InlineData("\"centre\": ", "\"centre\": 1e999, \"x\": ")]
    [InlineData("\"weights\": [", "\"weights\": [1e999], \"y\": [")]
    [InlineData("\"covariance_root\": [", "\"covariance_root\": [7, ")]
    [InlineData("\"rows\": ", "\"rows\": \"many\", \"z\": ")]
    public void ABayesianModelThatIsWrongIsRefusedAndNamed(string before, string after)
    {
        Publish("bayesian");
        Tamper("model/point.bayesian_linear", text => text.Replace(before, after, StringComparison.Ordinal));
        Assert.Contains("point.bayesian_linear", Assert.Throws<InvalidDataException>(Load).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnUnknownFormatNamesTheKnownOnes()
    {
        Publish();
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => VersionDirectory.Load(Place, []));
        Assert.Contains("test_linear", error.Message, StringComparison.Ordinal);
        Assert.Contains("bayesian_linear", error.Message, StringComparison.Ordinal);
        Assert.Contains("point.test_linear", error.Message, StringComparison.Ordinal);
    }
}
