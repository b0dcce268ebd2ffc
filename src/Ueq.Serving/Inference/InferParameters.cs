using System.Globalization;
using System.Text.Json;

namespace Ueq.Serving.Inference;

/// <summary>Reads the parameters of a request, of its inputs and of its outputs.</summary>
internal static class InferParameters
{
    public const string Coverage = "coverage";
    public const string Receipts = "receipts";
    public const string Monitor = "monitor";
    public const string UserId = "user_id";
    private const string BinaryOutput = "binary_data_output";
    private const int TypingMistake = 2;

    private static readonly string[] Known = [Coverage, Receipts, Monitor, UserId, BinaryOutput];

    public static void Read(ref Utf8JsonReader json, InferWork work)
    {
        if (!Opens(ref json, "$")) return;
        int seen = 0;
        while (json.Read() && json.TokenType != JsonTokenType.EndObject)
        {
            int key = json.ValueTextEquals("coverage"u8) ? 1 : json.ValueTextEquals("receipts"u8) ? 2 : json.ValueTextEquals("monitor"u8) ? 4 : json.ValueTextEquals("binary_data_output"u8) ? 8 : json.ValueTextEquals("user_id"u8) ? 16 : 0;
            if ((seen & key) != 0) throw RefusalException.BadRequest($"$.parameters.{json.GetString()}: expected the key once, got it twice");
            seen |= key;
            if (key == 0) RequireForeign(json.GetString()!, "$.parameters");
            json.Read();
            switch (key)
            {
                case 1: ReadLevels(ref json, work); break;
                case 2: work.Rows.WantsReceipts = Flag(ref json, "$.parameters.receipts"); break;
                case 4: work.WantsMonitoring = Flag(ref json, "$.parameters.monitor"); break;
                case 8: work.DefaultPlace = Flag(ref json, "$.parameters.binary_data_output") ? TensorPlace.Binary : TensorPlace.Json; break;
                case 16: TakeUser(json.TokenType == JsonTokenType.String ? json.GetString()! : "", work, "$.parameters.user_id"); break;
                default: json.Skip(); break;
            }
        }
    }

    public static void ReadInput(ref Utf8JsonReader json, int index, ref long size)
    {
        if (!Opens(ref json, "$.inputs", index)) return;
        while (json.Read() && json.TokenType != JsonTokenType.EndObject)
        {
            bool isSize = json.ValueTextEquals("binary_data_size"u8);
            json.Read();
            if (!isSize) json.Skip();
            else if (size >= 0 || json.TokenType != JsonTokenType.Number || !json.TryGetInt64(out size) || size < 0)
                throw RefusalException.BadRequest($"$.inputs[{index}].parameters.binary_data_size: expected a number of bytes once, got {JsonWords.Value(ref json)}");
        }
    }

    public static void ReadOutput(ref Utf8JsonReader json, int index, ref Tensor wanted)
    {
        if (!Opens(ref json, "$.outputs", index)) return;
        while (json.Read() && json.TokenType != JsonTokenType.EndObject)
        {
            bool isBinary = json.ValueTextEquals("binary_data"u8);
            if (isBinary && wanted.Place != TensorPlace.AsAsked) throw RefusalException.BadRequest($"$.outputs[{index}].parameters.binary_data: expected the key once, got it twice");
            if (json.ValueTextEquals("classification"u8)) throw RefusalException.BadRequest($"$.outputs[{index}].parameters.classification: ask for the output label, sets or probabilities instead");
            json.Read();
            if (isBinary) wanted.Place = Flag(ref json, $"$.outputs[{index}].parameters.binary_data") ? TensorPlace.Binary : TensorPlace.Json;
            else json.Skip();
        }
    }

    /// <summary>Levels as a text: numbers with commas between them.</summary>
    public static void ReadLevels(string text, InferWork work, string place)
    {
        work.ClearLevels();
        foreach (Range part in text.AsSpan().Split(','))
        {
            if (!double.TryParse(text.AsSpan()[part], NumberStyles.Float, CultureInfo.InvariantCulture, out double level))
                throw RefusalException.BadRequest($"{place}: expected numbers strictly between 0 and 1 with commas between them, got \"{JsonWords.Short(System.Text.Encoding.UTF8.GetBytes(text))}\"");
            work.AddLevel(level, place);
        }
    }

    /// <summary>Says whom the rows are for.</summary>
    public static void TakeUser(string user, InferWork work, string place)
    {
        if (!work.Rows.TrySetUser(System.Text.Encoding.UTF8.GetBytes(user))) throw RefusalException.BadRequest($"{place}: expected a text of 1 to {Assignment.MostUserBytes} bytes, got {(user.Length == 0 ? "none" : "more")}");
    }

    /// <summary>Refuses a parameter that is nearly one of ours; others are not for us.</summary>
    public static void RequireForeign(string name, string place)
    {
        string nearest = Spelling.Nearest(name, Known);
        if (Spelling.Distance(name, nearest) <= TypingMistake) throw RefusalException.BadRequest($"{place}.{name}: unknown parameter; did you mean \"{nearest}\"?");
    }

    private static void ReadLevels(ref Utf8JsonReader json, InferWork work)
    {
        const string Place = "$.parameters.coverage";
        if (json.TokenType == JsonTokenType.String)
        {
            ReadLevels(json.GetString()!, work, Place);
            return;
        }

        work.ClearLevels();
        if (json.TokenType != JsonTokenType.StartArray)
        {
            work.AddLevel(Level(ref json, Place), Place);
            return;
        }

        while (json.Read() && json.TokenType != JsonTokenType.EndArray) work.AddLevel(Level(ref json, Place), Place);
        if (work.LevelCount == 0) throw RefusalException.BadRequest($"{Place}: expected one level or more, got an empty array");
    }

    private static double Level(ref Utf8JsonReader json, string place) => json.TokenType == JsonTokenType.Number && json.TryGetDouble(out double level) && Ueq.Coverage.IsLevel(level)
        ? level
        : throw RefusalException.BadRequest($"{place}: expected a number strictly between 0 and 1, or several in an array, got {JsonWords.Value(ref json)}");

    private static bool Opens(ref Utf8JsonReader json, string owner, int index = -1)
    {
        if (json.TokenType is JsonTokenType.Null or JsonTokenType.StartObject) return json.TokenType == JsonTokenType.StartObject;
        string place = index < 0 ? owner : string.Create(CultureInfo.InvariantCulture, $"{owner}[{index}]");
        throw RefusalException.BadRequest($"{place}.parameters: expected an object, got {JsonWords.Value(ref json)}");
    }

    private static bool Flag(ref Utf8JsonReader json, string path) => json.TokenType switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        _ => throw RefusalException.BadRequest($"{path}: expected true or false, got {JsonWords.Value(ref json)}"),
    };
}
