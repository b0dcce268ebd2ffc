namespace Ueq.Testing;

/// <summary>The target of a row, with the random numbers that belong to it.</summary>
internal delegate double Target(ReadOnlySpan<float> row, ref Rng rng);

/// <summary>Rows of standard normal features, each a pure function of seed and place.</summary>
internal static class Draws
{
    public static (FeatureMatrix X, double[] Y) Rows(int rows, int features, int start, ulong seed, Target target)
    {
        Throw.IfOutside(nameof(rows), rows, 0, int.MaxValue / features);
        Throw.IfOutside(nameof(start), start, 0, int.MaxValue - rows);
        float[] x = new float[rows * features];
        double[] y = new double[rows];
        for (int i = 0; i < rows; i++)
        {
            Rng rng = Rng.Stream(seed, (ulong)(start + i));
            Span<float> row = x.AsSpan(i * features, features);
            foreach (ref float value in row) value = (float)rng.NextNormal();
            y[i] = target(row, ref rng);
        }

        return (new FeatureMatrix(x, features), y);
    }

    public static void Check(FeatureMatrix x, int features, string parameter, int length, long expected)
    {
        if (x.Rows > 0 && x.Columns != features) throw new ArgumentException($"Expected {features} features per row, got {x.Columns}.", nameof(x));
        if (length != expected) throw new ArgumentException($"Expected {expected} places for {x.Rows} rows, got {length}.", parameter);
        for (int i = 0; i < x.Values.Length; i++)
        {
            if (!float.IsFinite(x.Values[i]))
                throw new ArgumentException($"Expected a finite feature at row {i / x.Columns}, column {i % x.Columns}, got {Throw.Say(x.Values[i])}.", nameof(x));
        }
    }
}
