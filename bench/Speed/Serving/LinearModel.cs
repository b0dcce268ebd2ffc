using System.Numerics.Tensors;
using Ueq.Monitoring;
using Ueq.Versions;

namespace Ueq.Bench.Serving;

/// <summary>The served model of the benchmark: a weighted sum with an interval of one width.</summary>
internal sealed class LinearModel(float[] weights, double halfWidth) : IIntervalPredictor
{
    public int Features => weights.Length;

    public static ModelVersion Version(int features)
    {
        float[] weights = [.. Enumerable.Range(0, features).Select(i => 0.1f * (i + 1))];
        LinearModel model = new(weights, 2.5);
        FeatureSchema schema = FeatureSchema.Numeric(features);
        Manifest manifest = new()
        {
            Task = ModelTask.Regression,
            Method = "split",
            Model = "linear",
            Target = "y",
            Columns = schema.Columns,
            SchemaDigest = schema.Digest,
            Created = DateTimeOffset.UnixEpoch,
            Seed = 1,
            Guarantee = ManifestGuarantee.From(model.Guarantee(default)),
        };
        return new ModelVersion(manifest, model, Reference(schema, model), new string('0', 64));
    }

    public void Predict(FeatureMatrix x, Coverage coverage, Span<double> predictions, Span<Interval> intervals)
    {
        for (int row = 0; row < x.Rows; row++)
        {
            double value = TensorPrimitives.Dot(x.Row(row), weights);
            predictions[row] = value;
            intervals[row] = new Interval(value - halfWidth, value + halfWidth);
        }
    }

    public Guarantee Guarantee(Coverage coverage) => new(GuaranteeKind.SplitConformal, coverage, coverage.Rank(1000), 1000);

    private static byte[] Reference(FeatureSchema schema, LinearModel model)
    {
        const int Rows = 2000;
        Rng rng = Rng.Stream(1, 1);
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
}
