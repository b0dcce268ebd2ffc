using Ueq.Conformal;
using Ueq.Data;
using Ueq.Onnx;
using Ueq.Scoring;

namespace Ueq.Samples;

/// <summary>A boosted forest of scikit-learn, exported to ONNX, with calibrated intervals. docs/model-files.md shows parts of this file, word for word.</summary>
/// <remarks>The model was fitted on the first 200 rows. fixtures/onnx/make.py made it and expected.csv, which a test compares.</remarks>
public static class ScikitLearnOnnx
{
    private const int Fitted = 200, Calibrated = 300;

    /// <summary>Loads, calibrates and answers the rows that neither fitted nor calibrated.</summary>
    public static (double[] Predictions, Interval[] Intervals) Run(string dataFile, string modelFile, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        Dataset data = CsvTable.ReadRegression(dataFile, target: "target");
        FeatureMatrix x = data.X.Slice(Fitted, Calibrated - Fitted), newX = data.X.Slice(Calibrated, data.X.Rows - Calibrated);
        ReadOnlySpan<double> y = data.Y.AsSpan(Fitted, Calibrated - Fitted), newY = data.Y.AsSpan(Calibrated);

        OnnxModel file = OnnxModel.Load(modelFile);
        OnnxRegressor model = new(file, new OnnxRegressionOptions { Features = [.. data.Schema.Columns.Select(column => column.Name)] });
        ConformalRegressor calibrated = Uq.Calibrate(model, x, y); // rows that the model has not seen

        double[] predictions = new double[newX.Rows];
        Interval[] intervals = new Interval[newX.Rows];
        calibrated.Predict(newX, new Coverage(0.9), predictions, intervals);

        IntervalReading reading = IntervalScores.Read(intervals, newY, new Coverage(0.9));
        output.WriteLine($"{file.Description.Producer}: {string.Join("; ", file.Description.Outputs)}");
        output.WriteLine($"{predictions[0]:0} in {intervals[0].Lower:0} … {intervals[0].Upper:0}");
        output.WriteLine($"{reading.Coverage:0.00} of {newX.Rows} rows covered, {reading.MeanWidth:0} wide");
        Describe(modelFile, data.Schema, output);
        return (predictions, intervals);
    }

    // A host that does not know what is in the file asks it.
    private static void Describe(string modelFile, FeatureSchema schema, TextWriter output)
    {
        OnnxModelFile model = OnnxModelFile.Open(modelFile);
        output.WriteLine($"{model.Task}: {model.Kind}, {model.Features?.Count} features by name, read by {model.Predictor(schema).GetType().Name}");
    }
}
