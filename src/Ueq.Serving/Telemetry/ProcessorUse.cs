namespace Ueq.Serving.Telemetry;

/// <summary>The processor time this process takes.</summary>
internal sealed class ProcessorUse(TimeProvider time)
{
    private readonly Lock _gate = new();
    private long _since = time.GetTimestamp();
    private TimeSpan _used = Environment.CpuUsage.TotalTime;

    /// <summary>Processor time over elapsed time since the last call, in percent of one processor.</summary>
    public double Percent()
    {
        lock (_gate)
        {
            TimeSpan used = Environment.CpuUsage.TotalTime;
            double elapsed = time.GetElapsedTime(_since).TotalSeconds;
            double percent = elapsed > 0 ? (used - _used).TotalSeconds / elapsed * 100 : 0;
            _since = time.GetTimestamp();
            _used = used;
            return percent;
        }
    }
}
