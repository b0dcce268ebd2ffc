using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;
using Ueq.Conformal;
using Ueq.Versions;

namespace Ueq.MLNet.Tests;

public sealed class ModelFileTests : IDisposable
{
    private static readonly MLNetFormat Format = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("ueq-mlnet-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private MLNetModelFile File(ITransformer model, IDataView? data = null) => MLNetModelFile.Open(PipelineFiles.Save(model, data ?? PipelineFiles.Data, _folder));

    private static void Says(Exception fault, params string[] parts)
    {
        foreach (string part in parts) Assert.Contains(part, fault.Message, StringComparison.Ordinal);
    }

    private static byte[] Bytes(IStoredPredictor model)
    {
        using MemoryStream memory = new();
        model.Save(memory);
        return memory.ToArray();
    }

    [Fact]
    public void ARegressionReadsItsColumnsByName()
    {
        ITransformer model = PipelineFiles.Regression;
        MLNetModelFile file = File(model);
        Assert.Equal((ModelTask.Regression, null), (file.Task, file.Classes));
        Assert.Equal(["Size", "Age", "Floors", "Garden", "City"], file.Columns);
        MLNetRegressor predictor = Assert.IsType<MLNetRegressor>(file.Predictor(PipelineFiles.Schema));
        Assert.Equal(8, predictor.Features);
        Assert.Equal(PipelineFiles.Numbers(model, PipelineFiles.Data, "Score"), Sets.Predict(predictor, PipelineFiles.X));
    }

    [Fact]
    public void SeveralClassesAreNamedInTheirOrder()
    {
        ITransformer model = PipelineFiles.Several;
        MLNetModelFile file = File(model);
        Assert.Equal(ModelTask.Classification, file.Task);
        Assert.Equal(["high", "low", "middle"], file.Classes!.Order());
        Assert.DoesNotContain("Grade", file.Columns);
        MLNetClassifier predictor = Assert.IsType<MLNetClassifier>(file.Predictor(PipelineFiles.Schema));
        double[] probabilities = Sets.Probabilities(predictor, PipelineFiles.X), expected = PipelineFiles.Vectors(model, PipelineFiles.Data);
        // A softmax in single precision sums to 1 but for some rounding, which we take out.
        Assert.All(probabilities.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-5));
        int right = PipelineFiles.Houses.Where((house, i) =>
            file.Classes![probabilities.AsSpan(3 * i, 3).IndexOf(probabilities[(3 * i)..(3 * i + 3)].Max())] == house.Grade).Count();
        Assert.InRange(right, 0.8 * PipelineFiles.Rows, PipelineFiles.Rows);
    }

    [Fact]
    public void YesAndNoAreTwoClasses()
    {
        ITransformer model = PipelineFiles.Two;
        MLNetModelFile file = File(model);
        Assert.Equal(["False", "True"], file.Classes!);
        MLNetClassifier predictor = (MLNetClassifier)file.Predictor(PipelineFiles.Schema);
        double[] yes = PipelineFiles.Numbers(model, PipelineFiles.Data, "Probability"), probabilities = Sets.Probabilities(predictor, PipelineFiles.X);
        for (int i = 0; i < yes.Length; i++) Assert.Equal((1 - yes[i], yes[i]), (probabilities[2 * i], probabilities[2 * i + 1]));
    }

    [Fact]
    public void OneVectorTakesTheColumnsInTheirOrder()
    {
        ITransformer model = PipelineFiles.Context.Regression.Trainers.FastTree(new Microsoft.ML.Trainers.FastTree.FastTreeRegressionTrainer.Options { NumberOfTrees = 20, NumberOfThreads = 1 }).Fit(PipelineFiles.PointData);
        MLNetModelFile file = File(model, PipelineFiles.PointData);
        Assert.Equal(["Features"], file.Columns);
        FeatureSchema schema = new([new FeatureColumn("size"), new FeatureColumn("age"), new FeatureColumn("floors")]);
        Assert.Equal(PipelineFiles.Numbers(model, PipelineFiles.PointData, "Score"), Sets.Predict((MLNetRegressor)file.Predictor(schema), PipelineFiles.PointX));
        Says(Assert.Throws<ArgumentException>(() => file.Predictor(FeatureSchema.Numeric(4))), "model.zip", "expected 3 features", "'Features'", "got 4", "f3");
    }

