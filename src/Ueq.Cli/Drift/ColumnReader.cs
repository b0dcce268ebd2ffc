using System.Runtime.InteropServices;
using System.Text;
using Ueq.Data;

namespace Ueq.Cli.Drift;

/// <summary>The values of one column of one file: numbers, or how often each text occurs, and what was missing.</summary>
internal sealed class ColumnSample
{
    private readonly Dictionary<string, long> _texts = new(StringComparer.Ordinal);

    /// <summary>Finite numbers; empty for a column of texts.</summary>
    public List<double> Numbers { get; } = [];

    /// <summary>How often each text occurs; empty for a column of numbers.</summary>
    public IReadOnlyDictionary<string, long> Texts => _texts;

    public long Missing { get; set; }

    public long Infinite { get; set; }

    public long Rows { get; set; }

    public void AddText(ReadOnlySpan<byte> text)
    {
        Span<char> buffer = text.Length <= ColumnReader.ShortText ? stackalloc char[ColumnReader.ShortText] : new char[text.Length];
        ReadOnlySpan<char> word = buffer[..Encoding.UTF8.GetChars(text, buffer)];
        CollectionsMarshal.GetValueRefOrAddDefault(_texts.GetAlternateLookup<ReadOnlySpan<char>>(), word, out _)++;
    }
}

/// <summary>What kind of values a column holds, over both files.</summary>
internal sealed class ColumnKind(string name)
{
    private readonly HashSet<string> _texts = new(StringComparer.Ordinal);
    private readonly long[] _numbers = new long[2], _others = new long[2];
    private readonly CsvFormatException?[] _bad = new CsvFormatException?[2];

    public string Name => name;

    public bool IsText { get; private set; }

    /// <summary>More distinct texts than a column of categories has.</summary>
    public bool Overflows => IsText && Change is null && _texts.Count > ColumnProfile.MostCategories;

    /// <summary>What became of a column whose values turned from numbers to texts or back; then only how many of each there are is compared.</summary>
    public string? Change { get; private set; }

    /// <summary>Learns from a field of the first file (0) or the second (1).</summary>
    public void Add(CsvSource source, int field, MissingTexts missing, int file)
    {
        ReadOnlySpan<byte> text = source.Field(field);
        if (missing.Contains(text)) return;
        if (Cell.TryNumber(text, out double value) && !double.IsNaN(value)) _numbers[file]++;
        else if (Cell.LooksMissing(text)) return;
        else
        {
            _others[file]++;
            _bad[file] ??= source.Fault(field, $"expected a number as in most other rows, got {Cell.Show(text)}; if it stands for a missing value, declare it (--missing), and if the column is categories, declare that (--text)");
        }

        if (_texts.Count > ColumnProfile.MostCategories) return;
        Span<char> buffer = text.Length <= ColumnReader.ShortText ? stackalloc char[ColumnReader.ShortText] : new char[text.Length];
        _texts.GetAlternateLookup<ReadOnlySpan<char>>().Add(buffer[..Encoding.UTF8.GetChars(text, buffer)]);
    }

    /// <summary>Decides once both files were read.</summary>
    public void Decide(IReadOnlyList<string> declaredText)
    {
        bool declared = declaredText.Contains(name);
        for (int file = 0; file < 2; file++)
            if (!declared && _others[file] > 0 && _numbers[file] > _others[file]) throw _bad[file]!;
        IsText = declared || _others[0] + _others[1] > 0;
        // A column of numbers needs no list of its texts.
        if (!IsText) _texts.Clear();
        if (declared) return;
        if (_numbers[0] > 0 && _others[0] == 0 && _others[1] > 0) Change = "numbers in the baseline, texts in the current file";
        else if (_numbers[0] == 0 && _others[0] > 0 && _numbers[1] > 0 && _others[1] == 0) Change = "texts in the baseline, numbers in the current file";
    }
}

/// <summary>The same columns of two files, each read twice: once to learn what they hold, once to hold it.</summary>
/// <remarks>
/// A column is numbers unless a field is neither a number nor missing; one such field among a majority of numbers is refused. Empty fields, NA, N/A, NaN, null, ? and declared texts are missing;
/// they are counted, never refused. Infinities, which unbounded intervals are, are counted apart. Numbers take eight bytes a row.
/// </remarks>
internal sealed class ColumnReader(string baseline, string current, IReadOnlyList<string> columns, CsvOptions options)
{
    /// <summary>Longest text that is looked up without an array of its own.</summary>
    public const int ShortText = 256;

    public (IReadOnlyList<ColumnKind> Kinds, ColumnSample[] Baseline, ColumnSample[] Current) Read(IProgress<double> progress, CancellationToken cancellation)
    {
        ColumnKind[] kinds = [.. columns.Select(name => new ColumnKind(name))];
        MissingTexts missing = new(options);
        double done = 0;
        foreach ((int place, string file) in new[] { baseline, current }.Index())
        {
            Pass(file, (source, fields) =>
            {
                for (int c = 0; c < kinds.Length; c++) kinds[c].Add(source, fields[c], missing, place);
            });
        }

        foreach (ColumnKind kind in kinds) kind.Decide(options.TextColumns);
        return (kinds, Values(baseline), Values(current));

        ColumnSample[] Values(string file)
        {
            ColumnSample[] samples = [.. kinds.Select(_ => new ColumnSample())];
            Pass(file, (source, fields) =>
            {
                for (int c = 0; c < kinds.Length; c++) Add(samples[c], kinds[c], source.Field(fields[c]), missing);
            });
            return samples;
        }

        void Pass(string file, Action<CsvSource, int[]> row)
        {
            const int RowsBetweenReports = 4096;
            using CsvSource source = new(file, options);
            int[] fields = [.. columns.Select(name => source.Require(name, "compared"))];
            while (source.Read())
            {
                row(source, fields);
                if (source.Rows % RowsBetweenReports != 0) continue;
                cancellation.ThrowIfCancellationRequested();
                progress.Report(done + source.Position);
            }

            if (source.Rows < 2) throw source.Fault($"expected two rows or more after the header, got {source.Rows}");
            done += new FileInfo(file).Length;
            progress.Report(done);
        }
    }

    /// <summary>Names of the columns of a file, without its rows.</summary>
    public static string[] Names(string file, CsvOptions options)
    {
        using CsvSource source = new(file, options);
        return source.Names;
    }

    private static void Add(ColumnSample sample, ColumnKind kind, ReadOnlySpan<byte> text, MissingTexts missing)
    {
        sample.Rows++;
        if (missing.Contains(text)) sample.Missing++;
        else if ((!kind.IsText || kind.Change is not null) && Cell.TryNumber(text, out double value) && !double.IsNaN(value))
        {
            if (kind.Change is not null) sample.AddText("numbers"u8);
            else if (double.IsInfinity(value)) sample.Infinite++;
            else sample.Numbers.Add(value);
        }
        else if (Cell.LooksMissing(text)) sample.Missing++;
        else if (!kind.Overflows) sample.AddText(kind.Change is null ? text : "texts"u8);
    }
}
