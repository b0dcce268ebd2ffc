using Ueq.Bayesian;
using Ueq.Conformal;
using Ueq.Ensembles;
using Ueq.Tests.Support;

namespace Ueq.Tests;

public sealed class AllocationTests
{
    private static readonly Table _data = Make();
    private static readonly double[] _predictions = new double[400];
    private static readonly double[] _sigmas = new double[400];
    private static readonly Interval[] _intervals = new Interval[400];

    private static Table Make()
    {
        Rng rng = Rng.Stream(1, 2);
        return Table.Linear(400, 4, 1, ref rng);
    }

    private static void AllocatesNothing(Action call)
    {
        for (int i = 0; i < 50; i++) call();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 20; i++) call();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void ApplyingAnIntervalCalibration()
    {
        Band[] bands = [.. Enumerable.Range(0, 400).Select(i => new Band(i, i + 1, 1))];
        IntervalCalibration calibration = IntervalCalibration.FromScores([.. Enumerable.Range(0, 100).Select(i => (double)i)]);
        AllocatesNothing(() => calibration.Apply(bands, default, _intervals));
    }

    [Fact]
    public void ApplyingALabelSetCalibration()
    {
        double[] probabilities = [.. Enumerable.Repeat(1.0 / 70, 70 * 30)];
        ulong[] sets = new ulong[60];
        LabelSetCalibration calibration = LabelSetCalibration.FromScores([.. Enumerable.Range(0, 100).Select(i => i / 100.0)], 70);
        AllocatesNothing(() => calibration.Apply(probabilities, default, EmptySets.TopLabel, sets));
    }

    [Fact]
    public void PredictingWithASplit()
    {
        foreach (IBandPredictor bands in (IBandPredictor[])[new PointBands(new LinearPredictor([1, 2, 3, 4], 0)), new NormalisedBands(new LinearPredictor([1, 2, 3, 4], 0), new LinearPredictor([1, 0, 0, 0], 1), 0.1),
            new GaussianBands(BayesianLinearRegression.Fit(_data.X, _data.Y))])
        {
            ConformalRegressor model = new(bands, IntervalCalibration.FromScores([.. Enumerable.Range(0, 100).Select(i => (double)i)]), 4);
            AllocatesNothing(() => model.Predict(_data.X, default, _predictions, _intervals));
        }
    }

    [Fact]
    public void PredictingWithLabelSets()
    {
        ConformalClassifier model = new(new SignClassifier(1), LabelSetCalibration.FromScores([.. Enumerable.Range(0, 100).Select(i => i / 100.0)], 2), 4);
        double[] probabilities = new double[800];
        ulong[] sets = new ulong[400];
        AllocatesNothing(() => model.Predict(_data.X, default, probabilities, sets));
    }

    [Fact]
    public void PredictingWithABayesianRegression()
    {
        BayesianLinearRegression model = BayesianLinearRegression.Fit(_data.X, _data.Y);
        AllocatesNothing(() => model.Predict(_data.X, default, _predictions, _intervals));
        AllocatesNothing(() => model.Predict(_data.X, new Coverage(0.999), _predictions, _intervals));
        AllocatesNothing(() => model.Predict(_data.X, _predictions, _sigmas));
        AllocatesNothing(() => model.Predict(_data.X, _predictions));
        BayesianLinearRegression few = BayesianLinearRegression.Fit(_data.X.Slice(0, 12), _data.Y.AsSpan(0, 12));
        AllocatesNothing(() => few.Predict(_data.X, default, _predictions, _intervals));
    }

    [Fact]
    public void PredictingAfterABootstrap()
    {
        JackknifeAfterBootstrap model = Trainers.Bootstrap(new BayesianLinearTrainer(), _data.X.Slice(0, 200), _data.Y.AsSpan(0, 200), new BootstrapOptions { Members = 20 }, 1);
        FeatureMatrix few = _data.X.Slice(0, 30);
        AllocatesNothing(() => model.Predict(few, default, _predictions.AsSpan(0, 30), _intervals.AsSpan(0, 30)));
        AllocatesNothing(() => model.Ensemble.Predict(few, _predictions.AsSpan(0, 30)));
        AllocatesNothing(() => model.Ensemble.MeanInterval(few, default, _predictions.AsSpan(0, 30), _intervals.AsSpan(0, 30)));
    }
}
