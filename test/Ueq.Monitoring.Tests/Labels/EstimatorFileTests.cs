using System.Text;

namespace Ueq.Monitoring.Tests;

public sealed class EstimatorFileTests
{
    [Fact]
    public void ARestoredEstimatorSaysTheSame()
    {
        (FeatureMatrix x, double[] predictions, LossEstimator losses) = Losses();
        LossEstimator again = LossEstimator.Restore(new MemoryStream(Bytes(losses.Save)));
        Assert.Equal(losses.Estimate(x, predictions), again.Estimate(x, predictions));
        Assert.Equal((losses.Features, losses.ReferenceRows, losses.ReferenceMae, losses.ReferenceRmse), (again.Features, again.ReferenceRows, again.ReferenceMae, again.ReferenceRmse));
        Assert.Equal(Bytes(losses.Save), Bytes(again.Save));

        (double[] p, int[] answered, ClassEstimator classes) = Classes();
        ClassEstimator restored = ClassEstimator.Restore(new MemoryStream(Bytes(classes.Save)));
        Assert.True(classes.Corrects(1));
        Assert.Equal(classes.Estimate(p, answered), restored.Estimate(p, answered));
        Assert.Equal(Bytes(classes.Save), Bytes(restored.Save));
    }

    [Theory]
    [InlineData("\"kind\":\"direct_loss_estimation\"", "\"kind\":\"confidence_based\"", "$.kind")]
    [InlineData("\"format_version\":1", "\"format_version\":2", "$.format_version")]
    [InlineData("\"rows\":400", "\"rows\":0", "$.rows")]
    [InlineData("\"spread\":", "\"spread\":-", "spread")]
    [InlineData("\"splits\":[[", "\"splits\":[[9", "$.absolute.splits[0]")]
    [InlineData("\"edges\":[[", "\"edges\":[[9e9,", "$.edges[0]")]
    [InlineData("\"absolute\":", "\"other\":", "other")]
    public void ADamagedEstimatorNamesThePlace(string sound, string damaged, string place)
    {
        string text = Encoding.UTF8.GetString(Bytes(Losses().Estimator.Save));
        int at = text.IndexOf(sound, StringComparison.Ordinal);
        Assert.True(at >= 0, text[..200]);
        string wrong = text[..at] + damaged + text[(at + sound.Length)..];
        string message = Assert.Throws<InvalidDataException>(() => LossEstimator.Restore(new MemoryStream(Encoding.UTF8.GetBytes(wrong)))).Message;
        Assert.Contains(place, message, StringComparison.Ordinal);
    }

    [Fact]
    public void EveryCutIsFound()
    {
        byte[] whole = Bytes(Classes().Estimator.Save);
        for (int length = 0; length < whole.Length; length += 7)
            Assert.Throws<InvalidDataException>(() => ClassEstimator.Restore(new MemoryStream(whole, 0, length)));
    }

    [Fact]
    public void AMonitorLooksAtTheLatestRowsAndAddsWithoutAllocation()
    {
        (FeatureMatrix x, double[] predictions, LossEstimator losses) = Losses();
        LabelFreeMonitor monitor = new(losses, 150);
        Assert.Null(monitor.ReadLosses());
        for (int start = 0; start < 400; start += 100) monitor.Add(x.Slice(start, 100), predictions.AsSpan(start, 100));
        LossEstimate estimate = monitor.ReadLosses()!, last = losses.Estimate(x.Slice(250, 150), predictions.AsSpan(250, 150));
        Assert.Equal(last.Mae.Value, estimate.Mae.Value, 1e-12);
        Assert.Equal((150, 400L), (estimate.Rows, monitor.Rows));
        monitor.Add(x, predictions);
        Assert.Equal(last.Mae.Value, monitor.ReadLosses()!.Mae.Value, 1e-12);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) monitor.Add(x, predictions);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Throws<InvalidOperationException>(() => monitor.Add([0.5, 0.5], [1.0]));
        Assert.Contains("2 features", Assert.Throws<ArgumentException>(() => monitor.Add(new FeatureMatrix(new float[3], 3), [1.0])).Message, StringComparison.Ordinal);
    }

    private static byte[] Bytes(Action<Stream> save)
    {
        using MemoryStream stream = new();
        save(stream);
        return stream.ToArray();
    }

    private static (FeatureMatrix X, double[] Predictions, LossEstimator Estimator) Losses()
    {
        Rng rng = Rng.Stream(1, 9);
        float[] x = new float[800];
        double[] predictions = new double[400], y = new double[400];
        for (int i = 0; i < 400; i++)
        {
            (x[2 * i], x[2 * i + 1]) = ((float)rng.NextUniform(), (float)rng.NextNormal());
            y[i] = (0.1 + x[2 * i]) * rng.NextNormal();
        }

        FeatureMatrix matrix = new(x, 2);
        return (matrix, predictions, LossEstimator.From(matrix, predictions, y));
    }

    private static (double[] P, int[] Predictions, ClassEstimator Estimator) Classes()
    {
        Rng rng = Rng.Stream(1, 3);
        double[] p = new double[2000];
        int[] y = new int[1000];
        for (int i = 0; i < y.Length; i++)
        {
            double odds = rng.NextNormal();
            y[i] = rng.NextUniform() < 1 / (1 + Math.Exp(-odds)) ? 1 : 0;
            p[2 * i + 1] = 1 / (1 + Math.Exp(-4 * odds));
            p[2 * i] = 1 - p[2 * i + 1];
        }

        return (p, [.. y.Select((_, i) => p[2 * i + 1] > 0.5 ? 1 : 0)], ClassEstimator.From(p, 2, y));
    }
}
