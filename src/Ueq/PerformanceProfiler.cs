namespace Ueq;

/// <summary>How often and how long a call is measured.</summary>
public sealed record ProfilerOptions
{
    /// <summary>Calls before the first that is measured, 0 to 1,000. Default 3.</summary>
    public int WarmupRuns { get; init; } = 3;

    /// <summary>After how long no further call of the warm-up begins, above 0. Default 1 minute.</summary>
    public TimeSpan LongestWarmup { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Calls that are measured at least, however long they take, 1 or more. Default 5.</summary>
    public int LeastRuns { get; init; } = 5;

    /// <summary>Calls that are measured at most, from <see cref="LeastRuns"/> to 1,000,000. Default 10,000.</summary>
    public int MostRuns { get; init; } = 10_000;

    /// <summary>For how long calls are measured, above 0. Default 1 second.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>What calls cost.</summary>
/// <param name="Runs">Calls that were measured.</param>
/// <param name="WarmupRuns">Calls before them: fewer than were asked for where those took too long.</param>
/// <param name="Median">Half of the calls took no longer: the (⌊runs/2⌋ + 1)th fastest.</param>
/// <param name="P99">99 of 100 calls took no longer: the ⌈0.99 runs⌉th fastest. With fewer than 100 calls it is the slowest.</param>
/// <param name="Fastest">The fastest call.</param>
/// <param name="AllocatedBytes">Bytes of managed memory per call that its own thread allocated, on average.</param>
/// <param name="Ended">When the last call ended.</param>
public sealed record ProfilerReading(int Runs, int WarmupRuns, TimeSpan Median, TimeSpan P99, TimeSpan Fastest, double AllocatedBytes, DateTimeOffset Ended);

/// <summary>One of several calls that were measured: a reading, or why there is none.</summary>
/// <param name="Name">What it was called.</param>
/// <param name="Reading">What it costs; <c>null</c> when it failed.</param>
/// <param name="Error">Why it failed; <c>null</c> when it did not.</param>
public sealed record ProfiledMethod(string Name, ProfilerReading? Reading, Exception? Error);

/// <summary>Measures what calls cost: time and managed memory, after a warm-up.</summary>
/// <remarks>
/// The guide's <c>PerformanceProfiler</c>, which times one call. One call says little: its time is the processor's clock, the collector and
/// the neighbours. Several calls are measured in turns, so that what disturbs the machine disturbs them all.
/// </remarks>
public sealed class PerformanceProfiler
{
    private readonly ProfilerOptions _options;
    private readonly TimeProvider _time;

    /// <param name="options">How often and how long; <c>null</c> for the defaults.</param>
    /// <param name="time">The clock; <c>null</c> for the system's.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public PerformanceProfiler(ProfilerOptions? options = null, TimeProvider? time = null)
    {
        _options = options ?? new ProfilerOptions();
        _time = time ?? TimeProvider.System;
        if (_options.WarmupRuns is < 0 or > 1_000) Throw.OutOfRange(nameof(options), _options.WarmupRuns, "0 to 1000 runs of warm-up");
        if (_options.LongestWarmup <= TimeSpan.Zero) Throw.OutOfRange(nameof(options), _options.LongestWarmup.TotalSeconds, "seconds of warm-up above 0");
        if (_options.LeastRuns < 1) Throw.OutOfRange(nameof(options), _options.LeastRuns, "1 run at least, or more");
        if (_options.MostRuns < _options.LeastRuns || _options.MostRuns > 1_000_000)
            Throw.OutOfRange(nameof(options), _options.MostRuns, $"at most {_options.LeastRuns} to 1000000 runs");
        if (_options.Duration <= TimeSpan.Zero) Throw.OutOfRange(nameof(options), _options.Duration.TotalSeconds, "seconds above 0");
    }

    /// <summary>Measures one call.</summary>
    /// <param name="call">What is measured; what it throws comes out.</param>
    /// <param name="cancellation">Ends the measurement between two calls.</param>
    public ProfilerReading Profile(Action call, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(call);
        Series series = new(call);
        Warm(series, cancellation);
        Measure([series], cancellation);
        return Read(series);
    }

    /// <summary>Measures several calls in turns; one that throws is left out from then on.</summary>
    /// <param name="methods">The calls by their names.</param>
    /// <param name="cancellation">Ends the measurement between two calls.</param>
    public IReadOnlyList<ProfiledMethod> BenchmarkMethods(IEnumerable<KeyValuePair<string, Action>> methods, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(methods);
        (string Name, Series Series)[] all = [.. methods.Select(m => (m.Key, new Series(m.Value)))];
        foreach ((_, Series series) in all) Guarded(series, () => Warm(series, cancellation));
        Measure([.. all.Select(m => m.Series).Where(s => s.Error is null)], cancellation);
        return [.. all.Select(m => new ProfiledMethod(m.Name, m.Series.Error is null ? Read(m.Series) : null, m.Series.Error))];
    }

    private void Warm(Series series, CancellationToken cancellation)
    {
        long started = _time.GetTimestamp();
        while (series.WarmupRuns < _options.WarmupRuns && _time.GetElapsedTime(started) < _options.LongestWarmup)
        {
            cancellation.ThrowIfCancellationRequested();
            series.Call();
            series.WarmupRuns++;
        }
    }

    private void Measure(Series[] all, CancellationToken cancellation)
    {
        long started = _time.GetTimestamp();
        for (int run = 0; run < _options.MostRuns; run++)
        {
            if (run >= _options.LeastRuns && _time.GetElapsedTime(started) >= _options.Duration * all.Length) break;
            foreach (Series series in all)
            {
                cancellation.ThrowIfCancellationRequested();
                if (all.Length == 1) series.Add(_time);
                else if (series.Error is null) Guarded(series, () => series.Add(_time));
            }
        }
    }

    private ProfilerReading Read(Series series)
    {
        List<TimeSpan> times = series.Times;
        times.Sort();
        return new ProfilerReading(
            times.Count, series.WarmupRuns, times[times.Count / 2], times[(int)Math.Ceiling(0.99 * times.Count) - 1], times[0],
            (double)series.Bytes / times.Count, _time.GetUtcNow());
    }

    private static void Guarded(Series series, Action step)
    {
        try
        {
            step();
        }
#pragma warning disable CA1031 // What a call throws is its result.
        catch (Exception error) when (error is not OperationCanceledException)
#pragma warning restore CA1031
        {
            series.Error = error;
        }
    }

    private sealed class Series(Action call)
    {
        public Action Call => call;

        public List<TimeSpan> Times { get; } = new(1024);

        public int WarmupRuns { get; set; }

        public long Bytes { get; private set; }

        public Exception? Error { get; set; }

        public void Add(TimeProvider time)
        {
            long bytes = GC.GetAllocatedBytesForCurrentThread();
            long started = time.GetTimestamp();
            call();
            TimeSpan taken = time.GetElapsedTime(started);
            Bytes += GC.GetAllocatedBytesForCurrentThread() - bytes;
            Times.Add(taken);
        }
    }
}
