namespace Ueq.Client.Load;

/// <summary>When requests are due: a Poisson process, as of callers who know nothing of each other.</summary>
internal sealed class Arrivals(ulong seed)
{
    private ulong _state = seed;

    /// <summary>Time until the next request.</summary>
    public TimeSpan Next(double rate) => TimeSpan.FromTicks((long)(-Math.Log(1 - Share()) / rate * TimeSpan.TicksPerSecond));

    /// <summary>A number from 0 to 1, without 1.</summary>
    public double Share()
    {
        // SplitMix64 (Steele, Lea and Flood 2014).
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        return ((z ^ z >> 31) >> 11) * (1.0 / (1UL << 53));
    }
}
