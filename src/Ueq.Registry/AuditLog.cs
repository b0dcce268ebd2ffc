namespace Ueq.Registry;

/// <summary>The audit log: lines that are only ever added, each sealed together with the one before.</summary>
/// <remarks>A last line without its end is of a writer that was killed: it counts for nothing and is cut off by the next.</remarks>
internal sealed class AuditLog(Layout layout, Disk disk)
{
    // Names, people and notes are limited, so a line is; the last two lie in the last so many bytes.
    private const int Window = 64 * 1024;

    /// <summary>Where the log ends.</summary>
    /// <param name="Entry">The last entry; <c>null</c> of an empty log.</param>
    /// <param name="Seal">Its seal.</param>
    /// <param name="Length">Bytes up to its end.</param>
    public readonly record struct Tail(RegistryEntry? Entry, string Seal, long Length)
    {
        public long Number => Entry?.Number ?? 0;
    }

    /// <summary>All entries, oldest first.</summary>
    /// <exception cref="InvalidDataException">A line is damaged: names it.</exception>
    public IEnumerable<RegistryEntry> Read()
    {
        if (!File.Exists(layout.Log)) yield break;
        byte[] text = From(0, out _);
        string seal = "";
        long number = 0;
        for (int at = 0, line = 1, length; (length = text.AsSpan(at).IndexOf((byte)'\n')) >= 0; at += length + 1, line++)
        {
            RegistryEntry entry = SealedEntry.Read(text.AsSpan(at, length), seal, $"{layout.Log}, line {line}", out seal);
            if (entry.Number != ++number) throw new InvalidDataException($"{layout.Log}, line {line}: expected entry {number}, got {entry.Number}.");
            yield return entry;
        }
    }

    /// <summary>The last entry, without reading the others.</summary>
    /// <exception cref="InvalidDataException">The last line is damaged.</exception>
    public Tail End()
    {
        if (!File.Exists(layout.Log)) return new Tail(null, "", 0);
        ReadOnlySpan<byte> text = From(Window, out long from);
        text = text[..(text.LastIndexOf((byte)'\n') + 1)];
        if (text.IsEmpty) return from == 0 ? new Tail(null, "", 0) : throw new InvalidDataException($"{layout.Log}: expected lines, got {Window} bytes without an end of line.");
        ReadOnlySpan<byte> line = text[..^1];
        int start = line.LastIndexOf((byte)'\n') + 1;
        string before = start > 0 ? SealIn(line[..(start - 1)]) : "";
        RegistryEntry entry = SealedEntry.Read(line[start..], before, $"{layout.Log}, last line", out string seal);
        return new Tail(entry, seal, from + text.Length);
    }

    /// <summary>Adds an entry; when this has returned it is on the disk.</summary>
    public void Append(Tail end, RegistryEntry entry) => disk.Append(layout.Log, end.Length, SealedEntry.Write(entry, end.Seal).Line);

    // The last so many bytes, or all; while another process may write.
    private byte[] From(long window, out long from)
    {
        using FileStream file = new(layout.Log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        from = window == 0 ? 0 : Math.Max(0, file.Length - window);
        file.Position = from;
        byte[] text = new byte[file.Length - from];
        file.ReadExactly(text);
        return text;
    }

    // The seal that a line says; whether it fits that line is known to whoever reads the log from its beginning.
    private static string SealIn(ReadOnlySpan<byte> line) => line.Length > 66 ? System.Text.Encoding.ASCII.GetString(line[^66..^2]) : "";
}
