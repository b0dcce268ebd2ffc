using Ueq.Conformal;
using Ueq.Data;
using Ueq.MLNet;
using Ueq.Monitoring;
using Ueq.Versions;

namespace Ueq.Bench.Quality.Streams;

/// <summary>The four streams as tables, and models fitted on their first rows.</summary>
internal static class StreamData
{
    public static readonly Coverage Level = new(0.9);

    public static string File(string name) => Path.Combine(Folders.Shared(), name, "data.csv.gz");

    /// <summary>A classifier fitted on the first rows and calibrated on those after them, over all rows of the file.</summary>
    public static StreamAnswers Classify(Dataset data, int fitted, int calibrated)
    {
        int classes = data.Classes!.Count;
        MLNetClassifier model = new MLNetClassificationTrainer(new LightGbmOptions { Trees = 100 }, classes).Fit(data.X.Slice(0, fitted), data.Y.AsSpan(0, fitted), 1);
        ConformalClassifier calibration = SplitConformal.Calibrate(model, data.X.Slice(fitted, calibrated), data.Y.AsSpan(fitted, calibrated));
        double[] probabilities = new double[data.X.Rows * classes];
        ulong[] sets = new ulong[data.X.Rows * LabelSet.WordsFor(classes)];
        calibration.Predict(data.X, Level, probabilities, sets);
        return OfSets(probabilities, sets, data.Y, classes, calibration.Guarantee(Level));
    }

    /// <summary>A regression fitted on the first rows and calibrated on those after them, over all rows of the file.</summary>
    public static StreamAnswers Regress(FeatureMatrix x, double[] y, int fitted, int calibrated)
    {
        MLNetRegressor model = new MLNetRegressionTrainer(new LightGbmOptions()).Fit(x.Slice(0, fitted), y.AsSpan(0, fitted), 1);
        ConformalRegressor calibration = SplitConformal.Calibrate(new PointBands(model), x.Slice(fitted, calibrated), y.AsSpan(fitted, calibrated));
        double[] predictions = new double[x.Rows];
        Interval[] intervals = new Interval[x.Rows];
        calibration.Predict(x, Level, predictions, intervals);
        return StreamAnswers.Of(predictions, intervals, y, calibration.Guarantee(Level));
    }

    /// <summary>Answers of label sets, one packed set per row.</summary>
    public static StreamAnswers OfSets(double[] probabilities, ulong[] sets, double[] truths, int classes, Guarantee guarantee)
    {
        double[] predictions = new double[truths.Length], sizes = new double[truths.Length], scores = new double[truths.Length];
        bool[] covered = new bool[truths.Length];
        for (int row = 0; row < truths.Length; row++)
        {
            ReadOnlySpan<double> own = probabilities.AsSpan(row * classes, classes);
            LabelSet set = LabelSet.At(sets, row, classes);
            predictions[row] = own.IndexOf(System.Numerics.Tensors.TensorPrimitives.Max(own));
            sizes[row] = set.Count;
            covered[row] = set.Contains((int)truths[row]);
            scores[row] = covered[row] ? LabelScore.Inside : LabelScore.Missed;
        }

        // The interval of a label set is 0 to its size, as live coverage takes it.
        return new StreamAnswers(ModelTask.Classification, predictions, [.. sizes.Select(size => new Interval(0, size))], sizes, scores, covered, truths, guarantee);
    }

    /// <summary>A column of times, row by row.</summary>
    public static DateTimeOffset[] Times(string file, string column)
    {
        ColumnCodes codes = ColumnCodes.Learn(file, ["target"]);
        using CsvColumnReader reader = new(file, codes, column);
        List<DateTimeOffset> times = [];
        float[] row = new float[1];
        while (reader.Read(row)) times.Add(reader.Time);
        return [.. times];
    }
}
