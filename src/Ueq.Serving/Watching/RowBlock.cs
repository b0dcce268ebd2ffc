namespace Ueq.Serving.Watching;

/// <summary>Answered rows on their way to the monitor, copied so that a request can go on without waiting.</summary>
internal sealed class RowBlock(int width, int classes, int capacity)
{
    private readonly float[] _features = new float[width * capacity];
    private readonly double[] _predictions = new double[capacity];
    private readonly double[] _sizes = new double[capacity];
    private readonly double[] _probabilities = new double[classes * capacity];

    public int Rows { get; private set; }

    public bool IsFull => Rows == capacity;

    /// <summary>When the first row was answered.</summary>
    public DateTimeOffset At { get; private set; }

    public FeatureMatrix Features => new(_features.AsMemory(0, Rows * width), width);

    public ReadOnlySpan<double> Predictions => _predictions.AsSpan(0, Rows);

    public ReadOnlySpan<double> Sizes => _sizes.AsSpan(0, Rows);

    /// <summary>Rows × classes; empty where nobody asks for them.</summary>
    public ReadOnlySpan<double> Probabilities => _probabilities.AsSpan(0, Rows * classes);

    /// <summary>Copies as many of the rows from one on as there is room for.</summary>
    /// <returns>How many that were.</returns>
    public int Add(FeatureMatrix x, int start, int rows, ReadOnlySpan<double> predictions, ReadOnlySpan<double> sizes, ReadOnlySpan<double> probabilities, TimeProvider time)
    {
        int count = Math.Min(rows, capacity - Rows);
        if (Rows == 0) At = time.GetLocalNow();
        x.Values.Slice(start * width, count * width).CopyTo(_features.AsSpan(Rows * width));
        predictions.Slice(start, count).CopyTo(_predictions.AsSpan(Rows));
        sizes.Slice(start, count).CopyTo(_sizes.AsSpan(Rows));
        if (classes > 0) probabilities.Slice(start * classes, count * classes).CopyTo(_probabilities.AsSpan(Rows * classes));
        Rows += count;
        return count;
    }

    public void Clear() => Rows = 0;
}
