namespace Ueq.Conformal;

/// <summary>Rows divided at random into those a model is fitted on and those it is calibrated on.</summary>
/// <param name="Proper">Indices of the rows to fit on, rising.</param>
/// <param name="Calibration">Indices of the rows to calibrate on, rising.</param>
public sealed record SplitRows(int[] Proper, int[] Calibration)
{
    // Names the stream of random numbers that divides rows, so that no other use of the seed repeats it.
    private const ulong DivideStream = 0x5350_4C49_5400;

    /// <summary>Divides <paramref name="rows"/> rows; the share is rounded to whole rows, at least one on either side.</summary>
    /// <param name="rows">Number of rows, two or more.</param>
    /// <param name="share">Share to calibrate on, strictly between 0 and 1.</param>
    /// <param name="seed">Names the random choice.</param>
    public static SplitRows Divide(int rows, double share, ulong seed)
    {
        if (!(share > 0 && share < 1)) Throw.OutOfRange(nameof(share), share, "a share strictly between 0 and 1");
        if (rows < 2) throw new AssumptionException(Assumption.EnoughRows, $"Expected 2 rows or more to divide, got {rows}.");
        int held = Math.Clamp((int)Math.Round(rows * share, MidpointRounding.AwayFromZero), 1, rows - 1);
        int[] order = [.. Enumerable.Range(0, rows)];
        Rng rng = Rng.Stream(seed, DivideStream);
        rng.Shuffle<int>(order);
        int[] calibration = order[..held], proper = order[held..];
        Array.Sort(calibration);
        Array.Sort(proper);
        return new SplitRows(proper, calibration);
    }

    /// <summary>Divides rows into <paramref name="folds"/> folds of sizes that differ by at most one: the fold of each row.</summary>
    public static int[] Folds(int rows, int folds, ulong seed)
    {
        if (folds < 2 || folds > rows) Throw.OutOfRange(nameof(folds), folds, $"2 to {rows} folds, the number of rows");
        int[] fold = [.. Enumerable.Range(0, rows).Select(i => i % folds)];
        Rng rng = Rng.Stream(seed, DivideStream + 1);
        rng.Shuffle<int>(fold);
        return fold;
    }

    /// <summary>The targets at the indices <paramref name="rows"/>, in that order.</summary>
    public static double[] Pick(ReadOnlySpan<double> y, ReadOnlySpan<int> rows)
    {
        double[] picked = new double[rows.Length];
        for (int i = 0; i < rows.Length; i++) picked[i] = y[rows[i]];
        return picked;
    }
}
