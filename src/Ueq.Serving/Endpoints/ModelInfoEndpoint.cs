using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Ueq.Ensembles;
using Ueq.Monitoring;
using Ueq.Versions;

namespace Ueq.Serving.Endpoints;

/// <summary><c>GET /model_info</c>: what is served and what it promises.</summary>
internal sealed class ModelInfoEndpoint(ServiceParts parts)
{
    public Task Handle(HttpContext http)
    {
        ServedModel model = parts.Asked(http);
        return JsonAnswers.Write(http, StatusCodes.Status200OK, json => Write(json, model, parts.Models, parts.Config));
    }

    private static void Write(Utf8JsonWriter json, ServedModel model, ModelCatalog models, UeqServiceConfig config)
    {
        Manifest manifest = model.Version.Manifest;
        json.WriteStartObject();
        json.WriteString("name", model.Name);
        json.WriteStartArray("references");
        foreach (string reference in models.ReferencesOf(model)) json.WriteStringValue(reference);
        json.WriteEndArray();
        json.WriteString("model_type", manifest.Task == ModelTask.Regression ? "regression" : "classification");
        json.WriteString("method", manifest.Method);
        json.WriteString("model_class", manifest.Model);
        WriteMembers(json, model.Info);
        json.WritePropertyName("guarantee");
        WriteGuarantee(json, model.Guarantee(config.Coverage));
        json.WriteString("target", manifest.Target);
        json.WriteStartArray("features");
        for (int column = 0; column < manifest.Columns.Count; column++) WriteColumn(json, model, column);
        json.WriteEndArray();
        WriteClasses(json, model);
        json.WriteString("digest", model.Version.Digest);
        json.WriteNumber("format_version", manifest.FormatVersion);
        json.WriteString("created", manifest.Created.ToString("O", CultureInfo.InvariantCulture));
        json.WriteStartObject("metrics");
        foreach ((string name, double value) in manifest.Metrics) JsonAnswers.Figure(json, name, value);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    // As the guide's get_info: only of ensembles.
    private static void WriteMembers(Utf8JsonWriter json, ModelInfo info)
    {
        if (info.Members.Count == 0) return;
        json.WriteNumber("n_models", info.Members.Count);
        json.WriteStartArray("model_classes");
        foreach (MemberInfo member in info.Members) json.WriteStringValue(member.ModelClass);
        json.WriteEndArray();
        json.WriteStartObject("ensemble_info");
        json.WriteStartArray("names");
        foreach (MemberInfo member in info.Members) json.WriteStringValue(member.Name);
        json.WriteEndArray();
        json.WriteString("aggregation_method", info.Aggregation switch
        {
            Aggregation.WeightedMean => "weighted_mean",
            Aggregation.Median => "median",
            _ => "mean",
        });
        if (info.Weights is { } weights)
        {
            json.WriteStartArray("weights");
            foreach (double weight in weights) json.WriteNumberValue(weight);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteGuarantee(Utf8JsonWriter json, Guarantee guarantee)
    {
        json.WriteStartObject();
        json.WriteString("kind", KindName(guarantee.Kind));
        json.WriteNumber("nominal", guarantee.Nominal.Value);
        json.WriteNumber("rank", guarantee.Rank);
        json.WriteNumber("n", guarantee.Count);
        json.WriteNumber("proven", guarantee.Proven);
        json.WriteBoolean("bounded", guarantee.IsBounded);
        json.WriteEndObject();
    }

    private static string KindName(GuaranteeKind kind) => kind switch
    {
        GuaranteeKind.SplitConformal => "split_conformal",
        GuaranteeKind.JackknifePlus => "jackknife_plus",
        GuaranteeKind.ModelIsRight => "model_is_right",
        _ => "none",
    };

    private static void WriteColumn(Utf8JsonWriter json, ServedModel model, int index)
    {
        FeatureColumn column = model.Schema.Columns[index];
        json.WriteStartObject();
        json.WriteString("name", column.Name);
        json.WriteString("kind", column.Categories is null ? "numeric" : "categorical");
        if (column.Categories is { } categories)
        {
            json.WriteStartArray("categories");
            foreach (string category in categories) json.WriteStringValue(category);
            json.WriteEndArray();
        }

        json.WriteString("missing", column.Missing == MissingValues.Allowed ? "allowed" : "refused");
        if (model.Monitor.Reference is { } reference) WriteReference(json, column, [.. reference.Signals.Skip(model.Schema.Offset(index)).Take(column.Width)]);
        json.WriteEndObject();
    }

    // How a column is distributed, so that rows can be made that look like it; its extremes are somebody's values and are not told.
    private static void WriteReference(Utf8JsonWriter json, FeatureColumn column, SignalReference[] signals)
    {
        json.WriteStartObject("reference");
        if (column.Categories is null)
        {
            json.WriteStartArray("edges");
            foreach (double edge in signals[0].Edges) json.WriteNumberValue(edge);
            json.WriteEndArray();
        }

        json.WriteStartArray("counts");
        if (column.Categories is null) foreach (long count in signals[0].Counts) json.WriteNumberValue(count);
        else foreach (SignalReference category in signals) json.WriteNumberValue((long)Math.Round(category.Summary.Mean * category.Summary.Count));
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteClasses(Utf8JsonWriter json, ServedModel model)
    {
        json.WritePropertyName("classes");
        if (model.Classes == 0)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartArray();
        for (int label = 0; label < model.Classes; label++) json.WriteRawValue(model.Label(label));
        json.WriteEndArray();
    }
}
