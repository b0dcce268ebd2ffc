using System.Text;
using System.Text.Unicode;
using CsvHelper;

namespace Ueq.Data;

/// <summary>The records of one CSV or CSV.gz file, each checked for shape and encoding, with the place for messages.</summary>
internal sealed class CsvSource : IDisposable
{
    /// <summary>A record longer than this is an unclosed quote, not data.</summary>
    private const int LongestRecord = 64 << 20;

    private readonly string _path;
    private readonly CsvReader _reader;
    private readonly Stream _stream;
    private readonly FileStream _file;
    private long _blankLine;

    public CsvSource(string path, CsvOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        char delimiter = options.Delimiter;
        if (!IsDelimiter(delimiter))
            throw new ArgumentException($"Expected a delimiter such as , ; | or tab, got '{delimiter}'.", nameof(options));
        _path = path;
        (_stream, _file) = Open(path);
        _reader = CsvReader.Create(
            _stream,
            new CsvReaderOptions
            {
                Separator = delimiter,
                HasHeader = false,
                TrackLineNumbers = true,
                SkipEmptyLines = false,
                TrimWhitespace = false,
                MalformedData = CsvMalformedDataHandling.Throw,
                MaxRecordSize = LongestRecord,
                Encoding = Encoding.UTF8,
            },
            leaveOpen: false);
        try
        {
            Names = ReadHeader(delimiter);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Whether a character can separate fields: it occurs in no number and is no quote or line break.</summary>
    public static bool IsDelimiter(char character) =>
        char.IsAscii(character) && !char.IsAsciiLetterOrDigit(character) && character is not ('"' or '\n' or '\r' or '\0' or '.' or '-' or '+');

    /// <summary>How many bytes of the file have been read: progress against its length.</summary>
    public long Position => _file.Position;

    /// <summary>Names of the columns.</summary>
    public string[] Names { get; }

    /// <summary>Number of data rows read so far.</summary>
    public long Rows { get; private set; }

    /// <summary>Line at which the current record starts.</summary>
    public long Line { get; private set; }

    /// <summary>Moves to the next row; <c>false</c> at the end of the file.</summary>
    public bool Read()
    {
        while (Advance())
        {
            if (_reader.RawRecord.IsEmpty)
            {
                if (_blankLine == 0) _blankLine = Line;
                continue;
            }

            if (_blankLine > 0) throw new CsvFormatException(_path, _blankLine, null, $"expected {Names.Length} fields, got a blank line");
            if (_reader.FieldCount != Names.Length)
                throw Fault($"expected {Names.Length} fields as in the header, got {_reader.FieldCount}");
            Rows++;
            return true;
        }

        return false;
    }

    /// <summary>The text of one field, without its quotes; valid until the next <see cref="Read"/>.</summary>
    public ReadOnlySpan<byte> Field(int index) => _reader.GetSpan(index);

    /// <summary>The text of one field as a string.</summary>
    public string Text(int index) => Encoding.UTF8.GetString(_reader.GetSpan(index));

    /// <summary>Index of a column, or −1.</summary>
    public int Find(string name) => Array.IndexOf(Names, name);

    /// <summary>Index of a column that must be there.</summary>
    public int Require(string name, string what)
    {
        int index = Find(name);
        if (index >= 0) return index;
        string hint = NearestName.Hint(name, Names);
        throw new CsvFormatException(_path, 1, null, $"there is no {what} column '{name}'.{hint} The columns are {NearestName.List(Names)}");
    }

    /// <summary>A fault in the current row.</summary>
    public CsvFormatException Fault(string message) => new(_path, Line, null, message);

    /// <summary>A fault in a field of the current row.</summary>
    public CsvFormatException Fault(int column, string message) => new(_path, Line, Names[column], message);

    /// <summary>A fault in a column at a line that was read before, or in the whole file when the line is 0.</summary>
    public CsvFormatException Fault(int column, long line, string message) => new(_path, line, Names[column], message);

    public void Dispose()
    {
        _reader.Dispose();
        _stream.Dispose();
    }

    private static (Stream Content, FileStream File) Open(string path)
    {
        if (Directory.Exists(path)) throw new CsvFormatException(path, 0, null, "expected a file, got a directory");
        FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        try
        {
            if (!file.CanSeek) throw new CsvFormatException(path, 0, null, "expected a file, got a pipe; write it to a file first");
            Span<byte> magic = stackalloc byte[2];
            bool zipped = file.ReadAtLeast(magic, 2, throwOnEndOfStream: false) == 2 && magic[0] == 0x1F && magic[1] == 0x8B;
            file.Position = 0;
            return (zipped ? new GzipText(file) : file, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private bool Advance()
    {
        try
        {
            if (!_reader.Read()) return false;
        }
        catch (CsvHelper.CsvFormatException fault)
        {
            throw new CsvFormatException(_path, fault.LineNumber, null, Reason(fault), fault);
        }
        catch (InvalidDataException fault)
        {
            throw new CsvFormatException(_path, 0, null, "the gzip file is damaged or cut short; compress or copy it again", fault);
        }

        Line = _reader.LineNumber;
        if (!Utf8.IsValid(_reader.RawRecord)) throw Fault("expected UTF-8 text, got other bytes; save the file as UTF-8");
        return true;
    }

    // "Malformed CSV in record 2 (line 2): a quote inside an unquoted field (byte offset 7)." without the place, which we say ourselves.
    private static string Reason(CsvHelper.CsvFormatException fault)
    {
        string message = fault.Message;
        int from = message.IndexOf("): ", StringComparison.Ordinal), to = message.IndexOf(" (byte offset", StringComparison.Ordinal);
        return from >= 0 && to > from ? "broken quotes: " + message[(from + 3)..to] : message;
    }

    private string[] ReadHeader(char delimiter)
    {
        if (!Advance()) throw new CsvFormatException(_path, 0, null, "expected a header and rows, got an empty file");
        if (_reader.RawRecord.IsEmpty) throw Fault("expected a header with column names, got a blank line");
        string[] names = new string[_reader.FieldCount];
        for (int i = 0; i < names.Length; i++) names[i] = Text(i);
        if (names.Length == 1)
        {
            foreach (char other in (ReadOnlySpan<char>)[',', ';', '\t', '|'])
            {
                if (other != delimiter && names[0].Contains(other, StringComparison.Ordinal))
                    throw Fault($"the header is one column, {Cell.Show(_reader.GetSpan(0))}: if {Say(other)} separates fields, set the delimiter to it");
            }
        }

        HashSet<string> seen = new(StringComparer.Ordinal);
        for (int i = 0; i < names.Length; i++)
        {
            if (string.IsNullOrWhiteSpace(names[i])) throw Fault($"column {i + 1} of {names.Length} has no name in the header");
            if (!seen.Add(names[i])) throw Fault($"the header names the column '{names[i]}' twice");
        }

        return names;
    }

    private static string Say(char delimiter) => delimiter == '\t' ? "a tab" : $"'{delimiter}'";
}
