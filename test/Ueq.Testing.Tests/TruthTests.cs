using Ueq.Monitoring;

namespace Ueq.Testing.Tests;

public sealed class TruthTests
{
    private static readonly LinearTruth Even = new([2, -1], 3, 0.5), Uneven = new([2, -1], 3, 0.5, 0.7);

    [Fact]
    public void TheTargetHasTheMeanAndTheNoiseThatAreSaid()
    {
        foreach (LinearTruth truth in new[] { Even, Uneven })
        {
            (FeatureMatrix x, double[] y) = truth.Draw(20_000, 1);
            double[] mean = new double[y.Length], sigma = new double[y.Length];
            truth.Predict(x, mean, sigma);
            double[] z = [.. y.Select((target, i) => (target - mean[i]) / sigma[i])];
            Assert.Equal(0, z.Average(), 0.03);
            Assert.Equal(1, z.Average(v => v * v), 0.05);
            Assert.Equal(0.9, z.Average(v => Math.Abs(v) < 1.6449 ? 1.0 : 0), 0.01);
        }

        Assert.Equal(0.5, Even.Sigma([7, 0]));
        Assert.Equal(0.5 * Math.Exp(1.4), Uneven.Sigma([2, 0]), 1e-12);
    }

    [Fact]
    public void ClassesComeAsOftenAsTheirProbabilitiesSay()
    {
        ClassTruth truth = new(3, 4);
        (FeatureMatrix x, double[] y) = truth.Draw(20_000, 1);
        double[] probabilities = new double[3 * y.Length];
        truth.Predict(x, probabilities);
        for (int k = 0; k < 3; k++)
        {
            double[] likely = [.. Enumerable.Range(0, y.Length).Where(i => probabilities[3 * i + k] > 0.7).Select(i => y[i] == k ? 1.0 : 0)];
            double expected = Enumerable.Range(0, y.Length).Where(i => probabilities[3 * i + k] > 0.7).Average(i => probabilities[3 * i + k]);
            Assert.True(likely.Length > 1000);
            Assert.Equal(expected, likely.Average(), 0.03);
        }
    }

    [Fact]
    public void AnyPartOfTheRowsCanBeDrawnAgain()
    {
        (FeatureMatrix all, double[] y) = Uneven.Draw(100, 5);
        (FeatureMatrix part, double[] partY) = Uneven.Draw(10, 5, start: 40);
        Assert.Equal(all.Slice(40, 10).Values.ToArray(), part.Values.ToArray());
        Assert.Equal(y[40..50], partY);
        DriftingStream stream = new(Uneven, Drift.Gradual(45, 10, 2), 5);
        Assert.Equal(stream.Draw(0, 100).X.Slice(40, 20).Values.ToArray(), stream.Draw(40, 20).X.Values.ToArray());
        Assert.Equal(y[..45], stream.Draw(0, 45).Y);
    }

    [Fact]
    public void AChangeComesWhereItIsSaid()
    {
        (FeatureMatrix before, double[] y) = Even.Draw(1000, 5);
        DriftingStream sudden = new(Even, Drift.Sudden(500, 3), 5), gradual = new(Even, Drift.Gradual(500, 99, 3), 5), none = new(Even, Drift.None, 5);
        Assert.Equal(500, sudden.ChangeRow);
        Assert.Null(none.ChangeRow);
        Assert.Equal(before.Values.ToArray(), none.Draw(0, 1000).X.Values.ToArray());
        Assert.Equal(before.Row(499).ToArray(), sudden.Draw(499, 1).X.Row(0).ToArray());
        Assert.Equal(before.Row(500)[0] + 3, sudden.Draw(500, 1).X.Row(0)[0], 1e-5);
        Assert.Equal(before.Row(500)[0] + 0.03, gradual.Draw(500, 1).X.Row(0)[0], 1e-5);
        Assert.Equal(before.Row(599)[0] + 3, gradual.Draw(599, 1).X.Row(0)[0], 1e-5);
        // The target moves with its features, as the truth says.
        Assert.Equal(y[500] + 3 * (2 - 1), sudden.Draw(500, 1).Y[0], 1e-5);
        DriftingStream concept = new(Even, new Drift { Row = 500, TargetShift = 7, NoiseFactor = 2 }, 5);
        Assert.Equal(before.Row(500).ToArray(), concept.Draw(500, 1).X.Row(0).ToArray());
        Assert.Equal(Even.Mean(before.Row(500)) + 7 + 2 * (y[500] - Even.Mean(before.Row(500))), concept.Draw(500, 1).Y[0], 1e-9);
    }

    [Fact]
    public void TheDriftMonitorSeesTheChangeAndNothingWhereThereIsNone()
    {
        DriftReference reference = Reference(Even.Draw(5000, 9).X);
        int First(Drift drift)
        {
            ModelWatch watch = new(reference, new WatchOptions());
            DriftingStream stream = new(Even, drift, 5);
            for (int start = 0; start < 3000; start += 100)
            {
                (FeatureMatrix x, _) = stream.Draw(start, 100);
                double[] predictions = new double[100], sizes = new double[100];
                Even.Predict(x, predictions);
                Array.Fill(sizes, 1);
                watch.Add(x, predictions, sizes, default);
                if (watch.State == SignalState.Alarm) return start;
            }

            return -1;
        }

        Assert.Equal(-1, First(Drift.None));
        Assert.Equal(1500, First(Drift.Sudden(1500, 2)));
        Assert.InRange(First(Drift.Gradual(1000, 1000, 2)), 1000, 2000);
    }

    private static DriftReference Reference(FeatureMatrix x)
    {
        double[] predictions = new double[x.Rows], sizes = new double[x.Rows];
        Even.Predict(x, predictions);
        Array.Fill(sizes, 1);
        return DriftReference.From(FeatureSchema.Numeric(2), x, predictions, sizes);
    }

    [Fact]
    public void NumbersOutsideTheirRangesAreRefused()
    {
        Assert.Throws<ArgumentException>(() => new LinearTruth([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LinearTruth([1], noise: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LinearTruth([double.NaN]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ClassTruth(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ClassTruth(3, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DriftingStream(Even, Drift.Sudden(-1, 1), 1));
        Assert.Throws<ArgumentException>(() => Even.Predict(new FeatureMatrix(new float[3], 3), new double[1]));
    }
}
