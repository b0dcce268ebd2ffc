using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Ueq.Serving.Streams;

/// <summary>The options of a stream, which stand in the query since the body has only rows.</summary>
internal static class StreamQuery
{
    private static readonly string[] Keys = ["coverage", "batch_size", "monitor", "return_uncertainty", "receipts", "model", "answers", "user_id"];

    /// <exception cref="RefusalException">A key is unknown or a value bad.</exception>
    public static void Read(IQueryCollection query, PredictWork work)
    {
        foreach ((string key, Microsoft.Extensions.Primitives.StringValues values) in query)
        {
            string text = values.Count == 1 ? values[0] ?? "" : throw RefusalException.BadRequest($"?{key}: expected one value, got {values.Count}");
            switch (key)
            {
                case "coverage": work.Coverage = Level(text); break;
                case "batch_size": work.BatchSize = BatchSize(text); break;
                case "monitor": work.WantsMonitoring = Flag(key, text); break;
                case "receipts": work.WantsReceipts = Flag(key, text); break;
                case "model": break; // Read before the rest, by whoever chose the model.
                case "user_id":
                    if (!work.TrySetUser(System.Text.Encoding.UTF8.GetBytes(text))) throw RefusalException.BadRequest($"?user_id: expected a text of 1 to {Assignment.MostUserBytes} bytes, got {(text.Length == 0 ? "none" : "more")}");
                    break;
                case "answers":
                    work.AnswersAfter = text switch
                    {
                        "after" => true,
                        "along" => false,
                        _ => throw RefusalException.BadRequest($"?answers: expected along or after, got \"{text}\""),
                    }; break;
                case "return_uncertainty": work.WantsUncertainty = Flag(key, text); break;
                default: throw RefusalException.BadRequest($"?{key}: unknown key; did you mean \"{Spelling.Nearest(key, Keys)}\"?");
            }
        }
    }

    /// <summary>Refuses options of streams in the address of a body of JSON, which has its own: they would be passed over.</summary>
    /// <remarks>Whether answers come after the rows does not matter there, and proxies ask for it whatever the body is.</remarks>
    /// <exception cref="RefusalException">There is one.</exception>
    public static void RequireNone(IQueryCollection query)
    {
        foreach (string key in query.Keys)
            if (key is not ("model" or "answers") && Keys.Contains(key)) throw RefusalException.BadRequest($"?{key}: with a body of JSON it stands in the body, as \"{key}\"");
    }

    private static Coverage Level(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double level) && Coverage.IsLevel(level)
            ? new Coverage(level)
            : throw RefusalException.BadRequest($"?coverage: expected a number strictly between 0 and 1, got \"{text}\"");

    private static int BatchSize(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int size) && size >= 1
            ? size
            : throw RefusalException.BadRequest($"?batch_size: expected a whole number from 1, got \"{text}\"");

    private static bool Flag(string key, string text) => text switch
    {
        "true" => true,
        "false" => false,
        _ => throw RefusalException.BadRequest($"?{key}: expected true or false, got \"{text}\""),
    };
}
