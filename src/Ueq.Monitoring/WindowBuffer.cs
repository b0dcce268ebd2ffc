namespace Ueq.Monitoring;

/// <summary>One window of all signals, and its exact sizes, which the guide's figures need.</summary>
internal sealed class WindowBuffer(DriftReference reference, int window)
{
    private readonly double[] _sizes = new double[window];
    private int _finiteSizes;

    public SignalWindow[] Signals { get; } = [.. reference.Signals.Select(s => new SignalWindow(s))];

    public int Rows { get; private set; }

    /// <summary>The finite sizes; ascending once the window is full.</summary>
    public ReadOnlySpan<double> Sizes => _sizes.AsSpan(0, _finiteSizes);

    public void Add(ReadOnlySpan<float> x, ReadOnlySpan<double> predictions, ReadOnlySpan<double> sizes)
    {
        int features = reference.Features;
        for (int f = 0; f < features; f++)
        {
            SignalWindow signal = Signals[f];
            for (int i = f; i < x.Length; i += features) signal.Add(x[i]);
        }

        foreach (double prediction in predictions) Signals[features].Add(prediction);
        foreach (double size in sizes)
        {
            Signals[features + 1].Add(size);
            if (double.IsFinite(size)) _sizes[_finiteSizes++] = size;
        }

        Rows += sizes.Length;
    }

    public void SortSizes() => _sizes.AsSpan(0, _finiteSizes).Sort();

    public void CopyFrom(WindowBuffer other)
    {
        for (int s = 0; s < Signals.Length; s++) Signals[s].CopyFrom(other.Signals[s]);
        other.Sizes.CopyTo(_sizes);
        _finiteSizes = other._finiteSizes;
        Rows = other.Rows;
    }

    public void Clear()
    {
        foreach (SignalWindow signal in Signals) signal.Clear();
        _finiteSizes = 0;
        Rows = 0;
    }
}
