using System.Numerics;

namespace Ueq.Ensembles;

/// <summary>Which training rows each member of a bootstrap ensemble has seen: one bit per row and member.</summary>
internal sealed class Bags
{
    private readonly byte[] _bits;

    public Bags(int rows, int members, byte[]? bits = null)
    {
        Rows = rows;
        Members = members;
        Stride = (members + 7) / 8;
        _bits = bits ?? new byte[(long)rows * Stride];
        Throw.IfDifferent(nameof(bits), _bits.Length, (long)rows * Stride, "bytes of membership");
    }

    public int Rows { get; }

    public int Members { get; }

    /// <summary>Bytes per row.</summary>
    public int Stride { get; }

    public ReadOnlySpan<byte> Bits => _bits;

    /// <summary>The membership of one row: bit m of byte m/8 is set when member m was fitted with the row.</summary>
    public ReadOnlySpan<byte> Row(int row) => _bits.AsSpan(row * Stride, Stride);

    public bool Contains(int row, int member) => (_bits[row * Stride + (member >> 3)] >> (member & 7) & 1) != 0;

    /// <summary>Number of members that did not see a row.</summary>
    public int OutOfBag(int row)
    {
        int inside = 0;
        foreach (byte b in Row(row)) inside += BitOperations.PopCount(b);
        return Members - inside;
    }

    /// <summary>Draws the rows of one member with replacement and marks them.</summary>
    public int[] Draw(int member, ulong seed)
    {
        Rng rng = Rng.Stream(seed, (ulong)member);
        int[] drawn = new int[Rows];
        for (int i = 0; i < drawn.Length; i++)
        {
            int row = rng.NextIndex(Rows);
            drawn[i] = row;
            _bits[row * Stride + (member >> 3)] |= (byte)(1 << (member & 7));
        }

        return drawn;
    }
}
