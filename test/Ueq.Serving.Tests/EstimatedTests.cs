using System.Globalization;
using System.Text.Json;
using Ueq.Monitoring;
using Ueq.Versions;

namespace Ueq.Serving.Tests;

// Without labels: rows move to where the model errs more or less, and the estimate has to go there too.
[Collection("alone")]
public sealed class EstimatedTests
{
    [Fact]
    public async Task TheLossesOfARegressionFollowItsRows()
    {
        await using Server server = await Server.Start(Regression());
        JsonElement before = (await server.Get("/coverage")).Body.GetProperty("estimated");
        Assert.Equal("no_rows", before.GetProperty("state").GetString());
        foreach ((double from, double to) in new[] { (0.0, 1.0), (0.7, 1.0), (0.0, 0.3) })
        {
            Rng rng = Rng.Stream(9, (ulong)(from * 10));
            double truth = 0;
            float[] rows = new float[3000];
            for (int i = 0; i < rows.Length; i += 3)
            {
                double place = from + (to - from) * rng.NextUniform();
                (rows[i], rows[i + 1], rows[i + 2]) = ((float)place, (float)rng.NextNormal(), (float)rng.NextNormal());
                truth += Math.Abs(Noise(place, ref rng)) / 1000;
            }

            JsonElement estimated = await Estimate(server, rows, 3);
            double mae = estimated.GetProperty("mae").GetProperty("value").GetDouble(), error = estimated.GetProperty("mae").GetProperty("error").GetDouble();
            Assert.Equal("dle", estimated.GetProperty("method").GetString());
            Assert.Equal("no concept shift", estimated.GetProperty("assumes").GetString());
            Assert.InRange(mae, truth - 4 * error, truth + 4 * error);
            double reference = estimated.GetProperty("mae").GetProperty("reference").GetDouble();
            if (from == 0.7) Assert.InRange(mae, 1.3 * reference, 3 * reference);
            if (to == 0.3) Assert.InRange(mae, 0.1 * reference, 0.7 * reference);
            Assert.Equal(mae, (await server.Get("/health")).Body.GetProperty("performance").GetProperty("estimated_mae").GetDouble());
        }

        string metrics = await server.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        Assert.Contains("ueq_estimated_mae{model=\"y\"", metrics, StringComparison.Ordinal);
        Assert.Contains("figure=\"rmse\"", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("ueq_estimated_accuracy{", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheAccuracyOfAClassifierFollowsItsRows()
    {
        await using Server server = await Server.Start(Classification());
        foreach (double width in new[] { 3.0, 0.5 })
        {
            Rng rng = Rng.Stream(4, (ulong)width);
            float[] rows = [.. Enumerable.Range(0, 1000).Select(_ => (float)(width * rng.NextNormal()))];
            double truth = rows.Average(x => Math.Max(Chance(x), 1 - Chance(x)));
            JsonElement estimated = await Estimate(server, rows, 1);
            JsonElement accuracy = estimated.GetProperty("accuracy");
            Assert.Equal("cbpe", estimated.GetProperty("method").GetString());
            double error = accuracy.GetProperty("error").GetDouble();
            Assert.InRange(accuracy.GetProperty("value").GetDouble(), truth - 4 * error, truth + 4 * error);
            Assert.InRange(accuracy.GetProperty("value").GetDouble() - accuracy.GetProperty("reference").GetDouble(), width > 1 ? 0.05 : -0.5, width > 1 ? 0.5 : -0.05);
            Assert.True(estimated.TryGetProperty("roc_auc", out _));
        }
    }

    [Fact]
    public async Task AVersionWithoutAnEstimatorSaysSo()
    {
        await using Server server = await Server.Start(Fakes.Sum(reference: true));
        JsonElement estimated = (await server.Get("/coverage")).Body.GetProperty("estimated");
        Assert.Equal("not_available", estimated.GetProperty("state").GetString());
        Assert.Contains("no estimator", estimated.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.False((await server.Get("/health")).Body.GetProperty("performance").TryGetProperty("estimated_mae", out _));
    }

    [Fact]
    public void AnEstimatorOfOtherColumnsIsRefused()
    {
        ModelVersion sum = Fakes.Sum(4, reference: true);
        ModelVersion wrong = new(sum.Manifest, sum.Regressor!, sum.Reference, sum.Digest) { Estimator = Regression().Estimator };
        Assert.Contains("4 features, got one of 3", Assert.Throws<ArgumentException>(() => new ServedModel("y", "y", wrong, new UeqServiceConfig(), TimeProvider.System)).Message, StringComparison.Ordinal);
    }

    private static double Chance(double x) => 1 / (1 + Math.Exp(-1.5 * x));

    private static double Noise(double place, ref Rng rng) => (0.2 + 2 * place) * rng.NextNormal();

    private static async Task<JsonElement> Estimate(Server server, float[] rows, int width)
    {
        long earlier = (await server.Get("/monitoring")).Body.GetProperty("rows").GetInt64();
        string x = string.Join(',', rows.Chunk(width).Select(row => $"[{string.Join(',', row.Select(v => v.ToString("R", CultureInfo.InvariantCulture)))}]"));
        await server.Predict($"{{\"X\":[{x}]}}");
        await server.Until("/monitoring", m => m.GetProperty("rows").GetInt64() == earlier + rows.Length / width);
        JsonElement estimated = (await server.Get("/coverage")).Body.GetProperty("estimated");
        Assert.Equal(1000, estimated.GetProperty("rows").GetInt64());
        return estimated;
    }

    // The fake sums its features; the truth is that and a noise that grows with the first one.
    private static ModelVersion Regression()
    {
        const int Rows = 4000;
        ModelVersion sum = Fakes.Sum(reference: true);
        Rng rng = Rng.Stream(2, 2);
        float[] x = new float[3 * Rows];
        double[] predictions = new double[Rows], y = new double[Rows];
        for (int row = 0; row < Rows; row++)
        {
            double place = rng.NextUniform();
            (x[3 * row], x[3 * row + 1], x[3 * row + 2]) = ((float)place, (float)rng.NextNormal(), (float)rng.NextNormal());
            predictions[row] = (double)x[3 * row] + x[3 * row + 1] + x[3 * row + 2];
            y[row] = predictions[row] + Noise(place, ref rng);
        }

        using MemoryStream saved = new();
        LossEstimator.From(new FeatureMatrix(x, 3), predictions, y).Save(saved);
        return new ModelVersion(sum.Manifest, sum.Regressor!, sum.Reference, sum.Digest) { Estimator = saved.ToArray() };
    }

    // A class with the chance of a logistic curve, whose model is three times as sure as it should be.
    private static ModelVersion Classification()
    {
        const int Rows = 4000;
        FeatureSchema schema = FeatureSchema.Numeric(1);
        FunctionClassifier model = new(1);
        Rng rng = Rng.Stream(7, 1);
        float[] x = [.. Enumerable.Range(0, Rows).Select(_ => (float)rng.NextNormal())];
        int[] y = [.. x.Select(v => rng.NextUniform() < Chance(v) ? 1 : 0)];
        double[] p = new double[2 * Rows], tops = new double[Rows], sizes = new double[Rows];
        ulong[] sets = new ulong[Rows];
        model.Predict(new FeatureMatrix(x, 1), default, p, sets);
        for (int i = 0; i < Rows; i++) (tops[i], sizes[i]) = (p[2 * i + 1] > 0.5 ? 1 : 0, 1);
        using MemoryStream reference = new(), saved = new();
        DriftReference.From(schema, new FeatureMatrix(x, 1), tops, sizes).Save(reference);
        ClassEstimator.From(p, 2, y).Save(saved);
        Manifest manifest = Fakes.Classes("a", "b").Manifest with { Columns = schema.Columns, SchemaDigest = schema.Digest };
        return new ModelVersion(manifest, model, reference.ToArray(), Fakes.Digest) { Estimator = saved.ToArray() };
    }

    private sealed class FunctionClassifier(int features) : ILabelSetPredictor
    {
        public int Features => features;

        public int Classes => 2;

        public void Predict(FeatureMatrix x, Coverage coverage, Span<double> probabilities, Span<ulong> sets)
        {
            for (int row = 0; row < x.Rows; row++)
            {
                double one = 1 / (1 + Math.Exp(-4.5 * x.Row(row)[0]));
                (probabilities[2 * row], probabilities[2 * row + 1]) = (1 - one, one);
                sets[row] = one > 0.5 ? 2UL : 1;
            }
        }

        public Guarantee Guarantee(Coverage coverage) => new(GuaranteeKind.SplitConformal, coverage, coverage.Rank(100), 100);
    }
}
