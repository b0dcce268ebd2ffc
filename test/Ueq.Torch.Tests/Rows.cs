using Ueq.Conformal;
using Ueq.Data;

namespace Ueq.Torch.Tests;

/// <summary>Rows to fit and judge on.</summary>
internal static class Rows
{
    /// <summary>One feature; the noise grows with it: y = 2 sin 2x + (0.1 + 0.4|x|)·ε.</summary>
    public static (FeatureMatrix X, double[] Y) Heteroscedastic(int rows, ulong seed)
    {
        Rng rng = Rng.Stream(seed, 0);
        float[] x = new float[rows];
        double[] y = new double[rows];
        for (int i = 0; i < rows; i++)
        {
            x[i] = (float)(4 * rng.NextUniform() - 2);
            y[i] = 100 + 2 * Math.Sin(2 * x[i]) + (0.1 + 0.4 * Math.Abs(x[i])) * rng.NextNormal();
        }

        return (new FeatureMatrix(x, 1), y);
    }

    /// <summary>y = 3a − 2b with noise; c does not matter.</summary>
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

    public static Dataset Diabetes()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "data", "reg-diabetes", "data.csv.gz");
            if (File.Exists(path)) return CsvTable.ReadRegression(path, "target");
        }

        throw new InvalidOperationException("the bundled data set reg-diabetes is not there");
    }

    public static (double[] Mean, double[] Sigma) Predict(IGaussianPredictor model, FeatureMatrix x)
    {
        double[] mean = new double[x.Rows], sigma = new double[x.Rows];
        model.Predict(x, mean, sigma);
        return (mean, sigma);
    }

    public static double Rmse(double[] mean, double[] y) => Math.Sqrt(mean.Zip(y, (m, t) => (m - t) * (m - t)).Average());

    /// <summary>Mean negative log-likelihood of Gaussians.</summary>
    public static double Nll(double[] mean, double[] sigma, double[] y) =>
        y.Select((t, i) => 0.5 * Math.Log(2 * Math.PI) + Math.Log(sigma[i]) + 0.5 * Math.Pow((t - mean[i]) / sigma[i], 2)).Average();

    /// <summary>Coverage and mean width on other rows at 90 %, calibrated on some.</summary>
    public static (double Covered, double Width, Interval[] Intervals) Calibrated(
        IGaussianPredictor model, FeatureMatrix x, double[] y, FeatureMatrix testX, double[] testY)
    {
        GaussianBands bands = new(model);
        Band[] calibration = new Band[x.Rows], test = new Band[testX.Rows];
        bands.Predict(x, calibration);
        bands.Predict(testX, test);
        Interval[] intervals = new Interval[testX.Rows];
        IntervalCalibration.From(calibration, y).Apply(test, new Coverage(0.9), intervals);
        return (intervals.Zip(testY, (i, t) => i.Contains(t) ? 1.0 : 0).Average(), intervals.Average(i => i.Width), intervals);
    }
}
