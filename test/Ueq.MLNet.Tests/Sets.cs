using Ueq.Data;

namespace Ueq.MLNet.Tests;

/// <summary>The bundled data sets, three quarters to fit on and a quarter to judge by.</summary>
internal static class Sets
{
    public static IEnumerable<string> Names => MLNetTrainers.Names;

    public static Dataset Regression(string name) => CsvTable.ReadRegression(Path(name), "target");

    public static Dataset Classification(string name) => CsvTable.ReadClassification(Path(name), "target");

    public static (FeatureMatrix X, double[] Y, FeatureMatrix TestX, double[] TestY) Split(Dataset data, ulong seed = 1)
    {
        int[] order = [.. Enumerable.Range(0, data.Y.Length)];
        Rng rng = Rng.Stream(seed, 0);
        rng.Shuffle<int>(order);
        int[] test = order[..(order.Length / 4)], train = order[(order.Length / 4)..];
        return (data.X.Gather(train), Take(data.Y, train), data.X.Gather(test), Take(data.Y, test));
    }

    public static double[] Take(double[] values, int[] indices) => [.. indices.Select(i => values[i])];

    public static double[] Predict(IPointPredictor model, FeatureMatrix x)
    {
        double[] predictions = new double[x.Rows];
        model.Predict(x, predictions);
        return predictions;
    }

    public static double[] Probabilities(IClassPredictor model, FeatureMatrix x)
    {
        double[] probabilities = new double[x.Rows * model.Classes];
        model.Predict(x, probabilities);
        return probabilities;
    }

    public static double Rmse(double[] predictions, double[] y) =>
        Math.Sqrt(predictions.Zip(y, (p, t) => (p - t) * (p - t)).Average());

    public static double Accuracy(double[] probabilities, double[] y, int classes) =>
        y.Where((label, i) => probabilities.AsSpan(i * classes, classes).IndexOf(probabilities[(i * classes)..((i + 1) * classes)].Max()) == label).Count()
        / (double)y.Length;

    /// <summary>Rows with a known rule: y = 3a − 2b, with noise.</summary>
    public static (FeatureMatrix X, double[] Y) Simple(int rows, ulong seed = 3)
    {
        Rng rng = Rng.Stream(seed, 0);
        float[] x = new float[rows * 3];
        double[] y = new double[rows];
        for (int i = 0; i < rows; i++)
        {
            for (int c = 0; c < 3; c++) x[i * 3 + c] = (float)rng.NextNormal();
            y[i] = 3 * x[i * 3] - 2 * x[i * 3 + 1] + 0.1 * rng.NextNormal();
        }

        return (new FeatureMatrix(x, 3), y);
    }

    public static double[] Above(double[] y) => [.. y.Select(v => v > 0 ? 1.0 : 0.0)];

    private static string Path(string name)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = System.IO.Path.Combine(folder.FullName, "data", name, "data.csv.gz");
            if (File.Exists(path)) return path;
        }

        throw new InvalidOperationException($"the bundled data set {name} is not there");
    }
}
