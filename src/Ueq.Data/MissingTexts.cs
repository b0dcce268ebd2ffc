using System.Text;

namespace Ueq.Data;

/// <summary>The texts that were declared to stand for a missing value.</summary>
internal sealed class MissingTexts(CsvOptions options)
{
    private readonly byte[][] _texts = [.. options.MissingTokens.Select(Encoding.UTF8.GetBytes)];

    public bool Contains(ReadOnlySpan<byte> text)
    {
        foreach (byte[] missing in _texts)
            if (text.SequenceEqual(missing)) return true;
        return false;
    }
}
