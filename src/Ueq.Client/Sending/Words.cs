using System.Text;

namespace Ueq.Client.Sending;

/// <summary>What went wrong, in words that fit into a line.</summary>
internal static class Words
{
    private const int MostSaid = 500;

    public static string Plain(string text)
    {
        string line = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        return line.Length <= MostSaid ? line : line[..MostSaid] + "…";
    }

    public static string Of(Exception fault) =>
        Plain(fault.InnerException is { } inner && !fault.Message.Contains(inner.Message, StringComparison.Ordinal) ? $"{fault.Message} {inner.Message}" : fault.Message);

    /// <summary>The error and the request's number in an answer: those of the service, else the beginning of what came.</summary>
    public static (string Error, string? RequestId) OfBody(byte[] body, string? reason)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("error", out JsonElement error) && error.ValueKind == JsonValueKind.String)
                return (Plain(error.GetString()!), document.RootElement.TryGetProperty("request_id", out JsonElement id) ? Json.Text(id) : null);
        }
        catch (JsonException)
        {
            // Not our service's answer: what there is says more than that.
        }

        string start = Plain(Encoding.UTF8.GetString(body, 0, Math.Min(body.Length, MostSaid)));
        return (start.Length > 0 ? start : reason is { Length: > 0 } ? reason : "no words", null);
    }
}
