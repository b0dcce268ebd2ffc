using System.Text.Json;
using Ueq.Bayesian;
using Ueq.Tests.Support;

namespace Ueq.Tests.Bayesian;

public sealed class BayesianFixtureTests
{
    [Fact]
    public void DiabetesIsWhereAnIndependentMaximiserFindsTheHighestEvidence()
    {
        const string file = "bayesian-linear/diabetes.json";
        JsonElement fixture = Repository.Fixture(file);
        (Table train, Table test) = Parts(fixture);
        Agree(fixture, BayesianLinearRegression.Fit(train.X, train.Y), test.X, Repository.Exactness(file));
    }

    [Theory]
    [InlineData("small")]
    [InlineData("square")]
    [InlineData("crowded")]
    [InlineData("wide")]
    public void SmallSetsAreWhereAnIndependentMaximiserFindsTheHighestEvidence(string name)
    {
        const string file = "bayesian-linear/explicit.json";
        JsonElement fixture = Repository.Fixture(file).GetProperty(name);
        BayesianLinearRegression model = BayesianLinearRegression.Fit(fixture.Matrix("x"), fixture.Numbers("y"));
        Agree(fixture, model, fixture.Matrix("x_test"), Repository.Exactness(file));
    }

    [Fact]
    public void DiabetesIsCloseToScikitLearn()
    {
        const string file = "bayesian-linear/scikit-learn.json";
        JsonElement fixture = Repository.Fixture(file);
        double exactness = Repository.Exactness(file);
        (Table train, Table test) = Parts(fixture);
        BayesianLinearRegression model = BayesianLinearRegression.Fit(train.X, train.Y);
        double[] mean = new double[test.X.Rows], sigma = new double[test.X.Rows];
        model.Predict(test.X, mean, sigma);
        Near(fixture.GetProperty("noise_precision").GetDouble(), model.NoisePrecision, exactness, "noise precision");
        Near(fixture.GetProperty("prior_precision").GetDouble(), model.PriorPrecision, exactness, "prior precision");
        Near(fixture.Numbers("mean"), mean, exactness, "mean");
        Near(fixture.Numbers("sigma"), sigma, exactness, "sigma");
        Near(fixture.Numbers("weights"), model.Weights(), exactness, "weight");
    }

    private static (Table Train, Table Test) Parts(JsonElement fixture)
    {
        Table all = Repository.Data("reg-diabetes");
        int train = fixture.GetProperty("train").GetInt32(), test = fixture.GetProperty("test").GetInt32();
        return (all.Pick([.. Enumerable.Range(0, train)]), all.Pick([.. Enumerable.Range(train, test)]));
    }

    private static void Agree(JsonElement fixture, BayesianLinearRegression model, FeatureMatrix x, double exactness)
    {
        double[] mean = new double[x.Rows], sigma = new double[x.Rows], point = new double[x.Rows];
        model.Predict(x, mean, sigma);
        model.Predict(x, point);
        Assert.Equal(mean, point);
        Near(fixture.GetProperty("noise_precision").GetDouble(), model.NoisePrecision, exactness, "noise precision");
        Near(fixture.GetProperty("prior_precision").GetDouble(), model.PriorPrecision, exactness, "prior precision");
        Near(fixture.GetProperty("degrees_of_freedom").GetDouble(), model.DegreesOfFreedom, exactness, "degrees of freedom");
        Near(fixture.Numbers("weights"), model.Weights(), exactness, "weight");
        Near(fixture.Numbers("mean"), mean, exactness, "mean");
        Near(fixture.Numbers("sigma"), sigma, exactness, "sigma");
        foreach (JsonProperty level in fixture.GetProperty("intervals").EnumerateObject())
        {
            Interval[] intervals = new Interval[x.Rows];
            model.Predict(x, new Coverage(double.Parse(level.Name, System.Globalization.CultureInfo.InvariantCulture)), point, intervals);
            double[][] expected = [.. level.Value.EnumerateArray().Select(row => row.Numbers())];
            Near([.. expected.Select(pair => pair[0])], [.. intervals.Select(i => i.Lower)], exactness, "lower end");
            Near([.. expected.Select(pair => pair[1])], [.. intervals.Select(i => i.Upper)], exactness, "upper end");
        }
    }

    // Relative to the largest of the list: a weight near zero has no digits of its own.
    private static void Near(double[] expected, double[] actual, double exactness, string what)
    {
        double size = expected.Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= exactness * size, $"{what} {i}: expected {expected[i]:R}, got {actual[i]:R}");
    }

    private static void Near(double expected, double actual, double exactness, string what) => Near([expected], [actual], exactness, what);
}
