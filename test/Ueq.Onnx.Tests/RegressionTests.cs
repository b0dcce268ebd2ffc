namespace Ueq.Onnx.Tests;

public sealed class RegressionTests
{
    private static readonly Expected Data = Fixtures.Diabetes;

    [Theory]
    [InlineData("linear", "linear")]
    [InlineData("double", "linear")]
    [InlineData("external", "linear")]
    [InlineData("batch-1", "linear")]
    [InlineData("batch-3", "linear")]
    [InlineData("hidden-batch", "linear")]
    [InlineData("forest", "forest")]
    [InlineData("boosting", "boosting")]
    public void TheAnswersAreScikitLearns(string model, string expected)
    {
        OnnxRegressor regressor = new(Fixtures.Model(model));
        Assert.Equal(10, regressor.Features);
        Fixtures.Close(Data.Flat(expected), Fixtures.Predict(regressor, Data.X), Data.Exactness);
    }

    [Theory]
    [InlineData("int64")]
    [InlineData("int32")]
    public void WholeNumbersGoIntoIntegerInputsAndOthersAreRefusedWithTheirPlace(string model)
    {
        OnnxRegressor regressor = new(Fixtures.Model(model));
        FeatureMatrix x = Data.Matrix("whole");
        Fixtures.Close(Data.Flat("whole_answers"), Fixtures.Predict(regressor, x), Data.Exactness);
        foreach (float wrong in (float[])[2.5f, 1e30f, -1e30f])
        {
            float[] values = x.Values.ToArray();
            values[23] = wrong;
            Fixtures.Says(
                Assert.Throws<ArgumentException>(() => Fixtures.Predict(regressor, new FeatureMatrix(values, 10))), "whole number", "row 2, column 3", "'N'");
        }
    }

    [Fact]
    public void AnInputPerColumnIsFoundByItsName()
    {
        OnnxModel model = Fixtures.Model("columns");
        Assert.Equal(Data.Features.Reverse(), model.Description.Inputs.Select(input => input.Name));
        OnnxRegressor named = new(model, new OnnxRegressionOptions { Features = Data.Features });
        Fixtures.Close(Data.Flat("linear"), Fixtures.Predict(named, Data.X), Data.Exactness);
        float[] reversed = [.. Enumerable.Range(0, Data.X.Rows).SelectMany(i => Data.X.Row(i).ToArray().Reverse())];
        Fixtures.Close(Data.Flat("linear"), Fixtures.Predict(new OnnxRegressor(model), new FeatureMatrix(reversed, 10)), Data.Exactness);
    }

    [Fact]
    public void AModelOfAnotherOrderIsMappedByTheNamesOfItsMetadata()
    {
        OnnxRegressor mapped = new(Fixtures.Model("reversed"), new OnnxRegressionOptions { Features = Data.Features });
        Fixtures.Close(Data.Flat("linear"), Fixtures.Predict(mapped, Data.X), Data.Exactness);
        OnnxRegressor told = new(Fixtures.Model("external"), new OnnxRegressionOptions { Features = Data.Features, ModelFeatures = Data.Features });
        Fixtures.Close(Data.Flat("linear"), Fixtures.Predict(told, Data.X), Data.Exactness);
    }

    [Fact]
    public void FeaturesThatTheModelDoesNotReadAreLeftOut()
    {
        OnnxRegressor wider = new(Fixtures.Model("linear"), new OnnxRegressionOptions { Features = ["id", .. Data.Features] });
        Assert.Equal(11, wider.Features);
        float[] values = [.. Enumerable.Range(0, Data.X.Rows).SelectMany(i => (float[])[i, .. Data.X.Row(i)])];
        Fixtures.Close(Data.Flat("linear"), Fixtures.Predict(wider, new FeatureMatrix(values, 11)), Data.Exactness);
    }

    [Fact]
    public void AnOpenWidthIsTakenFromTheNames()
    {
        OnnxRegressor named = new(Fixtures.Model("open-width"), new OnnxRegressionOptions { Features = Data.Features });
        Fixtures.Close(Data.Flat("linear"), Fixtures.Predict(named, Data.X), Data.Exactness);
        Fixtures.Says(Assert.Throws<ArgumentException>(() => new OnnxRegressor(Fixtures.Model("open-width"))), "open-width.onnx", "'X'", "ModelFeatures");
    }

    [Fact]
    public void OneOfSeveralOutputsIsChosenByNamePlaceOrColumn()
    {
        double[] median = Data.Column("quantiles", 1, 3);
        foreach (OnnxOutput output in (OnnxOutput[])[OnnxOutput.Named("q1"), OnnxOutput.At(1)])
            Fixtures.Close(median, Fixtures.Predict(new OnnxRegressor(Fixtures.Model("quantiles"), new() { Output = output }), Data.X), Data.Exactness);
        foreach (OnnxOutput output in (OnnxOutput[])[OnnxOutput.Named("quantiles", 1), OnnxOutput.At(0, 1)])
            Fixtures.Close(median, Fixtures.Predict(new OnnxRegressor(Fixtures.Model("quantile-columns"), new() { Output = output }), Data.X), Data.Exactness);
    }

