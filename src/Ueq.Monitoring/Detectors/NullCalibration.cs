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
/// k = ⌈(B + 1)(1 − p)⌉, which keeps the probability at p or below, over the simulation as well. What is found by drawing from a reference holds for
/// streams of its values: it cannot tell of values beyond its own, and moments taken from it are estimates. Where it is not many times larger
/// than horizon/probability, or its tails are heavy, three times as many false alarms were measured; <see cref="OfRanks"/> has no such gap.
/// </remarks>
public static class NullCalibration
{
    /// <summary>The limit that is exceeded within so many values drawn from the reference with the given probability at most.</summary>
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
        SampleCheck.Finite(reference.Span, nameof(reference));
        return Exceeded(
            make, (ref Rng rng) => reference.Span[rng.NextIndex(reference.Length)], horizon, probability, options ?? new NullCalibrationOptions(), progress, cancellation);
    }

    /// <summary>The limit of a detector inside a <see cref="RankedDetector"/>: it holds whatever the distribution and the size of the reference.</summary>
    /// <remarks>
    /// Normal scores of growing ranks are independent standard normals while nothing changes, so the limit depends on the detector alone and one
    /// serves any number of signals.
    /// </remarks>
    /// <param name="make">Makes the detector of standard normals with a limit; called with one that is never reached.</param>
    /// <param name="horizon">Values of a stream: 1 to 100,000,000.</param>
    /// <param name="probability">Of a false alarm within the horizon: inside (0, 1).</param>
    /// <param name="options">Replicates and seed.</param>
    /// <param name="progress">Told the share that is done.</param>
    /// <param name="cancellation">Stops between two streams.</param>
    public static NullLimit OfRanks(
        Func<double, ILimitDetector> make, int horizon, double probability,
        NullCalibrationOptions? options = null, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(make);
        return Exceeded(make, (ref Rng rng) => rng.NextNormal(), horizon, probability, options ?? new NullCalibrationOptions(), progress, cancellation);
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

    /// <summary>The limit of a figure of windows alone: the reference stays as it is.</summary>
    /// <remarks>For a reference that is many times the window, whose own chance then adds next to nothing.</remarks>
    internal static NullLimit OfWindowAlone(
        ReadOnlyMemory<double> reference, int window, Func<double[], double> figure, double probability, NullCalibrationOptions options, CancellationToken cancellation)
    {
        double[] figures = Simulate(options, (Rng rng) =>
        {
            ReadOnlySpan<double> values = reference.Span;
            double[] now = new double[window];
            foreach (ref double value in now.AsSpan()) value = values[rng.NextIndex(values.Length)];
            return figure(now);
        }, null, cancellation);
        return new NullLimit(Quantile(figures, probability), probability, window, options.Replicates);
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

    private delegate double Draw(ref Rng rng);

    private static NullLimit Exceeded(
        Func<double, ILimitDetector> make, Draw draw, int horizon, double probability, NullCalibrationOptions options, IProgress<double>? progress, CancellationToken cancellation)
    {
        options.Validate();
        if (horizon is < 1 or > 100_000_000) Throw.OutOfRange(nameof(horizon), horizon, "1 to 100,000,000 values");
        DetectorCheck.Probability(nameof(probability), probability);
        double[] largest = Simulate(options, (Rng rng) =>
        {
            ILimitDetector detector = make(double.MaxValue);
            double most = double.NegativeInfinity;
            for (int t = 0; t < horizon; t++)
            {
                // A chart on a constant stretch can go beyond any limit; that is what it does, so the stream ends there.
                if (detector.Add(draw(ref rng)) == DetectorState.Drift) return double.PositiveInfinity;
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
