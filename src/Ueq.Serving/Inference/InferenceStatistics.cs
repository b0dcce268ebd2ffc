using System.Collections.Concurrent;

namespace Ueq.Serving.Inference;

/// <summary>What a model's inference requests took, in the figures that Triton shows.</summary>
internal sealed class InferenceStatistics
{
    // Sizes beyond these are left out of the table of sizes, so that callers cannot grow it.
    private const int MostSizes = 64;

    private readonly ConcurrentDictionary<int, BatchTime> _sizes = new();
    private long _last, _rows;

    public TimeSum Success { get; } = new();

    public TimeSum Fail { get; } = new();

    public TimeSum Input { get; } = new();

    public TimeSum Infer { get; } = new();

    public TimeSum Output { get; } = new();

    /// <summary>Rows answered.</summary>
    public long Rows => Interlocked.Read(ref _rows);

    /// <summary>Milliseconds since 1970 of the latest request; 0 before the first.</summary>
    public long Last => Interlocked.Read(ref _last);

    public IEnumerable<KeyValuePair<int, BatchTime>> Sizes => _sizes.OrderBy(s => s.Key);

    public void Succeeded(int rows, DateTimeOffset now, TimeSpan input, TimeSpan infer, TimeSpan output)
    {
        Interlocked.Exchange(ref _last, now.ToUnixTimeMilliseconds());
        Interlocked.Add(ref _rows, rows);
        Success.Add(input + infer + output);
        Input.Add(input);
        Infer.Add(infer);
        Output.Add(output);
        if (!_sizes.TryGetValue(rows, out BatchTime? size))
        {
            if (_sizes.Count >= MostSizes) return;
            size = _sizes.GetOrAdd(rows, _ => new BatchTime());
        }

        size.Input.Add(input);
        size.Infer.Add(infer);
        size.Output.Add(output);
    }

    public void Failed(DateTimeOffset now, TimeSpan time)
    {
        Interlocked.Exchange(ref _last, now.ToUnixTimeMilliseconds());
        Fail.Add(time);
    }

    /// <summary>The times of requests of one number of rows.</summary>
    internal sealed class BatchTime
    {
        public TimeSum Input { get; } = new();

        public TimeSum Infer { get; } = new();

        public TimeSum Output { get; } = new();
    }

    /// <summary>How often something was done, and how long it took in all.</summary>
    internal sealed class TimeSum
    {
        private long _count, _ticks;

        public long Count => Interlocked.Read(ref _count);

        public long Nanoseconds => Interlocked.Read(ref _ticks) * TimeSpan.NanosecondsPerTick;

        public void Add(TimeSpan time)
        {
            Interlocked.Increment(ref _count);
            Interlocked.Add(ref _ticks, time.Ticks);
        }
    }
}
