using System.Globalization;
using System.Text;

namespace Ueq.Serving.Streams;

/// <summary>The texts that a column's indices stand for, as categories of the model.</summary>
internal sealed class ArrowDictionary
{
    /// <summary>Stands for a text that is null.</summary>
    public const int IsNull = -2;

    private const int SaidBytes = 61;

    private readonly List<int> _categories = [];
    private readonly Dictionary<int, byte[]> _unknown = [];

    public int Count => _categories.Count;

    /// <summary>The category of each text; −1 where it is none.</summary>
    public IReadOnlyList<int> Categories => _categories;

    /// <summary>How the texts that are no category begin.</summary>
    public IReadOnlyDictionary<int, byte[]> Unknown => _unknown;

    /// <summary>Takes the texts of a dictionary batch.</summary>
    /// <param name="message">The message.</param>
    /// <param name="body">Its body.</param>
    /// <param name="layout">How its texts are written.</param>
    /// <param name="schema">The model's columns.</param>
    /// <param name="target">The column that the texts are for.</param>
    /// <param name="most">Texts there may be.</param>
    public void Take(FlatTable message, ReadOnlySpan<byte> body, ArrowLayout layout, FeatureSchema schema, int target, int most)
    {
        FlatTable dictionary = message.Table(2), batch = dictionary.Table(1);
        if (dictionary.Byte(2) == 0)
        {
            _categories.Clear();
            _unknown.Clear();
        }

        long texts = batch.Int64(0);
        if (texts < 0 || texts > most - Count) throw RefusalException.TooLarge(string.Create(CultureInfo.InvariantCulture, $"expected a dictionary of at most {most} texts, got more"));
        ArrowCursor cursor = new(batch, body);
        cursor.Node(texts);
        ArrowValidity validity = cursor.Validity((int)texts);
        ArrowTexts values = cursor.Texts((int)texts, layout);
        for (int i = 0; i < texts; i++)
        {
            ReadOnlySpan<byte> text = validity.IsNull(i) ? default : values.Of(i);
            int category = validity.IsNull(i) ? IsNull : ArrowValues.CategoryOf(schema, target, text);
            if (category == -1) _unknown[Count] = text[..Math.Min(text.Length, SaidBytes)].ToArray();
            _categories.Add(category);
        }
    }
}
