using System.Numerics;

namespace Ueq.Monitoring;

/// <summary>How many different things were seen, from their hashes, in 4096 bytes whatever their number.</summary>
/// <remarks>
/// HyperLogLog with 4096 registers and linear counting of small numbers (Flajolet, Fusy, Gandouet and Meunier 2007; 64-bit hashes as in Heule,
/// Nunkesser and Hall 2013): a standard error of 1.6 %. Nothing of a hash can be read from it again. Not safe for several threads.
/// </remarks>
public sealed class DistinctCount
{
    private const int Bits = 12;
    private const int Registers = 1 << Bits;

    private readonly byte[] _registers = new byte[Registers];

    /// <summary>Adds a thing by its hash, whose bits are all to be as good as random.</summary>
    public void Add(ulong hash)
    {
        byte rank = (byte)(BitOperations.LeadingZeroCount(hash << Bits | 1UL << (Bits - 1)) + 1);
        ref byte register = ref _registers[hash >> (64 - Bits)];
        if (rank > register) register = rank;
    }

    /// <summary>Adds what another has seen; things that both have seen count once.</summary>
    public void Merge(DistinctCount other)
    {
        ArgumentNullException.ThrowIfNull(other);
        for (int i = 0; i < Registers; i++) _registers[i] = Math.Max(_registers[i], other._registers[i]);
    }

    /// <summary>The estimated number.</summary>
    public double Read()
    {
        double sum = 0;
        int empty = 0;
        foreach (byte register in _registers)
        {
            sum += double.ScaleB(1, -register);
            if (register == 0) empty++;
        }

        const double Bias = 0.7213 / (1 + 1.079 / Registers);
        double raw = Bias * Registers * Registers / sum;
        return raw <= 2.5 * Registers && empty > 0 ? Registers * Math.Log((double)Registers / empty) : raw;
    }

    /// <summary>The registers.</summary>
    public byte[] Save() => [.. _registers];

    /// <summary>A count as it was saved.</summary>
    /// <exception cref="InvalidDataException">These are not 4096 registers.</exception>
    public static DistinctCount Restore(ReadOnlySpan<byte> state)
    {
        if (state.Length != Registers) throw new InvalidDataException($"Expected {Registers} registers of a count, got {state.Length}.");
        if (state.IndexOfAnyExceptInRange((byte)0, (byte)(64 - Bits + 1)) is >= 0 and int place) throw new InvalidDataException($"Expected registers from 0 to {64 - Bits + 1}, got {state[place]} at {place}.");
        DistinctCount count = new();
        state.CopyTo(count._registers);
        return count;
    }
}
