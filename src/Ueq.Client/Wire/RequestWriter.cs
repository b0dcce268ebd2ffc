using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;

namespace Ueq.Client.Wire;

/// <summary>Writes the bodies of requests.</summary>
internal static class RequestWriter
{
    public static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A request for predictions of so many rows, each written by <paramref name="write"/>.</summary>
    public static ReadOnlyMemory<byte> Predict(int rows, PredictOptions options, Action<Utf8JsonWriter, int> write)
    {
        if (rows == 0) throw new ArgumentException("Expected one row or more, got none.", nameof(rows));
        options.Validate(rows);
        ArrayBufferWriter<byte> body = new();
        using Utf8JsonWriter json = new(body, Options);
        json.WriteStartObject();
        json.WriteStartArray("X");
        for (int row = 0; row < rows; row++) write(json, row);
        json.WriteEndArray();
        if (options.Coverage is { } coverage) json.WriteNumber("coverage", coverage);
        if (options.Model is { } model) json.WriteString("model", model);
        if (options.UserId is { } user) json.WriteString("user_id", user);
        if (!options.Uncertainty) json.WriteBoolean("return_uncertainty", false);
        if (!options.Monitor) json.WriteBoolean("monitor", false);
        if (options.Receipts) json.WriteBoolean("receipts", true);
        if (options.Groups is { } groups)
        {
            json.WriteStartArray("groups");
            foreach (string? group in groups) json.WriteStringValue(group);
            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.Flush();
        return body.WrittenMemory;
    }

    /// <summary>Labels for <c>/feedback</c>.</summary>
    public static ReadOnlyMemory<byte> Feedback(IReadOnlyCollection<Label> labels)
    {
        if (labels.Count == 0) throw new ArgumentException("Expected one label or more, got none.", nameof(labels));
        ArrayBufferWriter<byte> body = new();
        using Utf8JsonWriter json = new(body, Options);
        json.WriteStartObject();
        json.WriteStartArray("labels");
        foreach (Label label in labels)
        {
            json.WriteStartObject();
            json.WriteString("receipt", label.Receipt);
            if (label.Number is { } number) json.WriteNumber("y", number);
            else json.WriteString("y", label.Class);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return body.WrittenMemory;
    }

    /// <summary>The address of a stream, whose options stand in the query.</summary>
    public static string StreamPath(PredictOptions options)
    {
        StringBuilder query = new("predict_large");
        char next = '?';
        Add("coverage", options.Coverage?.ToString("R", CultureInfo.InvariantCulture));
        Add("model", options.Model);
        Add("user_id", options.UserId);
        Add("return_uncertainty", options.Uncertainty ? null : "false");
        Add("monitor", options.Monitor ? null : "false");
        Add("receipts", options.Receipts ? "true" : null);
        return query.ToString();

        void Add(string key, string? value)
        {
            if (value is null) return;
            query.Append(next).Append(key).Append('=').Append(Uri.EscapeDataString(value));
            next = '&';
        }
    }
}