    [Fact]
    public void QuantilesComeFromTwoOutputsOrTwoColumns()
    {
        (string Model, OnnxQuantileOptions Options)[] ways =
        [
            ("quantile-pair", new()),
            ("quantiles", new() { Lower = OnnxOutput.Named("q0"), Upper = OnnxOutput.Named("q2") }),
            ("quantiles", new() { Lower = OnnxOutput.Named("q2"), Upper = OnnxOutput.Named("q0") }),
            ("quantile-columns", new() { Lower = OnnxOutput.Named("quantiles", 0), Upper = OnnxOutput.Named("quantiles", 2) }),
        ];
        foreach (var (model, options) in ways)
        {
            (double[] lower, double[] upper) = Fixtures.Predict(new OnnxQuantileRegressor(Fixtures.Model(model), options), Data.X);
            Fixtures.Close(Data.Column("quantiles", 0, 3), lower, Data.Exactness);
            Fixtures.Close(Data.Column("quantiles", 2, 3), upper, Data.Exactness);
        }
    }

    [Fact]
    public void AGaussianIsAMeanAndAVarianceADeviationOrALogVariance()
    {
        double[] sigma = [.. Data.Flat("variance").Select(Math.Sqrt)];
        OnnxOutput mean = OnnxOutput.Named("mean");
        (string Model, OnnxGaussianOptions Options)[] ways =
        [
            ("gaussian", new()),
            ("gaussian-all", new() { Mean = mean, Spread = OnnxOutput.Named("variance") }),
            ("gaussian-all", new() { Mean = mean, Spread = OnnxOutput.Named("sigma"), SpreadIs = OnnxSpread.StandardDeviation }),
            ("gaussian-all", new() { Mean = mean, Spread = OnnxOutput.Named("log_variance"), SpreadIs = OnnxSpread.LogVariance }),
        ];
        foreach (var (model, options) in ways)
        {
            var (means, sigmas) = Fixtures.Predict(new OnnxGaussianRegressor(Fixtures.Model(model), options), Data.X);
            Fixtures.Close(Data.Flat("mean"), means, Data.Exactness);
            Fixtures.Close(sigma, sigmas, Data.Exactness);
        }

        OnnxGaussianRegressor negative = new(Fixtures.Model("negative-variance"));
        AssumptionException fault = Assert.Throws<AssumptionException>(() => Fixtures.Predict(negative, Data.X));
        Fixtures.Says(fault, "negative-variance.onnx", "row 0", "Variance", "got -");
    }

    [Fact]
    public void AMissingValueIsRefusedWithItsPlaceUnlessItIsAllowed()
    {
        float[] values = Data.X.Values.ToArray();
        for (int i = 0; i < values.Length; i += 10) values[i] = float.NaN;
        FeatureMatrix x = new(values, 10);
        OnnxModel model = Fixtures.Model("missing");
        Fixtures.Says(Assert.Throws<ArgumentException>(() => Fixtures.Predict(new OnnxRegressor(model), x)), "row 0, column 0", "NaN");
        OnnxRegressor allowed = new(model, new OnnxRegressionOptions { Missing = MissingValues.Allowed });
        Fixtures.Close(Data.Flat("missing"), Fixtures.Predict(allowed, x), Data.Exactness);
        values[15] = float.NegativeInfinity;
        Fixtures.Says(Assert.Throws<ArgumentException>(() => Fixtures.Predict(allowed, x)), "row 1, column 5");
    }

    [Fact]
    public void AnAnswerThatIsNotANumberNamesTheModelAndTheRow()
    {
        float[] values = [.. Enumerable.Repeat(1f, 30)];
        values[25] = -1;
        OnnxRegressor model = new(Fixtures.Model("not-a-number"));
        AssumptionException fault = Assert.Throws<AssumptionException>(() => Fixtures.Predict(model, new FeatureMatrix(values, 10)));
        Assert.Equal(Assumption.FiniteAnswers, fault.Assumption);
        Fixtures.Says(fault, "not-a-number.onnx", "row 2", "NaN");
    }

    [Fact]
    public void SixteenBitsAreReadAndAnswered()
    {
        // Eleven binary digits of every number: 2⁻¹¹ of each feature and weight, and of the answer.
        const double HalfDigits = 4e-3;
        Expected data = Fixtures.Diabetes;
        OnnxRegressor model = new(Fixtures.Model("half"));
        Fixtures.Close(data.Flat("half"), Fixtures.Predict(model, data.X), HalfDigits);
        float[] large = [.. data.X.Row(0)[..9], 70_000];
        Fixtures.Says(Assert.Throws<ArgumentException>(() => Fixtures.Predict(model, new FeatureMatrix(large, 10))), "row 0, column 9", "65504", "70000");
    }
}
