namespace Ueq.Testing;

/// <summary>A row is answered the same, however it is brought.</summary>
internal static class RowLaws
{
    private const int MostSingleRows = 200;

    public static void Hold(Trial trial)
    {
        Repetition(trial);
        NoRows(trial);
        Elsewhere(trial);
        Slices(trial);
        if (trial.Promises.Rows != RowDependence.None) return;
        SingleRows(trial);
        Orders(trial);
    }

    private static void Repetition(Trial trial) => Same(trial, "the same call gives the same answer", "asked twice for all rows", trial.Rows, i => i, 0);

    private static void NoRows(Trial trial)
    {
        const string Law = "no rows are legal";
        trial.Answer(Law, "asked for no rows", trial.Rows.Slice(0, 0));
        trial.Answer(Law, "asked for no rows of no columns", default);
    }

    private static void SingleRows(Trial trial)
    {
        int step = Math.Max(1, trial.Rows.Rows / MostSingleRows);
        for (int i = trial.Rows.Rows - 1; i >= 0; i -= step)
        {
            int row = i;
            Same(trial, "a batch equals its rows one by one", $"asked for row {row} alone", trial.Rows.Slice(row, 1), _ => row, trial.Promises.Rounding);
        }
    }

    /// <summary>Rows in memory that is not an array, as a file that is mapped or a native library's buffer is.</summary>
    private static void Elsewhere(Trial trial)
    {
        using NativeRows native = new(trial.Rows);
        Same(trial, "rows may lie outside of arrays", "asked for the same rows in native memory", native.Matrix, i => i, trial.Promises.Rounding);
    }

    private static void Slices(Trial trial)
    {
        const string Law = "a part of a matrix is answered like a copy of it";
        int count = trial.Rows.Rows;
        foreach ((int start, int rows) in new[] { (1, count - 1), (0, count - 1), (count / 2, count - count / 2), (1, 2) })
        {
            FeatureMatrix slice = trial.Rows.Slice(start, rows), copy = new(slice.Values.ToArray(), slice.Columns);
            string done = $"asked for rows {start} to {start + rows - 1}";
            double[][] ofSlice = trial.Answer(Law, done, slice), ofCopy = trial.Answer(Law, $"{done} copied", copy);
            Trial copied = new(trial.Subject, copy, trial.Promises);
            copied.Same(Law, done, ofSlice, i => i, trial.Promises.Rounding);
            copied.Same(Law, $"{done} copied", ofCopy, i => i, 0);
        }
    }

    private static void Orders(Trial trial)
    {
        const string Law = "the order of the rows does not matter";
        int[] order = [.. Enumerable.Range(0, trial.Rows.Rows).Reverse()];
        Same(trial, Law, "asked for the rows backwards", trial.Rows.Gather(order), i => order[i], trial.Promises.Rounding);
        Rng rng = Rng.Stream(1, 0);
        rng.Shuffle<int>(order);
        Same(trial, Law, "asked for the rows in random order", trial.Rows.Gather(order), i => order[i], trial.Promises.Rounding);
        // Twice as many rows, so that no answer hangs on the number of rows either.
        int[] twice = [.. order, .. order];
        Same(trial, Law, "asked for every row twice", trial.Rows.Gather(twice), i => twice[i], trial.Promises.Rounding);
    }

    private static void Same(Trial trial, string law, string done, FeatureMatrix x, Func<int, int> row, double rounding) =>
        trial.Same(law, done, trial.Answer(law, done, x), row, rounding);
}