    [Fact]
    public void AVectorOfNamedSlotsTakesTheColumnsByName()
    {
        string csv = Path.Combine(_folder, "rows.csv");
        System.IO.File.WriteAllLines(csv, ["b,a,y", .. Enumerable.Range(0, 60).Select(i => FormattableString.Invariant($"{i % 7},{i % 11},{i % 11 - 3 * (i % 7)}"))]);
        IDataView rows = PipelineFiles.Context.Data.CreateTextLoader(
            new TextLoader.Options
            {
                Separators = [','],
                HasHeader = true,
                Columns = [new TextLoader.Column("Features", DataKind.Single, 0, 1), new TextLoader.Column("Label", DataKind.Single, 2)],
            },
            new MultiFileSource(csv)).Load(csv);
        ITransformer model = PipelineFiles.Linear().Fit(rows);
        FeatureSchema schema = new([new FeatureColumn("a"), new FeatureColumn("b")]);
        float[] x = [.. Enumerable.Range(0, 60).SelectMany(i => (float[])[i % 11, i % 7])];
        double[] expected = PipelineFiles.Numbers(model, rows, "Score");
        double[] actual = Sets.Predict((MLNetRegressor)File(model, rows).Predictor(schema), new FeatureMatrix(x, 2));
        Assert.Equal(expected, actual);
    }

    [Fact]
    public void AStoredPipelineComesBackBitForBit()
    {
        MLNetRegressor regression = (MLNetRegressor)File(PipelineFiles.Regression).Predictor(PipelineFiles.Schema);
        MLNetClassifier several = (MLNetClassifier)File(PipelineFiles.Several).Predictor(PipelineFiles.Schema);
        MLNetClassifier two = (MLNetClassifier)File(PipelineFiles.Two).Predictor(PipelineFiles.Schema);
        byte[] bytes = Bytes(regression);
        MLNetRegressor loaded = Assert.IsType<MLNetRegressor>(Format.Load(new MemoryStream(bytes)));
        Assert.Equal(Sets.Predict(regression, PipelineFiles.X), Sets.Predict(loaded, PipelineFiles.X));
        Assert.Equal(bytes, Bytes(loaded));
        foreach (MLNetClassifier model in (MLNetClassifier[])[several, two])
        {
            MLNetClassifier again = Assert.IsType<MLNetClassifier>(Format.Load(new MemoryStream(Bytes(model))));
            Assert.Equal(Sets.Probabilities(model, PipelineFiles.X), Sets.Probabilities(again, PipelineFiles.X));
        }
    }

    [Fact]
    public void ACalibratedPipelineIsPublishedAndLoadedAsAVersion()
    {
        MLNetRegressor model = (MLNetRegressor)File(PipelineFiles.Regression).Predictor(PipelineFiles.Schema);
        Band[] bands = new Band[PipelineFiles.Rows];
        new PointBands(model).Predict(PipelineFiles.X, bands);
        double[] y = [.. PipelineFiles.Houses.Select(house => (double)house.Price)];
        ConformalRegressor calibrated = new(new PointBands(model), IntervalCalibration.From(bands, y), 8);
        string version = Path.Combine(_folder, "version");
        VersionDirectory.Publish(version, new Manifest
        {
            Task = ModelTask.Regression,
            Method = "split",
            Model = "mlnet",
            Target = "Label",
            Columns = PipelineFiles.Schema.Columns,
            SchemaDigest = PipelineFiles.Schema.Digest,
            Created = DateTimeOffset.UnixEpoch,
            Seed = 0,
            Guarantee = ManifestGuarantee.From(calibrated.Guarantee(default)),
        }, calibrated, default);
        IIntervalPredictor loaded = VersionDirectory.Load(version, [Format]).Regressor!;
        Interval[] expected = new Interval[PipelineFiles.Rows], actual = new Interval[PipelineFiles.Rows];
        double[] predictions = new double[PipelineFiles.Rows];
        calibrated.Predict(PipelineFiles.X, default, predictions, expected);
        loaded.Predict(PipelineFiles.X, default, predictions, actual);
        Assert.Equal(expected, actual);
    }

