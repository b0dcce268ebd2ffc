using Apache.Arrow;
using ParquetSharp.Arrow;
using Ueq.Conformal;
using Ueq.Serving;
using Ueq.Versions;

namespace Ueq.InferenceLog.Tests;

/// <summary>Versions to log, rows for them, and what was logged.</summary>
internal static class Logs
{
    public static readonly string Digest = new('a', 64);

    public static ModelVersion Sum(int features) => Sum(FeatureSchema.Numeric(features));

    public static ModelVersion Sum(FeatureSchema schema) => new(Describe(schema, ModelTask.Regression, null), new SumModel(schema.Width), default, Digest);

    public static ModelVersion Classes(params string[] names)
    {
        FeatureSchema schema = FeatureSchema.Numeric(2);
        return new ModelVersion(Describe(schema, ModelTask.Classification, names), new ClassModel(names.Length), default, Digest);
    }

    /// <summary>Adds rows of numbers that do not compress.</summary>
    public static void Add(IInferenceLog log, ModelVersion version, int rows, ulong seed, string model = "y")
    {
        Rng rng = Rng.Stream(seed, 1);
        float[] values = new float[rows * version.Schema.Width];
        for (int i = 0; i < values.Length; i++) values[i] = (float)rng.NextNormal();
        double[] predictions = new double[rows];
        for (int i = 0; i < rows; i++) predictions[i] = rng.NextNormal();
        log.Add(new AnsweredRows
        {
            Version = version,
            Model = model,
            RequestId = $"{seed}",
            First = 0,
            Features = new FeatureMatrix(values, version.Schema.Width),
            Predictions = predictions,
            Intervals = [.. predictions.Select(p => new Interval(p - 1, p + 1))],
            Coverage = default,
        });
    }

    public static string[] Files(string folder) => [.. Directory.GetFiles(folder, "*.parquet").Order(StringComparer.Ordinal)];

    /// <summary>All rows of a file; fails where it is not whole.</summary>
    public static List<RecordBatch> Read(string file)
    {
        using FileReader reader = new(file);
        using Apache.Arrow.Ipc.IArrowArrayStream stream = reader.GetRecordBatchReader();
        List<RecordBatch> batches = [];
        while (stream.ReadNextRecordBatchAsync().AsTask().GetAwaiter().GetResult() is { } batch) batches.Add(batch);
        return batches;
    }

    public static long Rows(string file) => Read(file).Sum(batch => (long)batch.Length);

    public static string?[] Texts(IEnumerable<RecordBatch> batches, string column) =>
        [.. batches.SelectMany(batch => batch.Column(column) is StringArray texts ? Enumerable.Range(0, texts.Length).Select(i => (string?)texts.GetString(i)) : throw new InvalidOperationException($"{column} has no texts"))];

    public static double?[] Numbers(IEnumerable<RecordBatch> batches, string column) =>
        [.. batches.SelectMany(batch => batch.Column(column) switch
        {
            DoubleArray doubles => doubles.Select(value => value),
            FloatArray floats => floats.Select(value => (double?)value),
            Int64Array longs => longs.Select(value => (double?)value),
            _ => throw new InvalidOperationException($"{column} has no numbers"),
        })];

    private static Manifest Describe(FeatureSchema schema, ModelTask task, string[]? classes) => new()
    {
        Task = task,
        Method = task == ModelTask.Regression ? "split" : "conformal",
        Model = "fake",
        Target = "y",
        Columns = schema.Columns,
        SchemaDigest = schema.Digest,
        Classes = classes,
        Created = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        Seed = 1,
        Guarantee = new ManifestGuarantee(GuaranteeKind.SplitConformal, 0.9, 91, 100, 91 / 101.0),
        Metrics = new Dictionary<string, double> { ["n_train"] = 100 },
    };

    private sealed class SumModel(int features) : IIntervalPredictor
    {
        public int Features => features;

        public void Predict(FeatureMatrix x, Coverage coverage, Span<double> predictions, Span<Interval> intervals)
        {
            for (int row = 0; row < x.Rows; row++)
            {
                double sum = 0;
                foreach (float value in x.Row(row)) sum += float.IsNaN(value) ? -1000 : value;
                if (sum == 666) throw new InvalidOperationException("a row that the model fails on");
                predictions[row] = sum;
                intervals[row] = coverage.Value >= 0.99 ? Interval.Unbounded : new Interval(sum - 1.5, sum + 1.5);
            }
        }

        public Guarantee Guarantee(Coverage coverage) => new(GuaranteeKind.SplitConformal, coverage, coverage.Rank(100), 100);
    }

    private sealed class ClassModel(int classes) : ILabelSetPredictor
    {
        public int Features => 2;

        public int Classes => classes;

        public void Predict(FeatureMatrix x, Coverage coverage, Span<double> probabilities, Span<ulong> sets)
        {
            probabilities.Fill(0.5 / (classes - 1));
            for (int row = 0; row < x.Rows; row++)
            {
                int best = (int)x.Row(row)[0];
                probabilities[row * classes + best] = 0.5;
                sets[row] = 1UL << best | 1UL;
            }
        }

        public Guarantee Guarantee(Coverage coverage) => new(GuaranteeKind.SplitConformal, coverage, coverage.Rank(100), 100);
    }
}
