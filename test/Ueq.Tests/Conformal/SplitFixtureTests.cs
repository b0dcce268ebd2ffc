using System.Text.Json;
using Ueq.Conformal;
using Ueq.Scoring;
using Ueq.Tests.Support;

namespace Ueq.Tests.Conformal;

public sealed class SplitFixtureTests
{
    private static void Near(double expected, double actual, double exactness) =>
        Assert.True(Math.Abs(expected - actual) <= exactness * Math.Max(1, Math.Abs(expected)), $"expected {expected:R}, got {actual:R}");

    [Theory]
    [InlineData("absolute")]
    [InlineData("normalised")]
    public void IntervalsAreThoseOfCrepes(string score)
    {
        const string file = "split-conformal/crepes.json";
        JsonElement fixture = Repository.Fixture(file);
        double exactness = Repository.Exactness(file);
        double[] residuals = fixture.Numbers("residuals"), sigmas = fixture.Numbers("sigmas"), centres = fixture.Numbers("y_hat"), scales = fixture.Numbers("sigmas_test");
        bool isNormalised = score == "normalised";
        Band[] bands = [.. sigmas.Select(sigma => new Band(0, 0, isNormalised ? sigma : 1))];
        IntervalCalibration calibration = IntervalCalibration.From(bands, residuals);
        foreach (JsonProperty level in fixture.GetProperty(score).EnumerateObject())
        {
            double[][] expected = [.. level.Value.EnumerateArray().Select(row => row.Numbers())];
            Coverage coverage = new(double.Parse(level.Name, System.Globalization.CultureInfo.InvariantCulture));
            for (int i = 0; i < expected.Length; i++)
            {
                Interval interval = calibration.Apply(new Band(centres[i], centres[i], isNormalised ? scales[i] : 1), coverage);
                Near(expected[i][0], interval.Lower, exactness);
                Near(expected[i][1], interval.Upper, exactness);
            }
        }
    }

    [Fact]
    public void PValuesAreThoseOfCrepes()
    {
        const string file = "label-sets/crepes-hinge.json";
        JsonElement fixture = Repository.Fixture(file);
        double exactness = Repository.Exactness(file);
        LabelSetCalibration calibration = LabelSetCalibration.From(fixture.Rows("proba_cal").SelectMany(row => row).ToArray(), 3, fixture.Integers("labels"));
        double[] scores = [.. fixture.Numbers("scores").Order()];
        for (int i = 0; i < scores.Length; i++) Near(scores[i], calibration.Scores[i], exactness);
        foreach ((double[] p, double[] expected) in fixture.Rows("proba_test").Zip(fixture.Rows("p_values")))
            for (int label = 0; label < 3; label++) Near(expected[label], calibration.PValue(p[label]), exactness);
    }

    [Fact]
    public void LabelSetsAreThoseOfMapie()
    {
        const string file = "label-sets/mapie-lac.json";
        JsonElement fixture = Repository.Fixture(file);
        LabelSetCalibration calibration = LabelSetCalibration.From(fixture.Rows("proba_cal").SelectMany(row => row).ToArray(), 4, fixture.Integers("labels"));
        Coverage coverage = new(fixture.GetProperty("coverage").GetDouble());
        Near(fixture.GetProperty("quantile").GetDouble(), calibration.Threshold(coverage), Repository.Exactness(file));
        double[][] probabilities = fixture.Rows("proba_test"), expected = fixture.Rows("sets");
        ulong[] sets = new ulong[probabilities.Length];
        calibration.Apply(probabilities.SelectMany(row => row).ToArray(), coverage, EmptySets.TopLabel, sets);
        for (int i = 0; i < sets.Length; i++)
            for (int label = 0; label < 4; label++) Assert.Equal(expected[i][label] == 1, LabelSet.At(sets, i, 4).Contains(label));
    }

    [Fact]
    public void CoverageWidthAndIntervalScoreAreThoseOfMapie()
    {
        const string file = "interval-scores/mapie.json";
        JsonElement fixture = Repository.Fixture(file);
        double exactness = Repository.Exactness(file);
        double[] y = fixture.Numbers("y"), covered = fixture.Numbers("coverage"), widths = fixture.Numbers("width");
        double[][][] ends = [.. fixture.GetProperty("intervals").EnumerateArray().Select(row => row.EnumerateArray().Select(pair => pair.Numbers()).ToArray())];
        for (int level = 0; level < 2; level++)
        {
            Interval[] intervals = [.. ends.Select(pair => new Interval(pair[0][level], pair[1][level]))];
            IntervalReading reading = IntervalScores.Read(intervals, y, default);
            Near(covered[level], reading.Coverage, exactness);
            Near(widths[level], reading.MeanWidth, exactness);
            if (level == 0) Near(fixture.GetProperty("winkler90").GetDouble(), reading.Winkler, exactness);
        }
    }
}
