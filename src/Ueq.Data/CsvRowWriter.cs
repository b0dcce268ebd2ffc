using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Ueq.Data;

/// <summary>Results written row by row to a file that appears whole or not at all.</summary>
/// <remarks>
/// Rows go to a temporary file in the same folder, which takes the name asked for on <see cref="Complete"/>; without it, disposing
/// removes the temporary file. Numbers are written in the shortest form that reads back to the same bits, infinities as Infinity and
/// -Infinity. A name that ends in .gz is compressed. Nothing is allocated per row.
/// </remarks>
public sealed class CsvRowWriter : IDisposable
{
    private const int BufferSize = 1 << 16;
    private const int LongestNumber = 32;
    private static readonly SearchValues<char> Special = SearchValues.Create(",\"\r\n");

    private readonly string _path;
    private readonly string _temporary;
    private readonly FileStream _file;
    private readonly Stream _stream;
    private readonly byte[] _buffer = new byte[BufferSize];
    private readonly bool _isDevice;
    private readonly int _columns;
    private int _used;
    private int _field;
    private bool _closed;

    /// <summary>Starts a file with a header.</summary>
    /// <param name="path">Where the file is to appear; a file that is there is replaced on <see cref="Complete"/>.</param>
    /// <param name="columns">Names of the columns, one or more.</param>
    public CsvRowWriter(string path, IReadOnlyList<string> columns)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(columns);
        if (columns.Count == 0) throw new ArgumentException("Expected one column or more, got none.", nameof(columns));
        _path = Path.GetFullPath(path);
        _columns = columns.Count;
        // A device such as /dev/stdout is written to, never replaced; a link keeps pointing where it does.
        _isDevice = _path.StartsWith("/dev/", StringComparison.Ordinal);
        if (!_isDevice && new FileInfo(_path) is { LinkTarget: not null } link) _path = link.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? _path;
        _temporary = _isDevice ? _path : Path.Combine(Path.GetDirectoryName(_path)!, $".{Path.GetFileName(_path)}.{Environment.ProcessId}.tmp");
        _file = Open(path, _temporary, _isDevice);
        _stream = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(_file, CompressionLevel.Fastest, leaveOpen: true) : _file;
        foreach (string name in columns) Add(name);
        EndRow();
        Rows = 0;
    }

    /// <summary>Number of rows written so far.</summary>
    public long Rows { get; private set; }

    /// <summary>Writes the next field of the row: a number.</summary>
    public void Add(double value)
    {
        StartField(LongestNumber);
        if (double.IsFinite(value) && value.TryFormat(_buffer.AsSpan(_used), out int written, "R", CultureInfo.InvariantCulture))
            _used += written;
        else
            Put(double.IsNaN(value) ? "NaN"u8 : value > 0 ? "Infinity"u8 : "-Infinity"u8);
    }

    /// <summary>Writes the next field of the row: a whole number.</summary>
    public void Add(long value)
    {
        StartField(LongestNumber);
        value.TryFormat(_buffer.AsSpan(_used), out int written, default, CultureInfo.InvariantCulture);
        _used += written;
    }

    /// <summary>Writes the next field of the row: a text, in quotes where needed.</summary>
    public void Add(ReadOnlySpan<char> text)
    {
        StartField(2);
        // An empty field alone in its row would be a blank line.
        bool quoted = text.IsEmpty || text.ContainsAny(Special);
        if (quoted) Put("\""u8);
        while (!text.IsEmpty)
        {
            int quote = text.IndexOf('"');
            int part = quote < 0 ? text.Length : quote + 1;
            PutText(text[..part]);
            if (quote >= 0) Put("\""u8);
            text = text[part..];
        }

        if (quoted) Put("\""u8);
    }

    /// <summary>Ends the row; it must have as many fields as the header.</summary>
    public void EndRow()
    {
        if (_field != _columns) throw new InvalidOperationException($"Expected {_columns} fields in row {Rows}, got {_field}.");
        Put("\n"u8);
        _field = 0;
        Rows++;
    }

    /// <summary>Writes one row of numbers.</summary>
    public void WriteRow(ReadOnlySpan<double> values)
    {
        foreach (double value in values) Add(value);
        EndRow();
    }

    /// <summary>Puts the file, flushed to the disk, in its place.</summary>
    public void Complete()
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        if (_field != 0) throw new InvalidOperationException($"Row {Rows} was not ended: it has {_field} of {_columns} fields.");
        FlushBuffer();
        if (_stream != _file) _stream.Dispose();
        _file.Flush(flushToDisk: true);
        _file.Dispose();
        if (!_isDevice) File.Move(_temporary, _path, overwrite: true);
        _closed = true;
    }

    /// <summary>Closes the file and, without <see cref="Complete"/>, removes it.</summary>
    public void Dispose()
    {
        if (_closed) return;
        _closed = true;
        try
        {
            _stream.Dispose();
            _file.Dispose();
        }
        finally
        {
            if (!_isDevice) File.Delete(_temporary);
        }
    }

    private static FileStream Open(string path, string temporary, bool isDevice)
    {
        try
        {
            return new FileStream(temporary, isDevice ? FileMode.Open : FileMode.Create, FileAccess.Write, isDevice ? FileShare.ReadWrite : FileShare.None, 1);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"Cannot write '{path}': {error.Message}", error);
        }
    }

    private void StartField(int room)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        if (_field == _columns) throw new InvalidOperationException($"Expected {_columns} fields in row {Rows}, got more.");
        Reserve(room + 1);
        if (_field++ > 0) _buffer[_used++] = (byte)',';
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_used));
        _used += bytes.Length;
    }

    private void PutText(ReadOnlySpan<char> text)
    {
        // Three bytes hold any UTF-16 unit; a chunk must not end inside a surrogate pair.
        const int Chunk = BufferSize / 4;
        while (!text.IsEmpty)
        {
            int part = Math.Min(text.Length, Chunk);
            if (part < text.Length && char.IsHighSurrogate(text[part - 1])) part--;
            Reserve(part * 3);
            _used += Encoding.UTF8.GetBytes(text[..part], _buffer.AsSpan(_used));
            text = text[part..];
        }
    }

    private void Reserve(int bytes)
    {
        if (_buffer.Length - _used < bytes) FlushBuffer();
    }

    private void FlushBuffer()
    {
        _stream.Write(_buffer, 0, _used);
        _used = 0;
    }
}
