using CsCheck;

namespace Ueq.Monitoring.Tests;

public sealed class DriftReferenceTests
{
    private static SignalReference Of(params double[] values) => SignalReference.From("s", SignalKind.Size, values);

    [Fact]
    public void CountsSumToTheFiniteValuesAndEachBinHoldsItsOwn() =>
        Gen.OneOf(Gen.Double[-1e3, 1e3], Gen.Int[0, 5].Select(i => (double)i), Gen.Const(double.NaN), Gen.Const(double.PositiveInfinity))
            .Array[1, 400].Sample(values =>
            {
                SignalReference r = Of([.. values]);
                double[] finite = [.. values.Where(double.IsFinite)];
                Assert.Equal(finite.Length, r.Counts.Sum());
                Assert.Equal(values.Length, r.Rows);
                Assert.Equal(values.Count(double.IsNaN), r.Missing);
                Assert.True(r.Counts.Count <= 50);
                for (int b = 0; b < r.Counts.Count; b++)
                {
                    double above = b == 0 ? double.NegativeInfinity : r.Edges[b - 1];
                    double upTo = b == r.Edges.Count ? double.PositiveInfinity : r.Edges[b];
                    Assert.Equal(finite.Count(v => v > above && v <= upTo), r.Counts[b]);
                }
            }, iter: 300);

    [Fact]
    public void FiftyBinsOfAThousandDistinctValuesHoldTwentyEach()
    {
        SignalReference r = Of([.. Enumerable.Range(0, 1000).Select(i => (double)(i * 7919 % 1000))]);
        Assert.Equal(50, r.Counts.Count);
        Assert.All(r.Counts, count => Assert.Equal(20, count));
    }

    [Fact]
    public void TiesHaveABinPerValue()
    {
        SignalReference r = Of(0, 0, 0, 1, 2, 2);
        Assert.Equal([0.0, 1.0], r.Edges);
        Assert.Equal([3L, 1L, 2L], r.Counts);
    }

    [Fact]
    public void WidthsThatDifferOnlyByRoundingAreOneValue()
    {
        SignalReference r = Of(0.1 + 0.2, 0.3, 1e6 + 0.3 - 1e6);
        Assert.Equal(SignalContent.OneValue, Of(0.1 + 0.2, 0.3).Content);
        Assert.Equal([0L, 2L, 0L], Of(0.1 + 0.2, 0.3).Counts);
        Assert.Equal(SignalContent.OneValue, r.Content);
        Assert.Equal(SignalContent.Informative, Of(0.3, 0.3001).Content);
        Assert.Equal(SignalContent.NoValues, Of(double.PositiveInfinity, double.NaN).Content);
    }

    /// <summary>Incidents, silences and rebaselining go by the name.</summary>
    [Fact]
    public void AColumnNamedAsAnotherSignalIsToldApart()
    {
        FeatureSchema schema = new([new("score"), new("prediction"), new("size") { Categories = ["prediction", "b"] }, new("coverage"), new("age")]);
        DriftReference reference = DriftReference.From(schema, new FeatureMatrix(new float[12], 6), new double[2], new double[2], new double[2], []);
        Assert.Equal(
            ["feature:score", "feature:prediction", "size=prediction", "size=b", "feature:coverage", "age", "prediction", "size", "score"],
            reference.Signals.Select(s => s.Name));
    }

    [Fact]
    public void QuartilesAreNumPys()
    {
        SampleSummary s = Of(4, 1, 3, 2).Summary;
        Assert.Equal((4, 2.5, Math.Sqrt(1.25), 1, 1.75, 2.5, 3.25, 4),
            (s.Count, s.Mean, s.StandardDeviation, s.Minimum, s.LowerQuartile, s.Median, s.UpperQuartile, s.Maximum));
    }

    [Fact]
    public void SignalsAreEncodedFeaturesThenPredictionThenSize()
    {
        FeatureSchema schema = new([new("age"), new("colour") { Categories = ["red", "blue"] }]);
        DriftReference r = DriftReference.From(schema, new FeatureMatrix(new float[] { 30, 1, 0, 40, 0, 1 }, 3), [1, 2], [3, double.PositiveInfinity]);
        Assert.Equal(["age", "colour=red", "colour=blue", "prediction", "size"], r.Signals.Select(s => s.Name));
        Assert.Equal((3, 2, 1), (r.Features, r.Rows, r.Signals[4].Unbounded));
    }

    [Fact]
    public void TheCallersMistakesSayWhatWasExpected()
    {
        FeatureSchema schema = FeatureSchema.Numeric(2);
        FeatureMatrix x = new(new float[] { 1, 2 }, 2);
        Assert.Contains("Expected 2 features", Assert.Throws<ArgumentException>(() => DriftReference.From(schema, new(new float[3], 3), [1], [1])).Message);
        Assert.Contains("got none", Assert.Throws<ArgumentException>(() => DriftReference.From(schema, new(ReadOnlyMemory<float>.Empty, 2), [], [])).Message);
        Assert.Contains("Expected 1 predictions", Assert.Throws<ArgumentException>(() => DriftReference.From(schema, x, [1, 2], [1])).Message);
        Assert.Contains("Expected 1 sizes", Assert.Throws<ArgumentException>(() => DriftReference.From(schema, x, [1], [])).Message);
    }
}
