using System.Diagnostics;
using Ueq.Bayesian;
using Ueq.Conformal;
using Ueq.Data;
using Ueq.Scoring;
using Ueq.Versions;

namespace Ueq.Cli.Fitting;

/// <summary>The figures of one model and method on one division of the rows.</summary>
/// <param name="Plan">Model and method.</param>
/// <param name="Intervals">The figures of a regression.</param>
/// <param name="Sets">The figures of a classification.</param>
internal sealed record EvaluationRow(Plan Plan, IntervalReading? Intervals, LabelSetReading? Sets)
{
    public double Rmse { get; init; }

    public double Mae { get; init; }

    /// <summary>Mean CRPS where the method gives a distribution.</summary>
    public double? Crps { get; init; }

    public double FitSeconds { get; init; }

    public double PredictSeconds { get; init; }

    public int TrainRows { get; init; }

    public int TestRows { get; init; }
}

/// <summary>Rows with their targets.</summary>
internal sealed record Labelled(FeatureMatrix X, double[] Y)
{
    public static Labelled Of(Dataset data) => new(data.X, data.Y);

    public static Labelled Of(Dataset data, int[] rows) => new(data.X.Gather(rows), SplitRows.Pick(data.Y, rows));
}

/// <summary>Fits on some rows and measures on others that the fit has not seen.</summary>
internal sealed class Evaluation(Labelled train, Labelled test, int classes, Coverage coverage, FitSettings settings)
{
    // The methods of the bootstrap are read from one ensemble per model; each is charged the time it took.
    private readonly Dictionary<string, Trained> _ensembles = [];

    public EvaluationRow Run(Plan plan, IProgress<double>? progress, CancellationToken cancellation)
    {
        if (!plan.IsBootstrap || !_ensembles.TryGetValue(plan.Model, out Trained? trained))
        {
            trained = Training.Fit(plan, train.X, train.Y, classes, settings, progress, cancellation);
            if (plan.IsBootstrap) _ensembles.Add(plan.Model, trained);
        }

        EvaluationRow row = plan.Task == ModelTask.Regression
            ? Measure(plan, Training.Intervals(plan.Method, trained.Regressor!), test.X, test.Y, coverage)
            : Measure(plan, trained.Classifier!, test.X, test.Y, coverage);
        return row with { FitSeconds = trained.Seconds, TrainRows = train.Y.Length, TestRows = test.Y.Length };
    }

    private static EvaluationRow Measure(Plan plan, IIntervalPredictor model, FeatureMatrix x, double[] y, Coverage coverage)
    {
        double[] predictions = new double[y.Length];
        Interval[] intervals = new Interval[y.Length];
        long start = Stopwatch.GetTimestamp();
        model.Predict(x, coverage, predictions, intervals);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new EvaluationRow(plan, IntervalScores.Read(intervals, y, coverage), null)
        {
            Rmse = PointScores.RootMeanSquaredError(predictions, y),
            Mae = PointScores.MeanAbsoluteError(predictions, y),
            Crps = model is BayesianLinearRegression bayesian ? MeanCrps(bayesian, x, y) : null,
            PredictSeconds = seconds,
        };
    }

    private static EvaluationRow Measure(Plan plan, ILabelSetPredictor model, FeatureMatrix x, double[] y, Coverage coverage)
    {
        double[] probabilities = new double[y.Length * model.Classes];
        ulong[] sets = new ulong[y.Length * LabelSet.WordsFor(model.Classes)];
        long start = Stopwatch.GetTimestamp();
        model.Predict(x, coverage, probabilities, sets);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        int[] labels = [.. y.Select(label => (int)label)];
        return new EvaluationRow(plan, null, LabelSetScores.Read(sets, probabilities, model.Classes, labels)) { PredictSeconds = seconds };
    }

    private static double MeanCrps(BayesianLinearRegression model, FeatureMatrix x, double[] y)
    {
        double[] centre = new double[y.Length], scale = new double[y.Length];
        model.Predict(x, centre, scale);
        return Enumerable.Range(0, y.Length).Average(i => Crps.StudentT(centre[i], scale[i], model.DegreesOfFreedom, y[i]));
    }
}
