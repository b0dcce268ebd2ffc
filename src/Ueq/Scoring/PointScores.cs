namespace Ueq.Scoring;

/// <summary>Errors of point predictions.</summary>
public static class PointScores
{
    /// <summary>Root of the mean squared error, in units of the target.</summary>
    public static double RootMeanSquaredError(ReadOnlySpan<double> predictions, ReadOnlySpan<double> targets)
    {
        CheckLengths(predictions, targets);
        double sum = 0;
        for (int i = 0; i < targets.Length; i++) sum += (predictions[i] - targets[i]) * (predictions[i] - targets[i]);
        return Math.Sqrt(sum / targets.Length);
    }

    /// <summary>Mean absolute error, in units of the target.</summary>
    public static double MeanAbsoluteError(ReadOnlySpan<double> predictions, ReadOnlySpan<double> targets)
    {
        CheckLengths(predictions, targets);
        double sum = 0;
        for (int i = 0; i < targets.Length; i++) sum += Math.Abs(predictions[i] - targets[i]);
        return sum / targets.Length;
    }

    private static void CheckLengths(ReadOnlySpan<double> predictions, ReadOnlySpan<double> targets)
    {
        if (targets.IsEmpty) Throw.Length(nameof(targets), 0, "one target or more");
        Throw.IfDifferent(nameof(predictions), predictions.Length, targets.Length, "predictions, one per target");
    }
}
