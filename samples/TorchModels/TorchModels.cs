using TorchSharp;
using Ueq.Conformal;
using Ueq.Data;
using Ueq.Scoring;
using Ueq.Torch;

namespace Ueq.Samples;

/// <summary>A deep ensemble and a dropout network with calibrated intervals. docs/torch.md shows parts of this file, word for word.</summary>
public static class TorchModels
{
    private const int Train = 200, Calibrate = 300;

    /// <summary>Runs all of it on a table with a column named target.</summary>
    public static void Run(string file, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        Dataset data = CsvTable.ReadRegression(file, target: "target");
        FeatureMatrix x = data.X.Slice(0, Train);
        ReadOnlySpan<double> y = data.Y.AsSpan(0, Train);

        using DeepEnsemble ensemble = new DeepEnsembleTrainer(new MlpOptions { Hidden = [50] }).Fit(x, y, seed: 1);
        output.WriteLine($"deep ensemble: {Measured(ensemble, data)}");

        using torch.nn.Module<torch.Tensor, torch.Tensor> module = torch.nn.Sequential(
            torch.nn.Linear(data.X.Columns, 50), torch.nn.ReLU(), torch.nn.Dropout(0.1), torch.nn.Linear(50, 2));
        // A module of your own, fitted by yourself; this one is not, and calibration says so by its width.
        using McDropout model = new(module, data.X.Columns, new McDropoutOptions { Passes = 50, Head = TorchHead.MeanAndSoftplusVariance });
        output.WriteLine($"MC dropout, not fitted: {Measured(model, data)}");
    }

    /// <summary>A TorchScript file, calibrated on rows that it has not seen, answers some rows.</summary>
    public static IntervalPrediction[] RunScript(string modelFile, FeatureMatrix rows, FeatureMatrix x, double[] y)
    {
        TorchScriptFile file = TorchScriptFile.Open(modelFile, rows); // some rows such as it is made for; it is tried on 16 of them
        using TorchScriptRegressor model = file.OpenRegressor();
        ConformalRegressor calibrated = Uq.Calibrate(model, x, y);
        return calibrated.Predict(rows, new Coverage(0.9));
    }

    // Calibrated on rows that trained nothing, measured on the rest.
    private static string Measured(IGaussianPredictor model, Dataset data)
    {
        GaussianBands gaussian = new(model);
        Band[] bands = new Band[data.X.Rows];
        gaussian.Predict(data.X, bands);
        IntervalCalibration calibration = IntervalCalibration.From(bands.AsSpan(Train, Calibrate - Train), data.Y.AsSpan(Train, Calibrate - Train));
        Interval[] intervals = new Interval[data.X.Rows - Calibrate];
        calibration.Apply(bands.AsSpan(Calibrate), new Coverage(0.9), intervals);
        IntervalReading reading = IntervalScores.Read(intervals, data.Y.AsSpan(Calibrate), new Coverage(0.9));
        return $"{reading.Coverage:0.00} covered, {reading.MeanWidth:0} wide";
    }
}
