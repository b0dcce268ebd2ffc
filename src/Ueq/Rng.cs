using System.Numerics;
using System.Runtime.CompilerServices;

namespace Ueq;

/// <summary>A named stream of random numbers: xoshiro256** (Blackman and Vigna 2021), seeded by SplitMix64.</summary>
/// <remarks>
/// The stream is a pure function of (seed, stream), on every machine and whatever the number of threads. It is a value: a copy
/// continues on its own from the same place, so pass it by <c>ref</c>.
/// </remarks>
public struct Rng
{
    private ulong _s0, _s1, _s2, _s3;

    /// <summary>The stream with number <paramref name="stream"/> of <paramref name="seed"/>.</summary>
    public static Rng Stream(ulong seed, ulong stream)
    {
        ulong state = seed;
        ulong mixed = SplitMix(ref state) ^ BitOperations.RotateLeft(stream * 0xD1342543DE82EF95UL, 32);
        Rng rng = default;
        rng._s0 = SplitMix(ref mixed);
        rng._s1 = SplitMix(ref mixed);
        rng._s2 = SplitMix(ref mixed);
        rng._s3 = SplitMix(ref mixed);
        return rng;
    }

    /// <summary>Writes the place the stream has reached: four words.</summary>
    public readonly void Save(Span<ulong> state)
    {
        if (state.Length != 4) Throw.Length(nameof(state), state.Length, "4 words");
        state[0] = _s0;
        state[1] = _s1;
        state[2] = _s2;
        state[3] = _s3;
    }

    /// <summary>The stream from the place that <see cref="Save"/> wrote.</summary>
    /// <exception cref="ArgumentException">There are not four words, or all are zero, which no stream reaches.</exception>
    public static Rng Restore(ReadOnlySpan<ulong> state)
    {
        if (state.Length != 4) Throw.Length(nameof(state), state.Length, "4 words");
        if (state.IndexOfAnyExcept(0UL) < 0) throw new ArgumentException("Expected the state of a stream, got four zeros.", nameof(state));
        return new Rng { _s0 = state[0], _s1 = state[1], _s2 = state[2], _s3 = state[3] };
    }

    /// <summary>64 random bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong NextBits()
    {
        ulong result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        ulong t = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= t;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>A number in [0, 1) with 53 random bits.</summary>
    public double NextUniform() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>An integer in [0, <paramref name="bound"/>), without bias (Lemire 2019).</summary>
    public int NextIndex(int bound)
    {
        if (bound < 1) Throw.OutOfRange(nameof(bound), bound, "one or more");
        ulong product = (NextBits() >> 32) * (ulong)bound;
        if ((uint)product < (uint)bound)
        {
            uint reject = (uint)-bound % (uint)bound;
            while ((uint)product < reject) product = (NextBits() >> 32) * (ulong)bound;
        }

        return (int)(product >> 32);
    }

    /// <summary>A standard normal number, by the polar method (Marsaglia and Bray 1964).</summary>
    public double NextNormal()
    {
        while (true)
        {
            double u = 2 * NextUniform() - 1, v = 2 * NextUniform() - 1, s = u * u + v * v;
            if (s > 0 && s < 1) return u * Math.Sqrt(-2 * Math.Log(s) / s);
        }
    }

    /// <summary>Puts the elements into random order (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = NextIndex(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private static ulong SplitMix(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
