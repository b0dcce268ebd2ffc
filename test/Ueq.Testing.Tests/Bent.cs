using System.Text;
using Ueq.Versions;

namespace Ueq.Testing.Tests;

internal delegate void One(FeatureMatrix x, Span<double> answers);

internal delegate void Two(FeatureMatrix x, Span<double> first, Span<double> second);

/// <summary>Models made of a function, to break one law each.</summary>
internal sealed class BentPoint(One answer) : IPointPredictor
{
    public void Predict(FeatureMatrix x, Span<double> destination) => answer(x, destination);
}

internal sealed class BentQuantiles(Two answer) : IQuantilePredictor
{
    public void Predict(FeatureMatrix x, Span<double> lower, Span<double> upper) => answer(x, lower, upper);
}

internal sealed class BentGaussian(Two answer) : IGaussianPredictor
{
    public void Predict(FeatureMatrix x, Span<double> mean, Span<double> sigma) => answer(x, mean, sigma);
}

internal sealed class BentClasses(int classes, One answer) : IClassPredictor
{
    public int Classes => classes;

    public void Predict(FeatureMatrix x, Span<double> probabilities) => answer(x, probabilities);
}

internal sealed class BentBands(LinearTruth truth, Func<Band, Band> bend) : IBandPredictor
{
    public void Predict(FeatureMatrix x, Span<Band> destination)
    {
        double[] points = new double[destination.Length];
        truth.Predict(x, points);
        for (int i = 0; i < points.Length; i++) destination[i] = bend(new Band(points[i], points[i], 1));
    }
}

internal sealed class BentIntervals(LinearTruth truth, Func<double, Coverage, (double Prediction, Interval Interval)> answer, Func<Coverage, Guarantee> guarantee) : IIntervalPredictor
{
    public int Features { get; init; } = truth.Features;

    public void Predict(FeatureMatrix x, Coverage coverage, Span<double> predictions, Span<Interval> intervals)
    {
        if (intervals.Length != x.Rows) throw new ArgumentException("Expected as many intervals as rows.", nameof(intervals));
        truth.Predict(x, predictions);
        for (int i = 0; i < predictions.Length; i++) (predictions[i], intervals[i]) = answer(predictions[i], coverage);
    }

    public Guarantee Guarantee(Coverage coverage) => guarantee(coverage);
}

internal sealed class BentSets(ClassTruth truth, Func<double, Coverage, ulong> answer, Func<Coverage, Guarantee> guarantee) : ILabelSetPredictor
{
    public int Features => truth.Features;

    public int Classes => truth.Classes;

    public void Predict(FeatureMatrix x, Coverage coverage, Span<double> probabilities, Span<ulong> sets)
    {
        if (sets.Length != x.Rows) throw new ArgumentException("Expected as many sets as rows.", nameof(sets));
        truth.Predict(x, probabilities);
        for (int i = 0; i < sets.Length; i++) sets[i] = answer(probabilities[i * Classes], coverage);
    }

    public Guarantee Guarantee(Coverage coverage) => guarantee(coverage);
}

/// <summary>A model that adds a number, stored in a file with a digest, and every way to get that wrong.</summary>
internal sealed class StoredSum(double add, Func<byte[]>? save = null) : IPointPredictor, IStoredPredictor
{
    public string Format { get; init; } = "sum";

    public double Add => add;

    public void Predict(FeatureMatrix x, Span<double> destination)
    {
        new LinearTruth([1, 1]).Predict(x, destination);
        foreach (ref double value in destination) value += add;
    }

    public void Save(Stream destination) => destination.Write(save is null ? SumFormat.Seal(add) : save());
}

/// <summary>Reads sealed sums, unless told to do it badly.</summary>
internal sealed class SumFormat(Func<Stream, IStoredPredictor>? load = null) : IPredictorFormat
{
    public string Name => "sum";

    public static byte[] Seal(double add)
    {
        byte[] content = [.. "SUM"u8, .. BitConverter.GetBytes(add)];
        return [.. content, .. System.Security.Cryptography.SHA256.HashData(content)];
    }

    public static byte[] All(Stream source)
    {
        using MemoryStream copy = new();
        source.CopyTo(copy);
        return copy.ToArray();
    }

    public IStoredPredictor Load(Stream source)
    {
        if (load is not null) return load(source);
        byte[] file = All(source);
        if (file.Length != 43 || !file.AsSpan().StartsWith("SUM"u8) || !Seal(BitConverter.ToDouble(file, 3)).AsSpan().SequenceEqual(file))
            throw new InvalidDataException($"Expected a sum, got {Encoding.ASCII.GetString(file, 0, Math.Min(3, file.Length))}.");
        return new StoredSum(BitConverter.ToDouble(file, 3));
    }
}

/// <summary>A trainer made of a function.</summary>
internal sealed class BentTrainer<T>(Func<FeatureMatrix, double[], ulong, T> fit) : ITrainer<T>
{
    public T Fit(FeatureMatrix x, ReadOnlySpan<double> y, ulong seed)
    {
        if (x.Rows == 0 || x.Rows != y.Length) throw new ArgumentException("rows", nameof(x));
        return fit(x, y.ToArray(), seed);
    }
}
