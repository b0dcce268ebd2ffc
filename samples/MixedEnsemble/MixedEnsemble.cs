using Ueq.Conformal;
using Ueq.Data;
using Ueq.Ensembles;
using Ueq.MLNet;
using Ueq.Onnx;
using Ueq.Scoring;
using Ueq.Torch;

namespace Ueq.Samples;

/// <summary>Models of four origins that answer as one, with intervals. README.md shows parts of this file, word for word.</summary>
public static class MixedEnsemble
{
    private const int Train = 200, Calibrate = 320;

    /// <summary>Runs all of it on a table with a column named target, and an ONNX model of the same columns.</summary>
    public static void Run(string file, string onnxFile, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        Dataset data = CsvTable.ReadRegression(file, target: "target");
        FeatureMatrix x = data.X.Slice(0, Train), calibrationX = data.X.Slice(Train, Calibrate - Train);
        ReadOnlySpan<double> y = data.Y.AsSpan(0, Train), calibrationY = data.Y.AsSpan(Train, Calibrate - Train);

        IPointPredictor trees = MLNetTrainers.Regression("lightgbm").Fit(x, y, seed: 1);
        IPointPredictor exported = new OnnxRegressor(OnnxModel.Load(onnxFile));
        using DeepEnsemble networks = new DeepEnsembleTrainer(new MlpOptions { Hidden = [50] }).Fit(x, y, seed: 1);
        IPointPredictor rule = new FunctionPredictor(row => 152 + 10 * (row[2] - 26));

        ConformalRegressor model = Uq.Calibrate([("trees", trees), ("exported", exported), ("networks", networks), ("rule", rule)], calibrationX, calibrationY);
        IntervalPrediction[] answers = model.Predict(data.X.Slice(Calibrate, data.X.Rows - Calibrate), new Coverage(0.9));
        output.WriteLine($"mean of four: {Measured(answers, data)}");

        CrossEnsemble weighted = new([new("trees", trees) { Weight = 1 }, new("networks", networks) { Weight = 3 }]);
        answers = Uq.Calibrate(weighted, calibrationX, calibrationY).Predict(data.X.Slice(Calibrate, data.X.Rows - Calibrate), new Coverage(0.9));
        output.WriteLine($"weighted mean of two: {Measured(answers, data)}");

        answers = Shortest(onnxFile, calibrationX, data.Y[Train..Calibrate], data.X.Slice(Calibrate, data.X.Rows - Calibrate));
        output.WriteLine($"one file: {Measured(answers, data)}");

        foreach (MemberInfo member in ModelInfo.Of(model).Members) output.WriteLine($"{member.Name}: {member.ModelClass}");
    }

    private static IntervalPrediction[] Shortest(string onnxFile, FeatureMatrix calibrationX, double[] calibrationY, FeatureMatrix x)
    {
        IPointPredictor exported = new OnnxRegressor(OnnxModel.Load(onnxFile));
        ConformalRegressor calibrated = Uq.Calibrate(exported, calibrationX, calibrationY);
        IntervalPrediction[] answers = calibrated.Predict(x, new Coverage(0.9)); // Value, Interval
        return answers;
    }

    private static string Measured(IntervalPrediction[] answers, Dataset data)
    {
        IntervalReading reading = IntervalScores.Read([.. answers.Select(answer => answer.Interval)], data.Y.AsSpan(Calibrate), new Coverage(0.9));
        return $"{reading.Coverage:0.00} covered, {reading.MeanWidth:0} wide";
    }
}
