namespace Ueq.Monitoring;

/// <summary>Direct loss estimation (DLE): a small model of a regression's losses on the reference, asked for rows without labels.</summary>
/// <remarks>
/// Two sums of small trees, of |error| and of error², over the features and the prediction (NannyML's DLE, which fits LightGBM).
/// Immutable and thread-safe.
/// </remarks>
public sealed class LossEstimator
{
    private readonly LossTrees _absolute, _squared;
    private readonly double _absoluteSpread, _squaredSpread;
    private readonly int _referenceRows;

    internal LossEstimator(int features, LossTrees absolute, LossTrees squared, double absoluteSpread, double squaredSpread, int referenceRows)
    {
        Features = features;
        _absolute = absolute;
        _squared = squared;
        _absoluteSpread = absoluteSpread;
        _squaredSpread = squaredSpread;
        _referenceRows = referenceRows;
    }

    /// <summary>Number of features of a row.</summary>
    public int Features { get; }

    /// <summary>Number of rows it has learned from.</summary>
    public int ReferenceRows => _referenceRows;

    /// <summary>Mean absolute error of the rows it has learned from.</summary>
    public double ReferenceMae => _absolute.Mean;

    /// <summary>Root mean squared error of the rows it has learned from.</summary>
    public double ReferenceRmse => Math.Sqrt(_squared.Mean);

    /// <summary>Reads an estimator that <see cref="Save"/> has written.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or of another kind: names the place.</exception>
    public static LossEstimator Restore(Stream source) => EstimatorFile.ReadLosses(source);

    /// <summary>Writes it as JSON.</summary>
    public void Save(Stream destination) => EstimatorFile.Write(destination, this);

    internal (LossTrees Absolute, LossTrees Squared, double AbsoluteSpread, double SquaredSpread) Parts => (_absolute, _squared, _absoluteSpread, _squaredSpread);

    /// <summary>Learns where losses are large from rows the model was not fitted on.</summary>
    /// <exception cref="ArgumentException">The lengths do not agree, or there are fewer than 100 rows.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A prediction or target is not finite, or the square of their difference; names the row.</exception>
    public static LossEstimator From(FeatureMatrix x, ReadOnlySpan<double> predictions, ReadOnlySpan<double> targets)
    {
        Throw.IfDifferent(nameof(predictions), predictions.Length, x.Rows, "predictions, one per row");
        Throw.IfDifferent(nameof(targets), targets.Length, x.Rows, "targets, one per row");
        if (x.Rows < 100) throw new ArgumentException($"Expected 100 rows or more, got {x.Rows}.", nameof(x));
        double[] absolute = new double[x.Rows], squared = new double[x.Rows];
        for (int row = 0; row < absolute.Length; row++)
        {
            double error = targets[row] - predictions[row];
            if (!double.IsFinite(error * error)) Throw.OutOfRange(nameof(targets), error, $"an error with a finite square at row {row}");
            absolute[row] = Math.Abs(error);
            squared[row] = error * error;
        }

        float[][] columns = new float[x.Columns + 1][];
        for (int f = 0; f < x.Columns; f++)
        {
            columns[f] = new float[x.Rows];
            for (int row = 0; row < x.Rows; row++) columns[f][row] = x.Values[row * x.Columns + f];
        }

        columns[^1] = new float[x.Rows];
        for (int row = 0; row < x.Rows; row++) columns[^1][row] = (float)predictions[row];
        LossTrees ofAbsolute = LossTrees.Fit(columns, absolute), ofSquared = LossTrees.Fit(columns, squared);
        return new(x.Columns, ofAbsolute, ofSquared, Spread(x, predictions, ofAbsolute, absolute), Spread(x, predictions, ofSquared, squared), x.Rows);
    }

    /// <summary>The estimate for rows without labels.</summary>
    /// <exception cref="ArgumentException">The lengths do not agree with each other or the reference, or there is no row.</exception>
    public LossEstimate Estimate(FeatureMatrix x, ReadOnlySpan<double> predictions)
    {
        if (x.Rows == 0) throw new ArgumentException("Expected one row or more, got none.", nameof(x));
        Throw.IfDifferent(nameof(x), x.Columns, Features, "features, as in the reference");
        Throw.IfDifferent(nameof(predictions), predictions.Length, x.Rows, "predictions, one per row");
        double absolute = 0, squared = 0;
        float[] row = new float[Features + 1];
        byte[] bins = new byte[row.Length];
        for (int i = 0; i < predictions.Length; i++)
        {
            Fill(row, x, predictions, i);
            absolute += Math.Max(0, _absolute.Predict(row, bins));
            squared += Math.Max(0, _squared.Predict(row, bins));
        }

        double mae = absolute / x.Rows, mse = squared / x.Rows, share = Math.Sqrt(1.0 / x.Rows + 1.0 / _referenceRows);
        return new LossEstimate(
            LabelFreeAssumption.AssumesNoConceptShift, x.Rows, new(mae, _absoluteSpread * share), new(mse, _squaredSpread * share), Math.Sqrt(mse));
    }

    private static void Fill(float[] row, FeatureMatrix x, ReadOnlySpan<double> predictions, int i)
    {
        x.Row(i).CopyTo(row);
        row[^1] = (float)predictions[i];
    }

    private static double Spread(FeatureMatrix x, ReadOnlySpan<double> predictions, LossTrees trees, double[] losses)
    {
        double squares = 0;
        float[] row = new float[x.Columns + 1];
        byte[] bins = new byte[row.Length];
        for (int i = 0; i < losses.Length; i++)
        {
            Fill(row, x, predictions, i);
            double left = losses[i] - trees.Predict(row, bins);
            squares += left * left;
        }

        return Math.Sqrt(squares / losses.Length);
    }
}