    [Fact]
    public void AModelThatWasCalibratedInMLNetIsReadToo()
    {
        IntervalTransformer model = PipelineFiles.Context.Regression.Calibrate(PipelineFiles.Regression, PipelineFiles.Data);
        MLNetModelFile file = File(model);
        Assert.Equal(PipelineFiles.Numbers(model, PipelineFiles.Data, "Score"), Sets.Predict((MLNetRegressor)file.Predictor(PipelineFiles.Schema), PipelineFiles.X));
    }

    [Fact]
    public void BatchesRowsSlicesAndThreadsAgree()
    {
        MLNetRegressor model = (MLNetRegressor)File(PipelineFiles.Regression).Predictor(PipelineFiles.Schema);
        FeatureMatrix x = PipelineFiles.X;
        float[] before = x.Values.ToArray();
        double[] batch = Sets.Predict(model, x);
        for (int i = x.Rows - 1; i >= 0; i--) Assert.Equal(batch[i], Sets.Predict(model, x.Slice(i, 1))[0]);
        Assert.Equal(batch[7..77], Sets.Predict(model, x.Slice(7, 70)));
        Parallel.For(0, 32, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ => Assert.Equal(batch, Sets.Predict(model, x)));
        Assert.Equal(before, x.Values.ToArray());
        Assert.Empty(Sets.Predict(model, default));
    }

    [Fact]
    public void NothingIsAllocatedPerRow()
    {
        MLNetRegressor model = (MLNetRegressor)File(PipelineFiles.Regression).Predictor(PipelineFiles.Schema);
        double[] answers = new double[PipelineFiles.Rows];
        for (int warm = 0; warm < 3; warm++) model.Predict(PipelineFiles.X, answers);
        long before = GC.GetAllocatedBytesForCurrentThread();
        model.Predict(PipelineFiles.X, answers);
        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(bytes < 256, $"{bytes} bytes for {PipelineFiles.Rows} rows");
    }

    [Fact]
    public void ValuesThatTheirColumnCannotHoldAreRefusedWithTheirPlace()
    {
        MLNetRegressor model = (MLNetRegressor)File(PipelineFiles.Regression).Predictor(PipelineFiles.Schema);
        // City (Ulm, Rom, Bern), Garden, Floors, More, Age, Size.
        foreach ((float[] row, string[] says) in ((float[], string[])[])
        [
            ([1, 0, 0, 0, 2.5f, 0, 10, 90], ["column 4", "whole number", "'Floors'", "Int32", "2.5"]),
            ([1, 0, 0, 0, 3e9f, 0, 10, 90], ["column 4", "'Floors'"]),
            ([1, 0, 0, 2, 2, 0, 10, 90], ["column 3", "0 or 1", "'Garden'", "got 2"]),
            ([1, 1, 0, 0, 2, 0, 10, 90], ["one category", "'City'", "got 2"]),
            ([0, 0, 0, 0, 2, 0, 10, 90], ["one category", "'City'", "got 0"]),
            ([0.5f, 0, 0, 0, 2, 0, 10, 90], ["column 0", "'City'", "0.5"]),
            ([1, 0, 0, 0, 2, 0, float.NaN, 90], ["column 6", "NaN"]),
        ])
        {
            float[] two = [.. PipelineFiles.X.Row(0), .. row];
            Says(Assert.Throws<ArgumentException>(() => Sets.Predict(model, new FeatureMatrix(two, 8))), ["row 1", .. says]);
        }

        Says(Assert.Throws<ArgumentException>(() => Sets.Predict(model, new FeatureMatrix(new float[14], 7))), "Expected 8 features", "model.zip", "got 7");
    }

