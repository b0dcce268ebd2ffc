using Ueq.Conformal;
using Ueq.Ensembles;
using Ueq.Monitoring;

namespace Ueq.Cli.Fitting;

/// <summary>Learns what estimates a model's losses without labels, from rows that the model was not fitted on.</summary>
internal static class Estimating
{
    // What more rows would add to a forest of small trees is less than the time they take.
    private const int MostRows = 20_000, MostCells = 1_000_000;
    private const int LeastRows = 100;

    /// <summary>The estimator as a version keeps it; empty where rows that the model has not seen are too few.</summary>
    public static ReadOnlyMemory<byte> Learn(Trained trained, Held held)
    {
        bool unseen = trained.Calibrating is not null || trained.Regressor is JackknifeAfterBootstrap;
        if (!unseen || held.X.Rows < LeastRows) return default;
        using MemoryStream saved = new();
        if (trained.Classifier is { } classifier)
        {
            ClassEstimator.From(held.Probabilities, classifier.Classes, [.. held.Y.Select(label => (int)label)]).Save(saved);
            return saved.ToArray();
        }

        int rows = Math.Max(LeastRows, Math.Min(MostRows, MostCells / Math.Max(1, held.X.Columns)));
        int[] some = [.. Enumerable.Range(0, Math.Min(rows, held.X.Rows)).Select(i => (int)((long)i * held.X.Rows / Math.Min(rows, held.X.Rows)))];
        double[] predictions = SplitRows.Pick(held.Predictions, some), y = SplitRows.Pick(held.Y, some);
        // Beyond this a squared loss is no number.
        if (!predictions.Zip(y).All(pair => double.IsFinite((pair.First - pair.Second) * (pair.First - pair.Second) * rows))) return default;
        LossEstimator.From(held.X.Gather(some), predictions, y).Save(saved);
        return saved.ToArray();
    }
}
