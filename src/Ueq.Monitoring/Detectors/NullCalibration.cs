namespace Ueq.Monitoring;

/// <summary>How limits are found by simulating what happens when nothing changes.</summary>
public sealed record NullCalibrationOptions
{
    /// <summary>Simulated streams or windows: 99 to 1,000,000. Default: 999.</summary>
    public int Replicates { get; init; } = 999;

    /// <summary>Names the simulated values; the same seed gives the same limit, whatever the number of threads.</summary>
    public ulong Seed { get; init; }

    internal void Validate()
    {
        if (Replicates is < 99 or > 1_000_000) Throw.OutOfRange(nameof(Replicates), Replicates, "99 to 1,000,000 replicates");
    }
}

/// <summary>A limit that holds a wanted rate of false alarms on streams like the reference.</summary>
/// <param name="Limit">The limit: alarm above it. Infinite where there are too few replicates to tell.</param>
/// <param name="FalseAlarmProbability">What it bounds: the probability of an alarm within <paramref name="Horizon"/> values when nothing changes.</param>
/// <param name="Horizon">Values of a simulated stream or window.</param>
/// <param name="Replicates">How many were simulated.</param>
public readonly record struct NullLimit(double Limit, double FalseAlarmProbability, int Horizon, int Replicates);

/// <summary>Limits by simulation instead of constants: what a detector or a distance does on values drawn from the reference.</summary>
/// <remarks>
/// Values are drawn independently, so limits hold for streams without serial dependence; a limit is the k-th smallest of B simulated maxima with
/// k = ⌈(B + 1)(1 − p)⌉, which keeps the probability at p or below, over the simulation as well. A reference cannot tell of values beyond its own: where tails are heavy,
/// give it many more values than horizon/probability, or standardise what the detector sees.
/// </remarks>
public static class NullCalibration
{
    /// <summary>The limit that is exceeded within so many values with the given probability at most.</summary>
    /// <param name="reference">Values of the signal while nothing changes, as the detector will be given them.</param>
    /// <param name="make">Makes the detector with a limit; called with one that is never reached.</param>
    /// <param name="horizon">Values of a stream: 1 to 100,000,000.</param>
    /// <param name="probability">Of a false alarm within the horizon: inside (0, 1).</param>
    /// <param name="options">Replicates and seed.</param>
    /// <param name="progress">Told the share that is done.</param>
    /// <param name="cancellation">Stops between two streams.</param>
    /// <exception cref="ArgumentException">A value of the reference is not finite, or there is none.</exception>
    public static NullLimit Of(
        ReadOnlyMemory<double> reference, Func<double, ILimitDetector> make, int horizon, double probability,
        NullCalibrationOptions? options = null, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(make);
        return Exceeded(reference, (ref Rng rng) => make(double.MaxValue), horizon, probability, options ?? new NullCalibrationOptions(), progress, cancellation);
    }

    /// <summary>The limit of a detector that is given mean and standard deviation of the reference, which are estimates.</summary>
    /// <remarks>
    /// As <see cref="Of"/>, but each stream is judged by the moments of a reference that is drawn too, with replacement and as large, so that the limit
    /// allows for the reference being a sample.
    /// </remarks>
    /// <param name="reference">Values of the signal while nothing changes: two or more, and not all the same.</param>
    /// <param name="make">Makes the detector with moments and a limit; called with one that is never reached.</param>
    /// <param name="horizon">Values of a stream: 1 to 100,000,000.</param>
    /// <param name="probability">Of a false alarm within the horizon: inside (0, 1).</param>
    /// <param name="options">Replicates and seed.</param>
    /// <param name="progress">Told the share that is done.</param>
    /// <param name="cancellation">Stops between two streams.</param>
    /// <exception cref="ArgumentException">A value of the reference is not finite, or all are the same.</exception>
    public static NullLimit OfChart(
        ReadOnlyMemory<double> reference, Func<ChartReference, double, ILimitDetector> make, int horizon, double probability,
        NullCalibrationOptions? options = null, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(make);
        if (!(ChartReference.From(reference.Span).StandardDeviation > 0)) throw new ArgumentException("Expected values that are not all the same, got one value.", nameof(reference));
        return Exceeded(reference, (ref Rng rng) =>
        {
            ReadOnlySpan<double> values = reference.Span;
            double[] drawn = new double[values.Length];
            ChartReference moments = default;
            // One that does not vary gives no scale; it is as if it had not come.
            while (!(moments.StandardDeviation > 0))
            {
                foreach (ref double value in drawn.AsSpan()) value = values[rng.NextIndex(values.Length)];
                moments = ChartReference.From(drawn);
            }

            return make(moments, double.MaxValue);
        }, horizon, probability, options ?? new NullCalibrationOptions(), progress, cancellation);
    }

    /// <summary>The limit with which false alarms come so many values apart on average.</summary>
    /// <remarks>
    /// Waiting times are close to geometric once a detector has begun, so the limit is the one that is exceeded within that many values with
    /// probability 1 − 1/e. The first alarm may come later: charts start from nothing.
    /// </remarks>
    /// <param name="reference">Values of the signal while nothing changes, as the detector will be given them.</param>
    /// <param name="make">Makes the detector with a limit; called with one that is never reached.</param>
    /// <param name="averageRunLength">Values between false alarms: 2 to 100,000,000.</param>
    /// <param name="options">Replicates and seed.</param>
    /// <param name="progress">Told the share that is done.</param>
    /// <param name="cancellation">Stops between two streams.</param>
    public static NullLimit OfAverageRunLength(
        ReadOnlyMemory<double> reference, Func<double, ILimitDetector> make, int averageRunLength,
        NullCalibrationOptions? options = null, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        if (averageRunLength is < 2 or > 100_000_000) Throw.OutOfRange(nameof(averageRunLength), averageRunLength, "2 to 100,000,000 values");
        return Of(reference, make, averageRunLength, 1 - Math.Exp(-1), options, progress, cancellation);
    }

