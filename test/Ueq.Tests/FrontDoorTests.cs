using Ueq.Bayesian;
using Ueq.Conformal;
using Ueq.Ensembles;
using Ueq.Tests.Support;

namespace Ueq.Tests;

/// <summary>The method is picked by what is handed in, and the answer is calibrated.</summary>
public sealed class FrontDoorTests
{
    private static readonly Table _train = Make(300, 1), _calibration = Make(400, 2), _test = Make(2000, 3);

    private static Table Make(int rows, ulong seed)
    {
        Rng rng = Rng.Stream(seed, 9);
        return Table.Linear(rows, 2, 1, ref rng);
    }

    private static readonly ITrainer<IPointPredictor> _linear = new Trainer<BayesianLinearRegression>((x, y, _) => BayesianLinearRegression.Fit(x, y));

    private static double Covered(IIntervalPredictor model)
    {
        IntervalPrediction[] rows = model.Predict(_test.X, new Coverage(0.9));
        double width = rows.Average(row => row.Interval.Width);
        // The noise is standard normal: 2 × 1.645 is the best width.
        Assert.InRange(width, 2.9, 4.2);
        return rows.Zip(_test.Y, (row, y) => row.Interval.Contains(y) ? 1.0 : 0).Average();
    }

    [Fact]
    public void DataAloneBecomeBayesianLinearRegression()
    {
        BayesianLinearRegression model = Uq.Fit(_train.X, _train.Y);
        Assert.InRange(Covered(model), 0.87, 0.93);
        Assert.Equal(("regression", "bayesian_linear", "BayesianLinearRegression"), Info(ModelInfo.Of(model)));
    }

    [Fact]
    public void ARegressionTrainerBecomesJackknifeAfterBootstrap()
    {
        JackknifeAfterBootstrap model = Uq.Fit(new Trainer<LinearPredictor>((x, y, _) =>
        {
            BayesianLinearRegression fit = BayesianLinearRegression.Fit(x, y);
            return new LinearPredictor(fit.Weights(), fit.Intercept);
        }), _train.X, _train.Y, seed: 1);
        Assert.InRange(Covered(model), 0.86, 0.95);
        ModelInfo info = ModelInfo.Of(model);
        Assert.Equal(("regression", "jackknife+ab", "BootstrapEnsemble"), Info(info));
        Assert.All(info.Members, member => Assert.Equal("LinearPredictor", member.ModelClass));
    }

    [Fact]
    public void ATrainerOfGaussiansIsConformalisedByItsSigmaThoughItIsAlsoATrainerOfPoints()
    {
        ConformalRegressor model = Uq.Fit(new Trainer<BayesianLinearRegression>((x, y, _) => BayesianLinearRegression.Fit(x, y)), _calibration.X, _calibration.Y, seed: 1);
        Assert.IsType<GaussianBands>(model.Model);
        Assert.InRange(Covered(model), 0.84, 0.96);
    }

    [Fact]
    public void AClassificationTrainerBecomesLabelSets()
    {
        Rng rng = Rng.Stream(4, 4);
        float[] values = new float[1200];
        double[] labels = new double[600];
        for (int i = 0; i < 600; i++)
        {
            labels[i] = i % 3;
            for (int j = 0; j < 2; j++) values[2 * i + j] = (float)(labels[i] * (j + 1) + 0.3 * rng.NextNormal());
        }

        ConformalClassifier model = Uq.Fit(Trainers.NearestClasses(5, 3), new FeatureMatrix(values, 2), labels, seed: 1);
        LabelPrediction[] rows = model.Predict(new FeatureMatrix(values, 2).Slice(0, 30), new Coverage(0.95));
        Assert.Equal(30, rows.Length);
        Assert.All(rows, (row, i) =>
        {
            Assert.Contains(row.Label, row.Labels);
            Assert.Equal(1, row.Probabilities.Sum(), 1e-9);
            Assert.Equal(i % 3, row.Label);
        });
        Assert.Equal(("classification", "conformal", "ClassShares"), Info(ModelInfo.Of(model)));
    }

    [Fact]
    public void FunctionsOfARowAndOfManyRowsAreModels()
    {
        BayesianLinearRegression fit = Uq.Fit(_train.X, _train.Y);
        double[] weights = fit.Weights();
        ConformalRegressor one = Uq.Calibrate(row => fit.Intercept + weights[0] * row[0] + weights[1] * row[1], _calibration.X, _calibration.Y);
        ConformalRegressor many = Uq.Calibrate((x, answers) => ((IPointPredictor)fit).Predict(x, answers), _calibration.X, _calibration.Y);
        Assert.InRange(Covered(one), 0.86, 0.94);
        Assert.Equal(one.Predict(_test.X, default)[7].Interval.Lower, many.Predict(_test.X, default)[7].Interval.Lower, 1e-9);
        Assert.Equal(("regression", "split", "FunctionPredictor"), Info(ModelInfo.Of(one)));
    }

    [Fact]
    public void AFunctionThatLeavesARowOutIsFoundOut()
    {
        AssumptionException fault = Assert.Throws<AssumptionException>(() => Uq.Calibrate((x, answers) => answers[0] = 1, _calibration.X, _calibration.Y));
        Assert.Contains("row 1", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFunctionToProbabilitiesIsAClassifier()
    {
        float[] values = [.. Enumerable.Range(0, 200).Select(i => i % 2 == 0 ? -1f : 1f)];
        double[] labels = [.. Enumerable.Range(0, 200).Select(i => (double)(i % 2))];
        ConformalClassifier model = Uq.Calibrate(2, new SignClassifier(3).Predict, new FeatureMatrix(values, 1), labels);
        Assert.Equal([1], Assert.Single(model.Predict(new FeatureMatrix(new float[] { 1 }, 1), new Coverage(0.9))).Labels);
        ArgumentOutOfRangeException fault = Assert.Throws<ArgumentOutOfRangeException>(() => Uq.Calibrate(2, new SignClassifier(3).Predict, new FeatureMatrix(new float[2], 1), [0, 1.5]));
        Assert.Contains("row 1", fault.Message, StringComparison.Ordinal);
        AssumptionException unknown = Assert.Throws<AssumptionException>(() => Uq.Calibrate(2, new SignClassifier(3).Predict, new FeatureMatrix(new float[2], 1), [0, 2]));
        Assert.Contains("class 2", unknown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SeveralModelsBecomeACrossFrameworkEnsemble()
    {
        ConformalRegressor model = Uq.Calibrate(
            [("ridge", Uq.Fit(_train.X, _train.Y)), ("neighbours", Trainers.Nearest(15).Fit(_train.X, _train.Y, 1))], _calibration.X, _calibration.Y);
        Assert.InRange(Covered(model), 0.86, 0.94);
        ModelInfo info = ModelInfo.Of(model);
        Assert.Equal(("regression", "cross_ensemble", "CrossEnsemble"), Info(info));
        Assert.Equal(["ridge", "neighbours"], info.Members.Select(member => member.Name));
        Assert.Equal(Aggregation.Mean, info.Aggregation);
        Assert.Equal([0.5, 0.5], info.Weights!);

        ConformalRegressor fitted = Uq.Fit([("ridge", _linear), ("neighbours", Trainers.Nearest(15))], _calibration.X, _calibration.Y, seed: 3);
        Assert.InRange(Covered(fitted), 0.84, 0.97);
    }

    private static (string, string, string) Info(ModelInfo info) => (info.ModelType, info.Method, info.ModelClass);
}
