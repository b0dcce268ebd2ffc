namespace Ueq;

/// <summary>Within which bounds a batch size is looked for.</summary>
public sealed record BatchSizeOptions
{
    /// <summary>Smallest size that is tried, 1 or more. Default 32.</summary>
    public int Smallest { get; init; } = 32;

    /// <summary>Largest size that is tried, larger than the smallest. Default 2048.</summary>
    public int Largest { get; init; } = 2048;

    /// <summary>How much of a batch's time may be the fixed cost of the call: 0.001 to 1. Default 0.05.</summary>
    public double Overhead { get; init; } = 0.05;

    /// <summary>How long one batch may take, above 0. Default 1 second.</summary>
    public TimeSpan LongestBatch { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Bytes that one batch may take, 1 or more; the search for a size keeps within them too. Default 256 MiB.</summary>
    public long Memory { get; init; } = 256L << 20;

    /// <summary>Bytes that a row takes besides its features, 0 or more; <c>null</c>, the default, for what the calls allocate in managed memory.</summary>
    /// <remarks>What a native library takes is not seen: say it here.</remarks>
    public long? BytesPerRow { get; init; }
}

/// <summary>What was found out about batches.</summary>
/// <param name="Size">Rows of a batch.</param>
/// <param name="PerCall">What a call costs however many rows it has.</param>
/// <param name="PerRow">What each row costs on top.</param>
/// <param name="BytesPerRow">Bytes that a row was counted with, its features included.</param>
public readonly record struct BatchSizeReading(int Size, TimeSpan PerCall, TimeSpan PerRow, long BytesPerRow);

/// <summary>The search for a batch size: calls are timed, and their cost is taken apart into a part per call and a part per row.</summary>
/// <remarks>
/// The guide's <c>optimize_batch_size</c>, which takes the largest size that keeps within a time. Here the line t = a + c·n is fitted to the
/// fastest of five calls at each doubling of n, by least squares of relative errors, and the smallest n is taken whose share of a is at
/// most <see cref="BatchSizeOptions.Overhead"/>: a larger one would hardly be faster and would take more memory. Bounds of time and memory
/// go over it.
/// </remarks>
public static class BatchSize
{
    private const int Repeats = 5;

    /// <summary>Finds a size for a model by timing it.</summary>
    /// <param name="predict">Predicts a batch; called a few dozen times.</param>
    /// <param name="sample">One typical row or more; they are repeated for larger batches.</param>
    /// <param name="options">The bounds.</param>
    /// <param name="time">The clock; <c>null</c> for the system's.</param>
    /// <param name="cancellation">Ends the search.</param>
    /// <exception cref="ArgumentException">There is no row, or an option is out of its range.</exception>
    public static BatchSizeReading Find(
        Action<FeatureMatrix> predict, FeatureMatrix sample, BatchSizeOptions? options = null, TimeProvider? time = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(predict);
        options ??= new BatchSizeOptions();
        time ??= TimeProvider.System;
        Validate(sample, options);
        int features = sample.Columns * sizeof(float);
        long mostRows = Math.Clamp(options.Memory / (features + (options.BytesPerRow ?? 0)), 1, Math.Min(options.Largest, Array.MaxLength / sample.Columns));
        List<(int Rows, double Seconds)> times = [];
        long bytes = 0;
        for (int rows = (int)Math.Min(options.Smallest, mostRows); ; rows = (int)Math.Min(2L * rows, mostRows))
        {
            cancellation.ThrowIfCancellationRequested();
            FeatureMatrix batch = Repeat(sample, rows);
            long before = GC.GetAllocatedBytesForCurrentThread();
            predict(batch);
            bytes = Math.Max(bytes, (GC.GetAllocatedBytesForCurrentThread() - before) / rows);
            double fastest = double.PositiveInfinity;
            for (int i = 0; i < Repeats; i++)
            {
                long started = time.GetTimestamp();
                predict(batch);
                fastest = Math.Min(fastest, time.GetElapsedTime(started).TotalSeconds);
            }

            times.Add((rows, fastest));
            // The search keeps within the memory too: a next size that would take more is cut to what fits.
            mostRows = Math.Min(mostRows, Math.Max(rows, options.Memory / (features + (options.BytesPerRow ?? bytes))));
            if (fastest > options.LongestBatch.TotalSeconds || rows == mostRows) break;
        }

        (double call, double row) = Line(times);
        long perRow = features + (options.BytesPerRow ?? bytes);
        return new BatchSizeReading(Choose(call, row, perRow, options), TimeSpan.FromSeconds(call), TimeSpan.FromSeconds(row), perRow);
    }

    /// <summary>The line t = a + c·n of least squared relative error; neither a nor c is below 0.</summary>
    internal static (double Call, double Row) Line(IReadOnlyList<(int Rows, double Seconds)> times)
    {
        double w = 0, wn = 0, wnn = 0, wt = 0, wnt = 0;
        foreach ((int rows, double seconds) in times)
        {
            double t = Math.Max(seconds, 1e-9), weight = 1 / (t * t);
            w += weight;
            wn += weight * rows;
            wnn += weight * rows * rows;
            wt += weight * t;
            wnt += weight * rows * t;
        }

        double determinant = w * wnn - wn * wn;
        if (times.Count < 2 || determinant <= 0) return (0, wnt / wnn);
        double row = (w * wnt - wn * wt) / determinant, call = (wt - row * wn) / w;
        if (row <= 0) return (wt / w, 0);
        return call <= 0 ? (0, wnt / wnn) : (call, row);
    }

    internal static int Choose(double call, double row, long bytesPerRow, BatchSizeOptions options)
    {
        double size = row > 0 ? Math.Round(call * (1 - options.Overhead) / (options.Overhead * row)) : options.Largest;
        size = Math.Clamp(size, options.Smallest, options.Largest);
        if (row > 0) size = Math.Min(size, Math.Floor((options.LongestBatch.TotalSeconds - call) / row));
        return (int)Math.Max(1, Math.Min(size, (double)(options.Memory / Math.Max(1, bytesPerRow))));
    }

    private static FeatureMatrix Repeat(FeatureMatrix sample, int rows)
    {
        if (rows <= sample.Rows) return sample.Slice(0, rows);
        float[] values = new float[rows * sample.Columns];
        for (int at = 0; at < values.Length; at += sample.Values.Length)
            sample.Values[..Math.Min(sample.Values.Length, values.Length - at)].CopyTo(values.AsSpan(at));
        return new FeatureMatrix(values, sample.Columns);
    }

    private static void Validate(FeatureMatrix sample, BatchSizeOptions options)
    {
        if (sample.Rows == 0) Throw.Length(nameof(sample), 0, "one row or more");
        if (options.Smallest < 1) Throw.OutOfRange(nameof(options), options.Smallest, "a smallest size of 1 or more");
        if (options.Largest <= options.Smallest) Throw.OutOfRange(nameof(options), options.Largest, $"a largest size above {options.Smallest}, the smallest");
        if (!(options.Overhead is >= 0.001 and <= 1)) Throw.OutOfRange(nameof(options), options.Overhead, "an overhead from 0.001 to 1");
        if (options.LongestBatch <= TimeSpan.Zero) Throw.OutOfRange(nameof(options), options.LongestBatch.TotalSeconds, "seconds of a batch above 0");
        if (options.Memory < 1) Throw.OutOfRange(nameof(options), options.Memory, "1 byte of memory or more");
        if (options.BytesPerRow < 0) Throw.OutOfRange(nameof(options), options.BytesPerRow.Value, "0 bytes of a row or more");
    }
}
