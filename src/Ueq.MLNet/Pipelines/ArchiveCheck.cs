using System.IO.Compression;

namespace Ueq.MLNet.Pipelines;

/// <summary>Whether a ZIP archive is whole. ML.NET trusts its archives: from a damaged one it would read numbers that nobody wrote.</summary>
internal static class ArchiveCheck
{
    private const uint Polynomial = 0xEDB88320;
    private static readonly uint[] _table = [.. Enumerable.Range(0, 256).Select(Entry)];

    /// <exception cref="InvalidDataException">The bytes are no archive, or an entry's checksum is not that of its content.</exception>
    public static void Run(byte[] archive, string source)
    {
        try
        {
            using ZipArchive zip = new(new MemoryStream(archive, writable: false));
            foreach (ZipArchiveEntry entry in zip.Entries)
            {
                using Stream content = entry.Open();
                if (Checksum(content) != entry.Crc32) throw new InvalidDataException($"expected its entry '{entry.FullName}' to have the checksum that the archive states, got another.");
            }
        }
        catch (Exception fault) when (fault is InvalidDataException or IOException or ArgumentException or NotSupportedException)
        {
            throw new InvalidDataException($"{source}: expected a pipeline saved by mlContext.Model.Save, a whole ZIP archive, got another kind of file or a damaged one: {fault.Message}", fault);
        }
    }

    private static uint Checksum(Stream content)
    {
        byte[] buffer = new byte[1 << 16];
        uint crc = uint.MaxValue;
        while (content.Read(buffer) is > 0 and int read)
            foreach (byte value in buffer.AsSpan(0, read)) crc = _table[(crc ^ value) & 0xFF] ^ (crc >> 8);
        return ~crc;
    }

    private static uint Entry(int value)
    {
        uint crc = (uint)value;
        for (int bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? Polynomial ^ (crc >> 1) : crc >> 1;
        return crc;
    }
}
