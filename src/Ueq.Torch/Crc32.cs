namespace Ueq.Torch;

/// <summary>The checksum of zip archives.</summary>
/// <remarks>CRC-32 of ISO 3309: reversed polynomial 0xEDB88320, all ones before and after.</remarks>
internal static class Crc32
{
    private static readonly uint[] _table = Table();

    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes) crc = _table[(byte)(crc ^ value)] ^ (crc >> 8);
        return ~crc;
    }

    private static uint[] Table()
    {
        uint[] table = new uint[256];
        for (uint i = 0; i < table.Length; i++)
        {
            uint value = i;
            for (int bit = 0; bit < 8; bit++) value = (value & 1) == 0 ? value >> 1 : (value >> 1) ^ 0xEDB88320u;
            table[i] = value;
        }

        return table;
    }
}
