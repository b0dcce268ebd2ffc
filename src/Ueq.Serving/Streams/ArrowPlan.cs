using System.Globalization;
using System.Text;
using Ueq.Serving.Inference;

namespace Ueq.Serving.Streams;

/// <summary>Which column of an Arrow stream is which of the model's: by name, by order where no name is the model's, or one list of all.</summary>
internal static class ArrowPlan
{
    private const string Group = "group";
    private const int LongestName = 1024;

    /// <summary>Reads the schema of a stream.</summary>
    /// <exception cref="RefusalException">Its columns are not those of the model.</exception>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static ArrowColumn[] Read(FlatTable message, FeatureSchema model)
    {
        FlatTable schema = message.Table(2);
        if (schema.Int16(0) != 0) throw new InvalidDataException("expected numbers in little-endian, got big-endian");
        int fields = schema.Tables(1), columns = model.Columns.Count;
        // So many names are not even read.
        if (fields > columns + 1) throw Refused($"expected {columns} columns, those of the model, and perhaps \"{Group}\", got {fields}");
        Dictionary<string, int> known = [];
        for (int i = 0; i < columns; i++) known[model.Columns[i].Name] = i;
        string[] names = new string[fields];
        bool hasGroup = false, byName = false;
        for (int i = 0; i < fields; i++)
        {
            ReadOnlySpan<byte> name = schema.Table(1, i).Vector(0, 1);
            names[i] = name.Length <= LongestName ? Encoding.UTF8.GetString(name) : JsonWords.Short(name);
            byName |= known.ContainsKey(names[i]);
            hasGroup |= names[i] == Group && !known.ContainsKey(Group);
        }

        bool isOne = fields - (hasGroup ? 1 : 0) == 1;
        ArrowColumn[] plan = new ArrowColumn[fields];
        HashSet<int> taken = [];
        for (int i = 0, place = 0; i < fields; i++)
        {
            FlatTable field = schema.Table(1, i);
            if (hasGroup && names[i] == Group)
            {
                plan[i] = Checked(ArrowColumn.Of(field, ArrowColumn.Group), field, Group, null);
                if (!taken.Add(ArrowColumn.Group)) throw Twice(Group);
            }
            else if (isOne && !byName && ArrowColumn.Rows(field, out int size) is { } rows)
            {
                if (!model.IsNumeric) throw Refused($"expected {columns} columns, since not all of the model's are numbers, got the one list \"{names[i]}\"");
                if (size != columns) throw Refused($"column \"{names[i]}\": expected lists of {columns} numbers, got lists of {size}");
                plan[i] = rows;
                return plan;
            }
            else
            {
                int target = byName ? Named(known, names[i]) : place++;
                if (target >= columns) break;
                plan[i] = Checked(ArrowColumn.Of(field, target), field, names[i], model.Columns[target]);
                if (!taken.Add(target)) throw Twice(names[i]);
            }
        }

        int missing = Enumerable.Range(0, columns).FirstOrDefault(i => !taken.Contains(i), -1);
        if (missing < 0 && fields - (hasGroup ? 1 : 0) == columns) return plan;
        throw Refused(byName
            ? $"expected a column \"{model.Columns[missing].Name}\", got {Said(names)}"
            : string.Create(CultureInfo.InvariantCulture, $"expected the {columns} columns of the model by name or in its order, got {Said(names)}"));
    }

    private static ArrowColumn Checked(ArrowColumn? column, FlatTable field, string name, FeatureColumn? target)
    {
        bool isText = target is null || target.Categories is not null;
        bool fits = column is { } c && c.Layout switch
        {
            ArrowLayout.Texts or ArrowLayout.LargeTexts => isText,
            ArrowLayout.Indices => isText && target is not null,
            ArrowLayout.Numbers => !isText || (target is not null && c.Type is not (TensorType.Fp16 or TensorType.Fp32 or TensorType.Fp64)),
            ArrowLayout.Bits => !isText,
            _ => false,
        };
        if (fits) return column!.Value;
        string expected = target is null ? "texts (utf8)" : isText ? "texts (utf8, also as a dictionary) or whole numbers" : "numbers (float, int or bool)";
        throw Refused($"column \"{Short(name)}\": expected {expected}, got {ArrowColumn.NameOf(field)}");
    }

    private static int Named(Dictionary<string, int> known, string name) =>
        known.TryGetValue(name, out int target) ? target : throw Refused($"column \"{Short(name)}\" is none of the model's; did you mean \"{Spelling.Nearest(name, known.Keys)}\"?");

    private static string Said(string[] names) => names.Length == 0 ? "no columns" : JsonWords.Short(Encoding.UTF8.GetBytes(string.Join(", ", names.Select(name => $"\"{Short(name)}\""))));

    private static string Short(string name) => JsonWords.Short(Encoding.UTF8.GetBytes(name));

    private static RefusalException Twice(string name) => Refused($"column \"{Short(name)}\": expected it once, got it twice");

    private static RefusalException Refused(string message) => RefusalException.BadRequest($"schema: {message}");
}