    /// <summary>The limit that a distance of windows from the reference exceeds with the given probability at most.</summary>
    /// <remarks>
    /// Both the reference and the window are drawn from the reference with replacement, so the limit allows for the reference being a sample too.
    /// </remarks>
    /// <param name="reference">Values while nothing changes.</param>
    /// <param name="window">Values of a window: 1 or more.</param>
    /// <param name="statistic">The distance; called from several threads with samples of its own.</param>
    /// <param name="probability">Of a false alarm per window: inside (0, 1).</param>
    /// <param name="options">Replicates and seed.</param>
    /// <param name="progress">Told the share that is done.</param>
    /// <param name="cancellation">Stops between two windows.</param>
    public static NullLimit OfWindow(
        ReadOnlyMemory<double> reference, int window, SampleStatistic statistic, double probability,
        NullCalibrationOptions? options = null, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(statistic);
        options ??= new NullCalibrationOptions();
        options.Validate();
        SampleCheck.Finite(reference.Span, nameof(reference));
        if (window < 1) Throw.OutOfRange(nameof(window), window, "1 value or more");
        DetectorCheck.Probability(nameof(probability), probability);
        double[] distances = Simulate(options, (Rng rng) =>
        {
            ReadOnlySpan<double> values = reference.Span;
            double[] then = new double[values.Length], now = new double[window];
            foreach (ref double value in then.AsSpan()) value = values[rng.NextIndex(values.Length)];
            foreach (ref double value in now.AsSpan()) value = values[rng.NextIndex(values.Length)];
            double distance = statistic(then, now);
            return double.IsNaN(distance) ? double.PositiveInfinity : distance;
        }, progress, cancellation);
        return new NullLimit(Quantile(distances, probability), probability, window, options.Replicates);
    }

    /// <summary>How often a detector of any kind alarms on values drawn from the reference: values per alarm, infinite without any.</summary>
    /// <param name="reference">Values while nothing changes.</param>
    /// <param name="make">Makes the detector.</param>
    /// <param name="horizon">Values of a stream.</param>
    /// <param name="options">Replicates and seed.</param>
    /// <param name="progress">Told the share that is done.</param>
    /// <param name="cancellation">Stops between two streams.</param>
    public static double MeasuredRunLength(
        ReadOnlyMemory<double> reference, Func<IDriftDetector> make, int horizon,
        NullCalibrationOptions? options = null, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(make);
        options ??= new NullCalibrationOptions();
        options.Validate();
        SampleCheck.Finite(reference.Span, nameof(reference));
        if (horizon < 1) Throw.OutOfRange(nameof(horizon), horizon, "1 value or more");
        double alarms = Simulate(options, (Rng rng) =>
        {
            IDriftDetector detector = make();
            ReadOnlySpan<double> values = reference.Span;
            int count = 0;
            for (int t = 0; t < horizon; t++)
                if (detector.Add(values[rng.NextIndex(values.Length)]) == DetectorState.Drift) count++;
            return count;
        }, progress, cancellation).Sum();
        return (double)horizon * options.Replicates / alarms;
    }

    private delegate ILimitDetector Start(ref Rng rng);

    private static NullLimit Exceeded(
        ReadOnlyMemory<double> reference, Start start, int horizon, double probability, NullCalibrationOptions options, IProgress<double>? progress, CancellationToken cancellation)
    {
        options.Validate();
        SampleCheck.Finite(reference.Span, nameof(reference));
        if (horizon is < 1 or > 100_000_000) Throw.OutOfRange(nameof(horizon), horizon, "1 to 100,000,000 values");
        DetectorCheck.Probability(nameof(probability), probability);
        double[] largest = Simulate(options, (Rng rng) =>
        {
            ILimitDetector detector = start(ref rng);
            ReadOnlySpan<double> values = reference.Span;
            double most = double.NegativeInfinity;
            for (int t = 0; t < horizon; t++)
            {
                // A chart on a constant stretch can go beyond any limit; that is what it does, so the stream ends there.
                if (detector.Add(values[rng.NextIndex(values.Length)]) == DetectorState.Drift) return double.PositiveInfinity;
                if (detector.State != DetectorState.Learning) most = Math.Max(most, detector.Statistic);
            }

            return most;
        }, progress, cancellation);
        return new NullLimit(Quantile(largest, probability), probability, horizon, options.Replicates);
    }

    private static double[] Simulate(NullCalibrationOptions options, Func<Rng, double> replicate, IProgress<double>? progress, CancellationToken cancellation)
    {
        double[] results = new double[options.Replicates];
        int done = 0;
        Parallel.For(0, results.Length, new ParallelOptions { CancellationToken = cancellation }, r =>
        {
            results[r] = replicate(Rng.Stream(options.Seed, (ulong)r));
            progress?.Report((double)Interlocked.Increment(ref done) / results.Length);
        });
        return results;
    }

    private static double Quantile(double[] values, double probability)
    {
        Array.Sort(values);
        // The coverage's own rank, so that no second copy of the rule exists.
        int rank = new Coverage(1 - probability).Rank(values.Length);
        return rank > values.Length ? double.PositiveInfinity : values[rank - 1];
    }
}
