using System.Text;
using System.Text.Json;
using Ueq.Ensembles;
using Ueq.Versions;

namespace Ueq.Tests.Support;

/// <summary>Answers a linear form; can be stored.</summary>
internal sealed class LinearPredictor(double[] weights, double intercept) : IPointPredictor, IStoredPredictor
{
    public string Format => "test_linear";

    public void Predict(FeatureMatrix x, Span<double> destination)
    {
        for (int i = 0; i < x.Rows; i++)
        {
            ReadOnlySpan<float> row = x.Row(i);
            double sum = intercept;
            for (int j = 0; j < row.Length; j++) sum += weights[j] * row[j];
            destination[i] = sum;
        }
    }

    public void Save(Stream destination) => JsonSerializer.Serialize(destination, (double[])[.. weights, intercept]);
}

/// <summary>Two quantiles around the first feature; can be stored.</summary>
internal sealed class LinearQuantiles(double above, double below) : IQuantilePredictor, IStoredPredictor
{
    public string Format => "test_linear";

    public void Predict(FeatureMatrix x, Span<double> lower, Span<double> upper)
    {
        for (int i = 0; i < x.Rows; i++) (lower[i], upper[i]) = (x.Row(i)[0] + below, x.Row(i)[0] + above);
    }

    public void Save(Stream destination) => destination.Write(Encoding.ASCII.GetBytes($"\"{above} {below}\""));
}

/// <summary>Two classes by the sign of the first feature; can be stored.</summary>
internal sealed class SignClassifier(double steepness) : IClassPredictor, IStoredPredictor
{
    public int Classes => 2;

    public string Format => "test_linear";

    public void Predict(FeatureMatrix x, Span<double> probabilities)
    {
        for (int i = 0; i < x.Rows; i++)
        {
            probabilities[2 * i + 1] = 1 / (1 + Math.Exp(-steepness * x.Row(i)[0]));
            probabilities[2 * i] = 1 - probabilities[2 * i + 1];
        }
    }

    public void Save(Stream destination) => destination.Write(Encoding.ASCII.GetBytes(JsonSerializer.Serialize(steepness)));
}

internal sealed class TestFormat : IPredictorFormat
{
    public string Name => "test_linear";

    public IStoredPredictor Load(Stream source)
    {
        JsonElement numbers = JsonSerializer.Deserialize<JsonElement>(source);
        if (numbers.ValueKind == JsonValueKind.Number) return new SignClassifier(numbers.GetDouble());
        if (numbers.ValueKind == JsonValueKind.String)
        {
            double[] ends = [.. numbers.GetString()!.Split(' ').Select(end => double.Parse(end, System.Globalization.CultureInfo.InvariantCulture))];
            return new LinearQuantiles(ends[0], ends[1]);
        }

        double[] weights = numbers.Deserialize<double[]>()!;
        return new LinearPredictor(weights[..^1], weights[^1]);
    }
}

/// <summary>A predictor made of a function of one row.</summary>
internal sealed class RowPredictor(Func<float[], double> answer) : IPointPredictor
{
    public void Predict(FeatureMatrix x, Span<double> destination)
    {
        for (int i = 0; i < x.Rows; i++) destination[i] = answer(x.Row(i).ToArray());
    }
}

/// <summary>A trainer made of a function.</summary>
internal sealed class Trainer<T>(Func<FeatureMatrix, double[], ulong, T> fit) : ITrainer<T>
{
    public T Fit(FeatureMatrix x, ReadOnlySpan<double> y, ulong seed) => fit(x, y.ToArray(), seed);
}

internal static class Trainers
{
    /// <summary>Jackknife+-after-bootstrap that stops when the test run does.</summary>
    public static JackknifeAfterBootstrap Bootstrap(ITrainer<IPointPredictor> trainer, FeatureMatrix x, ReadOnlySpan<double> y, BootstrapOptions? options, ulong seed) =>
        JackknifeAfterBootstrap.Fit(trainer, x, y, options, seed, cancellation: TestContext.Current.CancellationToken);

    /// <summary>A constant: the mean of the targets.</summary>
    public static ITrainer<IPointPredictor> Mean { get; } = new Trainer<IPointPredictor>((x, y, _) => new LinearPredictor(new double[x.Columns], y.Average()));

    /// <summary>The mean of the k nearest rows, features standardised.</summary>
    public static ITrainer<IPointPredictor> Nearest(int k) => new Trainer<IPointPredictor>((x, y, _) =>
    {
        Neighbours near = new(x);
        return new RowPredictor(row => near.Of(row, k).Average(i => y[i]));
    });

    /// <summary>Shares of the classes among the k nearest rows, each class one row more than it has.</summary>
    public static ITrainer<IClassPredictor> NearestClasses(int k, int classes) => new Trainer<IClassPredictor>((x, y, _) => new ClassShares(new Neighbours(x), y, k, classes));

    private sealed class ClassShares(Neighbours near, double[] y, int k, int classes) : IClassPredictor
    {
        public int Classes => classes;

        public void Predict(FeatureMatrix x, Span<double> probabilities)
        {
            for (int i = 0; i < x.Rows; i++)
            {
                Span<double> row = probabilities.Slice(i * classes, classes);
                row.Fill(0.1);
                foreach ((int neighbour, int place) in near.Of(x.Row(i).ToArray(), k).Select((n, place) => (n, place))) row[(int)y[neighbour]] += 1.0 / (1 + place);
                double sum = 0;
                foreach (double value in row) sum += value;
                foreach (ref double value in row) value /= sum;
            }
        }
    }

    private sealed class Neighbours
    {
        private readonly double[][] _rows;
        private readonly double[] _scales;

        public Neighbours(FeatureMatrix x)
        {
            _scales = [.. Enumerable.Range(0, x.Columns).Select(j =>
            {
                double[] column = [.. Enumerable.Range(0, x.Rows).Select(i => (double)x.Row(i)[j])];
                double mean = column.Average(), deviation = Math.Sqrt(column.Average(v => (v - mean) * (v - mean)));
                return deviation > 0 ? 1 / deviation : 0;
            })];
            _rows = [.. Enumerable.Range(0, x.Rows).Select(i => Scale(x.Row(i).ToArray()))];
        }

        public IEnumerable<int> Of(float[] row, int k)
        {
            double[] at = Scale(row), distances = new double[_rows.Length];
            for (int i = 0; i < distances.Length; i++)
                for (int j = 0; j < at.Length; j++) distances[i] += (_rows[i][j] - at[j]) * (_rows[i][j] - at[j]);
            int[] order = [.. Enumerable.Range(0, distances.Length)];
            Array.Sort(distances, order);
            return order.Take(k);
        }

        private double[] Scale(float[] row) => [.. row.Select((value, j) => value * _scales[j])];
    }
}
