using System.Globalization;
using System.IO.Compression;

namespace Ueq.Monitoring.Tests;

public sealed class LabelFreeTests
{
    private const LabelFreeAssumption Assumed = LabelFreeAssumption.AssumesNoConceptShift;

    [Fact]
    public void TheExpectedAccuracyIsTheMeanOfWhatIsBelieved()
    {
        // Truths are drawn from the probabilities, so that nothing needs correction.
        Rng rng = Rng.Stream(1, 2);
        (double[] p, int[] y) = Draw(ref rng, 5000, honest: 1);
        ClassEstimator estimator = ClassEstimator.From(p, 2, y);
        double[] chunk = [0.1, 0.9, 0.8, 0.2, 0.4, 0.6];
        ClassEstimate estimate = estimator.Estimate(chunk, [1, 0, 0]);
        Assert.Equal(Assumed, estimate.Assumption);
        if (estimator.Corrects(1)) return;
        Assert.Equal((0.9 + 0.8 + 0.4) / 3, estimate.Accuracy.Value, 1e-12);
        Assert.Equal(0.9, estimate.Precision, 1e-12);
        Assert.Equal(0.9 / (0.9 + 0.2 + 0.6), estimate.Recall, 1e-12);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void EstimatesAgreeWithLabelsThoughTheProbabilitiesLie(double honest)
    {
        Rng rng = Rng.Stream(3, (ulong)honest);
        (double[] p, int[] y) = Draw(ref rng, 10_000, honest);
        ClassEstimator estimator = ClassEstimator.From(p, 2, y);
        if (honest > 1) Assert.True(estimator.Corrects(1));
        int outside = 0;
        for (int chunk = 0; chunk < 40; chunk++)
        {
            (double[] q, int[] truths) = Draw(ref rng, 1000, honest);
            int[] predictions = [.. truths.Select((_, i) => q[2 * i + 1] > 0.5 ? 1 : 0)];
            ClassEstimate estimate = estimator.Estimate(q, predictions);
            if (!estimate.Accuracy.Band.Contains(predictions.Zip(truths, (a, b) => a == b ? 1.0 : 0).Average())) outside++;
            if (!estimate.RocAuc.Band.Contains(Area(q, truths))) outside++;
        }

        Assert.InRange(outside, 0, 2);
    }

    [Fact]
    public void ThreeClassesHaveAnAccuracyOnly()
    {
        Rng rng = Rng.Stream(5, 5);
        double[] p = new double[3 * 3000];
        int[] y = new int[3000], predictions = new int[3000];
        for (int row = 0; row < y.Length; row++)
        {
            double a = rng.NextUniform(), b = (1 - a) * rng.NextUniform(), u = rng.NextUniform();
            (p[3 * row], p[3 * row + 1], p[3 * row + 2]) = (a, b, 1 - a - b);
            y[row] = u < a ? 0 : u < a + b ? 1 : 2;
            predictions[row] = p.AsSpan(3 * row, 3).IndexOf(Math.Max(a, Math.Max(b, 1 - a - b)));
        }

        ClassEstimator estimator = ClassEstimator.From(p.AsSpan(0, 6000), 3, y.AsSpan(0, 2000));
        ClassEstimate estimate = estimator.Estimate(p.AsSpan(6000), predictions.AsSpan(2000));
        double realised = predictions.Skip(2000).Zip(y.Skip(2000), (a, b) => a == b ? 1.0 : 0).Average();
        Assert.True(estimate.Accuracy.Band.Contains(realised), $"{estimate.Accuracy} and {realised}");
        Assert.True(double.IsNaN(estimate.RocAuc.Value) && double.IsNaN(estimate.F1));
    }

    // The ranking of blocks stays what it was, their prices do not: in the middle of the probabilities a third more are dear than in
    // the reference. That is a concept shift, which only labels show.
    [Fact]
    public void OnCaliforniaTheAreaIsEstimatedAndTheAccuracyOnlyWhereTheConceptHolds()
    {
        (double[] p, int[] predictions, int[] y, int reference) = California();
        int[] even = [.. Enumerable.Range(0, reference).Where(i => i % 2 == 0)], odd = [.. Enumerable.Range(0, reference).Where(i => i % 2 == 1)];
        (ClassEstimate held, double right, double area) = Judge(ClassEstimator.From(Pairs(p, even), 2, [.. even.Select(i => y[i])]), odd);
        Assert.True(held.Accuracy.Band.Contains(right), $"{held.Accuracy}, was {right}");
        Assert.True(held.RocAuc.Band.Contains(area), $"{held.RocAuc}, was {area}");

        ClassEstimator estimator = ClassEstimator.From(p.AsSpan(0, 2 * reference), 2, y.AsSpan(0, reference));
        Assert.True(estimator.Corrects(1));
        List<double> areas = [], accuracies = [];
        for (int start = reference; start + 1000 <= y.Length; start += 1000)
        {
            (ClassEstimate estimate, right, area) = Judge(estimator, [.. Enumerable.Range(start, 1000)]);
            areas.Add(Math.Abs(estimate.RocAuc.Value - area));
            accuracies.Add(Math.Abs(estimate.Accuracy.Value - right));
        }

        Assert.InRange(areas.Average(), 0, 0.04);
        Assert.InRange(areas.Max(), 0, 0.08);
        Assert.InRange(accuracies.Average(), 0.1, 0.2);

        (ClassEstimate, double, double) Judge(ClassEstimator by, int[] rows)
        {
            int[] answered = [.. rows.Select(i => predictions[i])], truths = [.. rows.Select(i => y[i])];
            double[] q = Pairs(p, rows);
            ClassEstimate estimate = by.Estimate(q, answered);
            double realised = answered.Zip(truths, (a, b) => a == b ? 1.0 : 0).Average(), realisedArea = Area(q, truths);
            TestContext.Current.SendDiagnosticMessage(
                $"from {rows[0]}: accuracy {estimate.Accuracy.Value:0.000}±{estimate.Accuracy.Error:0.000}, was {realised:0.000}; AUC {estimate.RocAuc.Value:0.000}±{estimate.RocAuc.Error:0.000}, was {realisedArea:0.000}");
            return (estimate, realised, realisedArea);
        }
    }

    private static double[] Pairs(double[] p, int[] rows) => [.. rows.SelectMany(i => new[] { p[2 * i], p[2 * i + 1] })];

    [Fact]
    public void LossesAreEstimatedWhereTheRowsHaveMovedToHarderOnes()
    {
        Rng rng = Rng.Stream(8, 1);
        (FeatureMatrix x, double[] predictions, double[] y) = Noise(ref rng, 6000, 0.5);
        LossEstimator estimator = LossEstimator.From(x, predictions, y);
        foreach (double middle in new[] { 0.5, 0.2, 0.8 })
        {
            (FeatureMatrix now, double[] answers, double[] truths) = Noise(ref rng, 2000, middle);
            LossEstimate estimate = estimator.Estimate(now, answers);
            double mae = answers.Zip(truths, (a, b) => Math.Abs(a - b)).Average(), mse = answers.Zip(truths, (a, b) => (a - b) * (a - b)).Average();
            TestContext.Current.SendDiagnosticMessage($"{middle}: {estimate}, was {mae:0.000}, {mse:0.000}");
            Assert.Equal(Assumed, estimate.Assumption);
            Assert.Equal(mae, estimate.Mae.Value, 0.1 * mae);
            Assert.Equal(mse, estimate.Mse.Value, 0.2 * mse);
            Assert.Equal(Math.Sqrt(estimate.Mse.Value), estimate.Rmse);
        }
    }

    [Fact]
    public void TheCallersMistakesSayWhatWasExpected()
    {
        Assert.Contains("20 rows or more", Assert.Throws<ArgumentException>(() => ClassEstimator.From([0.5, 0.5], 2, [1])).Message);
        double[] p = new double[60];
        p[7] = 1.5;
        Assert.Contains("at row 3", Assert.Throws<ArgumentOutOfRangeException>(() => ClassEstimator.From(p, 2, new int[30])).Message);
        p[7] = 1;
        Assert.Contains("class index", Assert.Throws<ArgumentOutOfRangeException>(() => ClassEstimator.From(p, 2, [.. Enumerable.Repeat(2, 30)])).Message);
        Assert.Contains("100 rows", Assert.Throws<ArgumentException>(() => LossEstimator.From(new(new float[50], 1), new double[50], new double[50])).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => LossEstimator.From(new(new float[100], 1), new double[100], [.. Enumerable.Repeat(double.NaN, 100)]));
    }

    // The odds are to the power of honest: above one the model is too sure of itself.
    private static (double[] P, int[] Y) Draw(ref Rng rng, int rows, double honest)
    {
        double[] p = new double[2 * rows];
        int[] y = new int[rows];
        for (int row = 0; row < rows; row++)
        {
            double logOdds = 1.5 * rng.NextNormal();
            y[row] = rng.NextUniform() < 1 / (1 + Math.Exp(-logOdds)) ? 1 : 0;
            p[2 * row + 1] = 1 / (1 + Math.Exp(-honest * logOdds));
            p[2 * row] = 1 - p[2 * row + 1];
        }

        return (p, y);
    }

    // Noise grows with the first feature and is missing where the second is not there.
    private static (FeatureMatrix X, double[] Predictions, double[] Y) Noise(ref Rng rng, int rows, double middle)
    {
        float[] x = new float[2 * rows];
        double[] predictions = new double[rows], y = new double[rows];
        for (int row = 0; row < rows; row++)
        {
            double place = Math.Clamp(middle + 0.3 * (rng.NextUniform() - 0.5) * (middle == 0.5 ? 3.3 : 1), 0, 1);
            x[2 * row] = (float)place;
            x[2 * row + 1] = row % 5 == 0 ? float.NaN : (float)rng.NextUniform();
            predictions[row] = 10 * place;
            y[row] = predictions[row] + (0.2 + place * place) * (row % 5 == 0 ? 0.3 : 1) * rng.NextNormal();
        }

        return (new FeatureMatrix(x, 2), predictions, y);
    }

    private static double Area(double[] p, int[] y)
    {
        double[] ones = [.. y.Index().Where(t => t.Item == 1).Select(t => p[2 * t.Index + 1])], zeros = [.. y.Index().Where(t => t.Item == 0).Select(t => p[2 * t.Index + 1])];
        Array.Sort(zeros);
        double pairs = 0;
        foreach (double one in ones)
        {
            int below = zeros.AsSpan().BinarySearch(new Edge(one, -1)), upTo = zeros.AsSpan().BinarySearch(new Edge(one, 1));
            pairs += (~below + ~upTo) / 2.0;
        }

        return pairs / ((double)ones.Length * zeros.Length);
    }

    private readonly struct Edge(double value, int side) : IComparable<double>
    {
        public int CompareTo(double other) => value.CompareTo(other) is var order && order != 0 ? order : side;
    }

    private static (double[] P, int[] Predictions, int[] Y, int Reference) California()
    {
        string? root = Environment.GetEnvironmentVariable("UEQ_DATA");
        for (DirectoryInfo? d = new(AppContext.BaseDirectory); root is null && d is not null; d = d.Parent)
            if (Directory.Exists(Path.Combine(d.FullName, "shared", "data"))) root = Path.Combine(d.FullName, "shared", "data");
        string? file = root is null ? null : Path.Combine(root, "monitor-california", "data.csv.gz");
        if (file is null || !File.Exists(file)) Assert.Skip("the optional data set monitor-california is not there");
        using StreamReader text = new(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
        string[] head = text.ReadLine()!.Split(',');
        int at = Array.IndexOf(head, "y_pred_proba"), answered = Array.IndexOf(head, "y_pred"), target = Array.IndexOf(head, "target"), period = Array.IndexOf(head, "period");
        List<double> p = [];
        List<int> predictions = [], y = [];
        int reference = 0;
        while (text.ReadLine() is { } line)
        {
            string[] cells = line.Split(',');
            double one = double.Parse(cells[at], CultureInfo.InvariantCulture);
            p.Add(1 - one);
            p.Add(one);
            predictions.Add((int)double.Parse(cells[answered], CultureInfo.InvariantCulture));
            y.Add((int)double.Parse(cells[target], CultureInfo.InvariantCulture));
            if (cells[period] == "reference") reference++;
        }

        return ([.. p], [.. predictions], [.. y], reference);
    }
}
