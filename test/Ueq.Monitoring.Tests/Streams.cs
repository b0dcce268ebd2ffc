namespace Ueq.Monitoring.Tests;

/// <summary>Rows of four features (Gaussian, lognormal, five tied values, constant), a Gaussian prediction and a lognormal size.</summary>
internal sealed class Streams(ulong stream)
{
    public static readonly FeatureSchema Schema = new(
        [new("gaussian"), new("lognormal"), new("ties") { Missing = MissingValues.Allowed }, new("constant")]);

    private Rng _rng = Rng.Stream(20260101, stream);

    public double Shift { get; init; }

    public double Widening { get; init; } = 1;

    public (FeatureMatrix X, double[] Predictions, double[] Sizes) Next(int rows)
    {
        float[] x = new float[rows * 4];
        double[] predictions = new double[rows], sizes = new double[rows];
        for (int i = 0; i < rows; i++)
        {
            x[4 * i] = (float)(_rng.NextNormal() + Shift);
            x[4 * i + 1] = (float)Math.Exp(2 * _rng.NextNormal());
            double tie = _rng.NextUniform();
            x[4 * i + 2] = tie < 0.5 ? 0 : tie < 0.8 ? 1 : tie < 0.95 ? 2 : tie < 0.99 ? 3 : 4;
            x[4 * i + 3] = 7;
            predictions[i] = 1e6 + _rng.NextNormal();
            sizes[i] = Widening * Math.Exp(0.3 * _rng.NextNormal());
        }

        return (new FeatureMatrix(x, 4), predictions, sizes);
    }

    public DriftReference Reference(int rows)
    {
        (FeatureMatrix x, double[] predictions, double[] sizes) = Next(rows);
        return DriftReference.From(Schema, x, predictions, sizes);
    }

    public void AddTo(ModelWatch watch, int rows)
    {
        (FeatureMatrix x, double[] predictions, double[] sizes) = Next(rows);
        watch.Add(x, predictions, sizes, At);
    }

    public static readonly DateTimeOffset At = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
}
