using Microsoft.ML;

namespace Ueq.MLNet.Tests.Pipelines;

public sealed class BadPipelineTests
{
    private readonly MLContext _context = Rows.Context();

    private static void Says<T>(Action act, params string[] parts)
        where T : Exception
    {
        T fault = Assert.Throws<T>(act);
        Assert.All(parts, part => Assert.Contains(part, fault.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void APipelineWithoutAScoreIsRefused() => Says<ArgumentException>(
        () => _context.Regression.Calibrated(_context.Transforms.NormalizeMeanVariance("Features", "Measurements")).Fit(Rows.Divided(_context, Rows.Patients()).Train),
        "column 'Score'", "the prediction", "found", "Features");

    [Fact]
    public void AMissingLabelIsRefused()
    {
        var (train, test) = Rows.Divided(_context, Rows.Patients());
        ITransformer model = Rows.Progression(_context).Fit(train);
        Says<ArgumentException>(() => _context.Regression.Calibrate(model, test, new IntervalOptions { LabelColumn = "Target" }), "column 'Target'", "the truth", "Label", "Name");
        Says<ArgumentException>(() => _context.Regression.Calibrate(model, test, new IntervalOptions { LabelColumn = "Name" }), "column 'Name'", "Single", "String");
    }

    [Fact]
    public void AClassifierIsNoRegression()
    {
        var (train, test) = Rows.Divided(_context, Rows.Flowers());
        Says<ArgumentException>(() => _context.Regression.Calibrate(Rows.Species(_context).Fit(train), test), "column 'Score'", "regression", "Vector<Single, 3>", "classifier");
        Says<ArgumentException>(() => _context.Regression.Calibrate(Rows.Largeness(_context).Fit(train), test), "column 'Score'", "regression", "BinaryClassification");
        Says<ArgumentException>(() => _context.Regression.Calibrated(Rows.Species(_context)).Fit(train), "column 'Score'", "regression");
    }

    [Fact]
    public void ARegressionIsNoClassifier()
    {
        var (train, test) = Rows.Divided(_context, Rows.Patients());
        ITransformer model = Rows.Progression(_context).Fit(train);
        Says<ArgumentException>(() => _context.MulticlassClassification.Calibrate(model, test), "column 'Score'", "a vector of Single", "found Single");
        Says<ArgumentException>(() => _context.BinaryClassification.Calibrate(model, test), "column 'Probability'", "found");
    }

    [Fact]
    public void ALabelThatIsNoKeyIsRefused()
    {
        var (train, test) = Rows.Divided(_context, Rows.Flowers());
        ITransformer model = Rows.Species(_context).Fit(train);
        Says<ArgumentException>(() => _context.MulticlassClassification.Calibrate(model, test, new LabelSetOptions { LabelColumn = "Species" }), "column 'Species'", "key", "String");
    }

    [Fact]
    public void AClassTheModelDoesNotKnowIsNamedWithItsRow()
    {
        Flower[] flowers = Rows.Flowers();
        ITransformer model = Rows.Species(_context).Fit(_context.Data.LoadFromEnumerable(flowers));
        flowers[7].Species = "rosa";
        Says<AssumptionException>(() => _context.MulticlassClassification.Calibrate(model, _context.Data.LoadFromEnumerable(flowers)), "column 'Label'", "row 7", "setosa");
    }

    [Fact]
    public void ALabelThatIsNoNumberIsNamedWithItsRow()
    {
        Patient[] patients = Rows.Patients();
        ITransformer model = Rows.Progression(_context).Fit(_context.Data.LoadFromEnumerable(patients));
        patients[11].Label = float.NaN;
        Says<ArgumentException>(() => _context.Regression.Calibrate(model, _context.Data.LoadFromEnumerable(patients)), "column 'Label'", "row 11", "NaN");
        // The estimator says the row as the caller counts it, not as the calibration does.
        IntervalOptions options = new() { CalibrationShare = 0.999 };
        Says<ArgumentException>(() => _context.Regression.Calibrated(Rows.Progression(_context), options with { CalibrationShare = 0.95 }).Fit(_context.Data.LoadFromEnumerable(patients)), "column 'Label'", "row 11", "NaN");
    }

    [Fact]
    public void TooFewRowsAreRefused()
    {
        Patient[] patients = Rows.Patients();
        IDataView none = _context.Data.LoadFromEnumerable(patients[..0]), one = _context.Data.LoadFromEnumerable(patients[..1]);
        ITransformer model = Rows.Progression(_context).Fit(_context.Data.LoadFromEnumerable(patients));
        Says<AssumptionException>(() => _context.Regression.Calibrated(Rows.Progression(_context)).Fit(one), "2 rows", "got 1");
        Says<AssumptionException>(() => _context.Regression.Calibrate(model, none), "one row or more", "none");
    }

    [Fact]
    public void OptionsOutsideTheirRangeAreRefused()
    {
        IEstimator<ITransformer> pipeline = Rows.Progression(_context);
        Says<ArgumentOutOfRangeException>(() => _context.Regression.Calibrated(pipeline, new IntervalOptions { CalibrationShare = 1 }), "between 0 and 1", "got 1");
        Says<ArgumentException>(() => _context.Regression.Calibrated(pipeline, new IntervalOptions { ScoreColumn = "" }), "ScoreColumn");
        Says<ArgumentException>(() => _context.MulticlassClassification.Calibrated(pipeline, new LabelSetOptions { LabelColumn = "" }), "LabelColumn");
        Assert.Throws<ArgumentNullException>(() => _context.Regression.Calibrated((IEstimator<ITransformer>)null!));
    }

    [Fact]
    public void AModelThatCannotAnswerIsUnbounded()
    {
        Patient[] patients = Rows.Patients();
        IntervalTransformer model = _context.Regression.Calibrated(Rows.Progression(_context)).Fit(_context.Data.LoadFromEnumerable(patients));
        patients[3].Measurements[2] = float.NaN;
        IDataView scored = model.Transform(_context.Data.LoadFromEnumerable(patients));
        float[] score = Rows.Singles(scored, "Score"), lower = Rows.Singles(scored, "Score.Lower"), upper = Rows.Singles(scored, "Score.Upper");
        Assert.True(float.IsNaN(score[3]));
        Assert.Equal((float.NegativeInfinity, float.PositiveInfinity), (lower[3], upper[3]));
        Assert.True(float.IsFinite(upper[2]));
    }
}
