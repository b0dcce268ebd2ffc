using System.Text.Json;

namespace Ueq.Serving.Wire;

/// <summary>The estimates without labels, as <c>/coverage</c> shows them.</summary>
internal static class EstimatedJson
{
    public static void Write(Utf8JsonWriter json, EstimatedView? estimated)
    {
        json.WriteStartObject("estimated");
        json.WriteString("state", estimated is null ? "not_available" : estimated.Rows == 0 ? "no_rows" : "estimated");
        if (estimated is null)
        {
            json.WriteString("reason", "the version has no estimator: it was fitted without one, or with fewer than 100 rows that its model had not seen");
            json.WriteEndObject();
            return;
        }

        json.WriteString("method", estimated.Method);
        json.WriteString("assumes", "no concept shift");
        json.WriteNumber("rows", estimated.Rows);
        json.WriteNumber("window_rows", estimated.Window);
        json.WriteNumber("reference_rows", estimated.ReferenceRows);
        foreach (EstimatedQuantity quantity in estimated.Quantities)
        {
            json.WriteStartObject(quantity.Name);
            JsonAnswers.Figure(json, "value", quantity.Value);
            JsonAnswers.Figure(json, "error", quantity.Error);
            if (double.IsFinite(quantity.Reference)) json.WriteNumber("reference", quantity.Reference);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
