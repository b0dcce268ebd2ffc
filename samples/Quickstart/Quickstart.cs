using Ueq.Conformal;
using Ueq.Data;
using Ueq.Ensembles;
using Ueq.MLNet;
using Ueq.Online;
using Ueq.Scoring;

namespace Ueq.Samples;

/// <summary>The shortest ways from a table to intervals. The README shows parts of this file, word for word.</summary>
public static class Quickstart
{
    /// <summary>Runs all of it on a table with a column named target.</summary>
    public static void Run(string file, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        Dataset data = CsvTable.ReadRegression(file, target: "target");
        double[] predictions = new double[data.X.Rows];
        Interval[] intervals = new Interval[data.X.Rows];

        JackknifeAfterBootstrap model = JackknifeAfterBootstrap.Fit(
            MLNetTrainers.Regression("lightgbm"), data.X, data.Y, new BootstrapOptions { Members = 20 }, seed: 1);
        model.Predict(data.X, new Coverage(0.9), predictions, intervals);
        output.WriteLine($"{predictions[0]:0} in {intervals[0].Lower:0} … {intervals[0].Upper:0}, 90 % of the time");

        // A model that lives elsewhere: its predictions and the truth for some rows it has not seen.
        double[] yours = [101, 99, 105, 95, 100, 98, 103, 97, 102, 100], truth = [103, 98, 100, 97, 104, 99, 101, 95, 99, 107];
        IntervalCalibration calibration = IntervalCalibration.From([.. yours.Select(p => new Band(p, p, 1))], truth);
        Interval interval = calibration.Apply(new Band(104, 104, 1), new Coverage(0.9));
        output.WriteLine($"104 becomes {interval.Lower} … {interval.Upper}: score {calibration.Guarantee(new Coverage(0.9)).Rank} of {calibration.Count}");

        // On a stream that drifts the level follows the truths as they come, so that 90 % are covered over time.
        AdaptiveConformal online = new(calibration, new Coverage(0.9), new AdaptiveOptions());
        OnlinePrediction answer = online.Predict(new Band(104, 104, 1));
        answer.Observe(120); // When the truth comes, however late.
        output.WriteLine($"after a miss answers are made for {online.Level.Now.Share:0.0000} instead of 0.9");

        // Coverage alone proves nothing: an infinite interval always covers. Read the width beside it, on rows the model has not seen.
        IntervalReading reading = IntervalScores.Read(intervals, data.Y, new Coverage(0.9));
        output.WriteLine($"{reading.Coverage:0.000} covered, {reading.MeanWidth:0.0} wide (on the training rows, which flatter)");
    }
}
