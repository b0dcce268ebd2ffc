using System.Text.Json;
using Ueq.Serving.Receipts;

namespace Ueq.Serving.Wire;

/// <summary>The groups of a request's rows, as UTF-8 one after the other.</summary>
internal sealed class RowGroups
{
    private readonly Grown<byte> _bytes = new(1 << 16);
    private readonly Grown<int> _ends = new(1 << 14);

    public int Count { get; private set; }

    public void Clear() => Count = 0;

    public void Trim()
    {
        Clear();
        _bytes.Trim();
        _ends.Trim();
    }

    /// <summary>The group of a row; empty when it has none.</summary>
    public ReadOnlySpan<byte> Of(int row)
    {
        if (row >= Count) return default;
        Span<int> ends = _ends.Span(row + 1);
        int start = row == 0 ? 0 : ends[row - 1];
        return _bytes.Span(ends[row])[start..];
    }

    /// <summary>Forgets the groups of the rows from one on.</summary>
    public void Cut(int row) => Count = Math.Min(Count, row);

    /// <summary>Adds no group, so that the rows before the next have none.</summary>
    public void AddNone(int upTo)
    {
        while (Count < upTo) Add(default);
    }

    /// <summary>Adds the text or null at which a reader stands.</summary>
    public void Add(ref Utf8JsonReader json, string path)
    {
        if (json.TokenType == JsonTokenType.Null)
        {
            Add(default);
            return;
        }

        if (json.TokenType != JsonTokenType.String) throw RefusalException.BadRequest($"{path}: expected a text or null, got {JsonWords.Value(ref json)}");
        Span<byte> text = stackalloc byte[6 * ReceiptText.MostGroupBytes];
        int length = json.ValueSpan.Length <= text.Length ? json.CopyString(text) : text.Length;
        if (length is 0 or > ReceiptText.MostGroupBytes)
            throw RefusalException.BadRequest($"{path}: expected a text of 1 to {ReceiptText.MostGroupBytes} bytes, or null, got {JsonWords.Value(ref json)}");
        Add(text[..length]);
    }

    /// <summary>Adds a text; an empty one is none.</summary>
    public void Add(ReadOnlySpan<byte> group)
    {
        int start = Count == 0 ? 0 : _ends.Span(Count)[Count - 1];
        _bytes.Reserve(start + group.Length);
        group.CopyTo(_bytes.Span(start + group.Length)[start..]);
        _ends.Reserve(Count + 1);
        _ends.Span(Count + 1)[Count] = start + group.Length;
        Count++;
    }
}
