namespace Ueq.Plots;

/// <summary>One level of a calibration curve: how often the answer was to contain the truth, and how often it did.</summary>
/// <param name="Nominal">The coverage that was asked for.</param>
/// <param name="Realised">The share of rows whose interval contains the target.</param>
/// <param name="Rows">Number of rows behind the share.</param>
public readonly record struct CalibrationPoint(Coverage Nominal, double Realised, int Rows)
{
    /// <summary>The realised coverage of a calibrated model at the levels 0.05, 0.1, …, 0.95.</summary>
    /// <param name="model">A calibrated regression model.</param>
    /// <param name="x">Rows that neither fitted nor calibrated it.</param>
    /// <param name="y">Their targets.</param>
    /// <exception cref="ArgumentException">There is no row, or the lengths do not agree.</exception>
    public static IReadOnlyList<CalibrationPoint> From(IIntervalPredictor model, FeatureMatrix x, ReadOnlySpan<double> y)
    {
        const int Levels = 20;
        ArgumentNullException.ThrowIfNull(model);
        Throw.IfNone(nameof(x), x.Rows, "row");
        Throw.IfDifferent(nameof(y), y.Length, x.Rows, "targets, one per row");
        Throw.IfNotFinite(y, nameof(y), "target");
        double[] predictions = new double[x.Rows];
        Interval[] intervals = new Interval[x.Rows];
        CalibrationPoint[] points = new CalibrationPoint[Levels - 1];
        for (int level = 1; level < Levels; level++)
        {
            Coverage coverage = new((double)level / Levels);
            model.Predict(x, coverage, predictions, intervals);
            int covered = 0;
            for (int row = 0; row < intervals.Length; row++)
                if (intervals[row].Contains(y[row])) covered++;
            points[level - 1] = new CalibrationPoint(coverage, (double)covered / x.Rows, x.Rows);
        }

        return points;
    }
}