    [Fact]
    public void AMissingValueReachesThePipelineWhereTheDataAllowIt()
    {
        ITransformer pipeline = PipelineFiles.Context.Transforms.ReplaceMissingValues("Size", replacementMode: Microsoft.ML.Transforms.MissingValueReplacingEstimator.ReplacementMode.Mean)
            .Append(PipelineFiles.Features()).Append(PipelineFiles.Linear()).Fit(PipelineFiles.Data);
        FeatureSchema schema = new([.. PipelineFiles.Schema.Columns.Select(column => column with { Missing = MissingValues.Allowed })]);
        MLNetRegressor model = (MLNetRegressor)File(pipeline).Predictor(schema);
        float mean = PipelineFiles.Houses.Average(house => house.Size);
        float[] missing = [0, 1, 0, 1, 2, 0, 10, float.NaN], filled = [0, 1, 0, 1, 2, 0, 10, mean], noCity = [float.NaN, float.NaN, float.NaN, 1, 2, 0, 10, 90];
        Assert.Equal(Sets.Predict(model, new FeatureMatrix(filled, 8))[0], Sets.Predict(model, new FeatureMatrix(missing, 8))[0], 0.01);
        Assert.True(double.IsFinite(Sets.Predict(model, new FeatureMatrix(noCity, 8))[0]));
        float[] noFloors = [0, 1, 0, 1, float.NaN, 0, 10, 90];
        Says(Assert.Throws<ArgumentException>(() => Sets.Predict(model, new FeatureMatrix(noFloors, 8))), "column 4", "whole number", "'Floors'");
    }

    [Fact]
    public void YesAndNoInTextsAreBooleans()
    {
        MLNetModelFile file = File(PipelineFiles.Regression);
        FeatureColumn[] columns = [.. PipelineFiles.Schema.Columns.Select(column => column.Name == "Garden" ? new FeatureColumn("Garden") { Categories = ["yes", "No"] } : column)];
        float[] with = [1, 0, 0, 1, 0, 2, 0, 10, 90], without = [1, 0, 0, 0, 1, 2, 0, 10, 90];
        MLNetRegressor model = (MLNetRegressor)file.Predictor(PipelineFiles.Schema), texts = (MLNetRegressor)file.Predictor(new FeatureSchema(columns));
        Assert.Equal(Sets.Predict(model, new FeatureMatrix(new float[] { 1, 0, 0, 1, 2, 0, 10, 90, 1, 0, 0, 0, 2, 0, 10, 90 }, 8)), Sets.Predict(texts, new FeatureMatrix((float[])[.. with, .. without], 9)));
    }

    [Fact]
    public void ColumnsThatDoNotFitAreNamed()
    {
        MLNetModelFile file = File(PipelineFiles.Regression);
        FeatureColumn[] columns = [.. PipelineFiles.Schema.Columns];
        FeatureSchema With(string name, IReadOnlyList<string>? categories) => new([.. columns.Select(c => c.Name == name ? new FeatureColumn(name) { Categories = categories } : c)]);
        Says(Assert.Throws<ArgumentException>(() => file.Predictor(new FeatureSchema(columns[1..]))), "model.zip", "'City'", "String", "Garden");
        Says(Assert.Throws<ArgumentException>(() => file.Predictor(With("City", null))), "model.zip", "String in the column 'City'", "got numbers");
        Says(Assert.Throws<ArgumentException>(() => file.Predictor(With("Size", ["small", "large"]))), "model.zip", "Single in the column 'Size'", "'small'");
        Says(Assert.Throws<ArgumentException>(() => file.Predictor(With("Garden", ["perhaps", "no"]))), "'Garden'", "'perhaps'");
    }

    [Fact]
    public void ScoresThatAreNoProbabilitiesAreRefused()
    {
        MLContext context = PipelineFiles.Context;
        ITransformer uncalibrated = PipelineFiles.Features().Append(context.BinaryClassification.Trainers.LinearSvm("Dear")).Fit(PipelineFiles.Data);
        Says(Assert.Throws<InvalidDataException>(() => File(uncalibrated)), "model.zip", "'Probability'", "Platt");
        ITransformer raw = context.Transforms.Conversion.MapValueToKey("Class", "Grade").Append(PipelineFiles.Features())
            .Append(context.MulticlassClassification.Trainers.SdcaNonCalibrated(new Microsoft.ML.Trainers.SdcaNonCalibratedMulticlassTrainer.Options { LabelColumnName = "Class", NumberOfThreads = 1, MaximumNumberOfIterations = 5 })).Fit(PipelineFiles.Data);
        MLNetClassifier scores = (MLNetClassifier)File(raw).Predictor(PipelineFiles.Schema);
        Says(Assert.Throws<AssumptionException>(() => Sets.Probabilities(scores, PipelineFiles.X)), "model.zip", "row 0", "Platt");
    }

