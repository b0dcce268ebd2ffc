using Ueq.Conformal;
using Ueq.Ensembles;
using Ueq.Monitoring;
using Ueq.Versions;

namespace Ueq.Serving.Tests;

/// <summary>Small models that are served in tests.</summary>
internal static class Fakes
{
    public const string Digest = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    /// <summary>y = Σ x, interval ± 1.5; unbounded from coverage 0.99 on; throws at 66.5 and answers NaN at 77.5.</summary>
    public static ModelVersion Sum(int features = 3, bool reference = false) => Sum(FeatureSchema.Numeric(features), reference);

    public static ModelVersion Sum(FeatureSchema schema, bool reference = false)
    {
        SumModel model = new(schema.Width);
        return new ModelVersion(Describe(schema, ModelTask.Regression, null), model, reference ? Reference(schema, model) : default, Digest);
    }

    /// <summary>y = Σ x by two functions of different weight.</summary>
    public static ModelVersion Ensemble()
    {
        FeatureMatrix x = new(new float[40], 2);
        CrossEnsemble model = new([new("one", new FunctionPredictor(row => row[0] + row[1])) { Weight = 3 }, new("two", new FunctionPredictor(row => row[0] + row[1])) { Weight = 1 }]);
        return new ModelVersion(Describe(FeatureSchema.Numeric(2), ModelTask.Regression, null) with { Method = "cross_ensemble" }, Uq.Calibrate(model, x, new double[20]), default, Digest);
    }

    /// <summary>y = Σ x, with the scores 0.01 to 0.99: the interval at coverage c reaches c to either side.</summary>
    public static ModelVersion Calibrated(string digest = Digest)
    {
        FeatureMatrix x = new(new float[99 * 2], 2);
        ConformalRegressor model = Uq.Calibrate(new FunctionPredictor(row => row[0] + row[1]), x, [.. Enumerable.Range(1, 99).Select(i => i / 100.0)]);
        return new ModelVersion(Describe(FeatureSchema.Numeric(2), ModelTask.Regression, null), model, default, digest);
    }

    /// <summary>Probabilities 0.7, 0.2, 0.1 rotated by the first feature; the set has as many labels as the second feature says.</summary>
    public static ModelVersion Classes(params string[] names)
    {
        FeatureSchema schema = FeatureSchema.Numeric(2);
        return new ModelVersion(Describe(schema, ModelTask.Classification, names), new ClassModel(), default, Digest);
    }

    public static FeatureSchema Mixed { get; } = new(
    [
        new FeatureColumn("age"),
        new FeatureColumn("colour") { Categories = ["red", "green", "7"] },
        new FeatureColumn("income") { Missing = MissingValues.Allowed },
    ]);

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

    private static byte[] Reference(FeatureSchema schema, SumModel model)
    {
        const int Rows = 500;
        Rng rng = Rng.Stream(3, 1);
        float[] values = new float[Rows * schema.Width];
        for (int i = 0; i < values.Length; i++) values[i] = (float)rng.NextNormal();
        FeatureMatrix x = new(values, schema.Width);
        double[] predictions = new double[Rows];
        Interval[] intervals = new Interval[Rows];
        model.Predict(x, default, predictions, intervals);
        using MemoryStream stored = new();
        DriftReference.From(schema, x, predictions, [.. intervals.Select(i => i.Width)]).Save(stored);
        return stored.ToArray();
    }

    private sealed class SumModel(int features) : IIntervalPredictor
    {
        public int Features => features;

        public void Predict(FeatureMatrix x, Coverage coverage, Span<double> predictions, Span<Interval> intervals)
        {
            for (int row = 0; row < x.Rows; row++)
            {
                double sum = 0;
                foreach (float value in x.Row(row)) sum += float.IsNaN(value) ? -1000 : value;
                if (x.Row(row)[0] == 66.5) throw new InvalidOperationException("a secret of the model");
                predictions[row] = x.Row(row)[0] == 77.5 ? double.NaN : sum;
                intervals[row] = coverage.Value >= 0.99 ? Interval.Unbounded : new Interval(sum - 1.5, sum + 1.5);
            }
        }

        public Guarantee Guarantee(Coverage coverage) => new(GuaranteeKind.SplitConformal, coverage, coverage.Rank(100), 100);
    }

    private sealed class ClassModel : ILabelSetPredictor
    {
        private static readonly double[] Shares = [0.7, 0.2, 0.1];

        public int Features => 2;

        public int Classes => 3;

        public void Predict(FeatureMatrix x, Coverage coverage, Span<double> probabilities, Span<ulong> sets)
        {
            for (int row = 0; row < x.Rows; row++)
            {
                int best = (int)x.Row(row)[0];
                sets[row] = 0;
                for (int k = 0; k < 3; k++)
                {
                    probabilities[row * 3 + (best + k) % 3] = Shares[k];
                    if (k < x.Row(row)[1]) sets[row] |= 1UL << (best + k) % 3;
                }
            }
        }

        public Guarantee Guarantee(Coverage coverage) => new(GuaranteeKind.SplitConformal, coverage, coverage.Rank(100), 100);
    }
}
