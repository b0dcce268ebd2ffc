using System.Text.Json;
using Ueq.Ensembles;
using Ueq.Tests.Support;

namespace Ueq.Tests.Ensembles;

public sealed class AfterBootstrapFixtureTests
{
    [Fact]
    public void IntervalsAreThoseOfTheDefinition()
    {
        const string file = "jackknife-after-bootstrap/explicit.json";
        JsonElement fixture = Repository.Fixture(file);
        double exactness = Repository.Exactness(file);
        double[][] inside = fixture.Rows("bags"), train = fixture.Rows("train_predictions"), test = fixture.Rows("test_predictions");
        double[] targets = fixture.Numbers("targets");
        int members = inside[0].Length, rows = inside.Length;
        Bags bags = new(rows, members, Bits(inside));
        double[] residuals = [.. Enumerable.Range(0, rows).Select(i => Residual(bags, i, train[i], targets[i]))];
        double[] expectedResiduals = fixture.Numbers("residuals");
        for (int i = 0; i < rows; i++)
        {
            if (double.IsNaN(expectedResiduals[i])) Assert.Equal(double.PositiveInfinity, residuals[i]);
            else Assert.Equal(expectedResiduals[i], residuals[i], exactness);
        }

        // Feature 0 of a new row is its index; member m answers with the m-th of its predictions.
        IPointPredictor[] answers = [.. Enumerable.Range(0, members).Select(m => new RowPredictor(row => test[(int)row[0]][m]))];
        JackknifeAfterBootstrap model = new(new BootstrapEnsemble(answers, 1), bags, residuals);
        FeatureMatrix x = new(new float[] { 0, 1, 2 }, 1);
        foreach (JsonProperty level in fixture.GetProperty("intervals").EnumerateObject())
        {
            double[] predictions = new double[3];
            Interval[] intervals = new Interval[3];
            model.Predict(x, new Coverage(double.Parse(level.Name, System.Globalization.CultureInfo.InvariantCulture)), predictions, intervals);
            double[] means = fixture.Numbers("predictions");
            double[][] expected = [.. level.Value.EnumerateArray().Select(row => row.Numbers())];
            for (int t = 0; t < 3; t++)
            {
                Assert.Equal(means[t], predictions[t], exactness);
                if (double.IsNaN(expected[t][0]))
                {
                    Assert.Equal(Interval.Unbounded, intervals[t]);
                    continue;
                }

                Assert.Equal(expected[t][0], intervals[t].Lower, exactness);
                Assert.Equal(expected[t][1], intervals[t].Upper, exactness);
            }
        }
    }

    private static byte[] Bits(double[][] inside)
    {
        int stride = (inside[0].Length + 7) / 8;
        byte[] bits = new byte[inside.Length * stride];
        for (int i = 0; i < inside.Length; i++)
            for (int m = 0; m < inside[i].Length; m++)
                if (inside[i][m] == 1) bits[i * stride + m / 8] |= (byte)(1 << (m % 8));
        return bits;
    }

    private static double Residual(Bags bags, int row, double[] answers, double target)
    {
        double[] judges = [.. answers.Where((_, m) => !bags.Contains(row, m))];
        Assert.Equal(bags.OutOfBag(row), judges.Length);
        return judges.Length == 0 ? double.PositiveInfinity : Math.Abs(target - judges.Average());
    }
}
