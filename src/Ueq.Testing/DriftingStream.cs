namespace Ueq.Testing;

/// <summary>Rows of a known truth, without end, that change at a known row.</summary>
/// <remarks>
/// A row is a pure function of seed and place, so any part can be drawn again, alone. Before the change the rows are those of
/// <see cref="LinearTruth.Draw"/>. A shift of the features moves the target with them, as the truth says; a shift of the target does not.
/// </remarks>
public sealed class DriftingStream
{
    private readonly LinearTruth _truth;
    private readonly ulong _seed;

    /// <summary>A stream of a truth, its change and its seed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number of the drift is outside its range.</exception>
    public DriftingStream(LinearTruth truth, Drift drift, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(truth);
        ArgumentNullException.ThrowIfNull(drift);
        drift.Validate();
        (_truth, Drift, _seed) = (truth, drift, seed);
    }

    /// <summary>How and when it changes.</summary>
    public Drift Drift { get; }

    /// <summary>The first row that is different; <c>null</c> where none is.</summary>
    public int? ChangeRow => Drift.Changes ? Drift.Row : null;

    /// <summary>Rows from <paramref name="start"/> on.</summary>
    public (FeatureMatrix X, double[] Y) Draw(int start, int rows)
    {
        float[] x = new float[rows * _truth.Features];
        (FeatureMatrix plain, double[] y) = _truth.Draw(rows, _seed, start);
        for (int i = 0; i < rows; i++)
        {
            double share = Drift.Share(start + i);
            Span<float> row = x.AsSpan(i * plain.Columns, plain.Columns);
            plain.Row(i).CopyTo(row);
            if (share == 0) continue;
            double noise = (y[i] - _truth.Mean(row)) / _truth.Sigma(row);
            foreach (ref float value in row) value += (float)(share * Drift.FeatureShift);
            y[i] = _truth.Mean(row) + share * Drift.TargetShift + (1 + share * (Drift.NoiseFactor - 1)) * _truth.Sigma(row) * noise;
        }

        return (new FeatureMatrix(x, plain.Columns), y);
    }
}