    [Fact]
    public void APipelineThatIsNeitherRegressionNorClassificationIsRefused()
    {
        MLContext context = PipelineFiles.Context;
        ITransformer clusters = PipelineFiles.Features().Append(context.Clustering.Trainers.KMeans(new Microsoft.ML.Trainers.KMeansTrainer.Options { NumberOfClusters = 3, NumberOfThreads = 1 })).Fit(PipelineFiles.Data);
        Says(Assert.Throws<InvalidDataException>(() => File(clusters)), "model.zip", "regression", "got Clustering");
        Says(Assert.Throws<InvalidDataException>(() => File(PipelineFiles.Features().Fit(PipelineFiles.Data))), "model.zip", "'Score'", "Features");
    }

    [Fact]
    public void AFileThatIsNotThereOrOfAnotherKindIsNamed()
    {
        string path = Path.Combine(_folder, "other.zip");
        Says(Assert.Throws<FileNotFoundException>(() => MLNetModelFile.Open(path)), path);
        System.IO.File.WriteAllText(path, "this is text and no model");
        Says(Assert.Throws<InvalidDataException>(() => MLNetModelFile.Open(path)), path, "mlContext.Model.Save");
        System.IO.File.Delete(path);
        using (ZipArchive zip = ZipFile.Open(path, ZipArchiveMode.Create)) zip.CreateEntry("note.txt").Open().Dispose();
        Says(Assert.Throws<InvalidDataException>(() => MLNetModelFile.Open(path)), path, "mlContext.Model.Save");
    }

    [Fact]
    public void ADamagedFileIsInvalidDataOrHarmless()
    {
        string path = PipelineFiles.Save(PipelineFiles.Regression, PipelineFiles.Data, _folder);
        byte[] whole = System.IO.File.ReadAllBytes(path);
        double[] expected = Sets.Predict((MLNetRegressor)MLNetModelFile.Open(path).Predictor(PipelineFiles.Schema), PipelineFiles.X.Slice(0, 5));
        for (int length = 0; length < whole.Length; length += Math.Max(1, whole.Length / 30))
        {
            System.IO.File.WriteAllBytes(path, whole[..length]);
            Says(Assert.Throws<InvalidDataException>(() => MLNetModelFile.Open(path)), path);
        }

        Rng rng = Rng.Stream(4, 0);
        for (int trial = 0; trial < 200; trial++)
        {
            byte[] damaged = [.. whole];
            damaged[rng.NextIndex(whole.Length)] ^= (byte)(1 + rng.NextIndex(255));
            System.IO.File.WriteAllBytes(path, damaged);
            try
            {
                double[] answers = Sets.Predict((MLNetRegressor)MLNetModelFile.Open(path).Predictor(PipelineFiles.Schema), PipelineFiles.X.Slice(0, 5));
                Assert.Equal(expected, answers);
            }
            catch (InvalidDataException fault)
            {
                Says(fault, path);
            }
        }
    }

    [Fact]
    public void ADamagedStoredPipelineIsInvalidData()
    {
        byte[] bytes = Bytes(File(PipelineFiles.Regression).Predictor(PipelineFiles.Schema));
        Assert.Throws<InvalidDataException>(() => Format.Load(new MemoryStream([.. bytes, 0])));
        for (int length = 0; length < bytes.Length; length += Math.Max(1, bytes.Length / 60)) Assert.Throws<InvalidDataException>(() => Format.Load(new MemoryStream(bytes[..length])));
        for (int i = 0; i < 400; i++)
        {
            byte[] damaged = [.. bytes];
            damaged[i < 40 ? i : i * (bytes.Length / 400)] ^= (byte)(1 + i % 255);
            Assert.Throws<InvalidDataException>(() => Format.Load(new MemoryStream(damaged)));
        }
    }
}
