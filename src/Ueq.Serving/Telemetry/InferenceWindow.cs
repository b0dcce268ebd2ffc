namespace Ueq.Serving.Telemetry;

/// <summary>The inference times of the latest requests.</summary>
/// <remarks>Writers do not wait for each other: two that meet at a full turn may lose one time, which no figure here would show.</remarks>
internal sealed class InferenceWindow(int size)
{
    private readonly double[] _seconds = new double[size];
    private long _count;

    public void Add(double seconds)
    {
        long place = Interlocked.Increment(ref _count) - 1;
        Volatile.Write(ref _seconds[place % _seconds.Length], seconds);
    }

    public InferenceReading Read()
    {
        int count = (int)Math.Min(Interlocked.Read(ref _count), _seconds.Length);
        if (count == 0) return new InferenceReading(0, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN);
        double[] sorted = _seconds.AsSpan(0, count).ToArray();
        Array.Sort(sorted);
        return new InferenceReading(count, sorted.Average(), At(sorted, 0.5), At(sorted, 0.95), At(sorted, 0.99), sorted.Average(seconds => seconds > 0 ? 1 / seconds : 0));
    }

    private static double At(double[] sorted, double share) => sorted[Math.Max((int)Math.Ceiling(share * sorted.Length) - 1, 0)];
}

/// <summary>Inference times in seconds, and how many a second their speed is on average; NaN when there are none.</summary>
internal readonly record struct InferenceReading(int Requests, double Mean, double Median, double Percentile95, double Percentile99, double Throughput);
