using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Ueq.Monitoring;
using Ueq.Storage;

namespace Ueq.Serving.Experiments;

/// <summary>Experiments as JSON: in bodies, in answers, and in the store.</summary>
internal static class ExperimentJson
{
    private static readonly string[] Keys = ["name", "kind", "model", "arms", "salt", "enabled"];
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>An experiment as the store holds it.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static ExperimentConfig Read(string body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            return Read(document.RootElement);
        }
        catch (JsonException bad)
        {
            throw new FormatException(bad.Message, bad);
        }
    }

    /// <summary>An experiment; other keys than <paramref name="passed"/> are refused.</summary>
    /// <exception cref="FormatException">It is none; begins with the key.</exception>
    public static ExperimentConfig Read(JsonElement json, params ReadOnlySpan<string> passed)
    {
        if (json.ValueKind != JsonValueKind.Object) throw new FormatException("expected an object, got something else");
        foreach (JsonProperty property in json.EnumerateObject())
            if (!Keys.Contains(property.Name) && !passed.Contains(property.Name)) throw new FormatException($"{property.Name}: unknown key; did you mean \"{Spelling.Nearest(property.Name, Keys)}\"?");
        string kind = Text(json, "kind");
        ExperimentConfig experiment = new()
        {
            Name = Text(json, "name"),
            Kind = ExperimentRules.KindOf(kind) ?? throw new FormatException($"kind: expected ab, canary or shadow, got \"{JsonWords.Short(Encoding.UTF8.GetBytes(kind))}\""),
            Model = Text(json, "model"),
            Arms = ReadArms(json),
            Salt = json.TryGetProperty("salt", out JsonElement salt) && salt.ValueKind != JsonValueKind.Null ? Text(json, "salt") : null,
            Enabled = !json.TryGetProperty("enabled", out JsonElement enabled) || enabled.ValueKind switch
            {
                JsonValueKind.True => true,
                JsonValueKind.False => false,
                _ => throw new FormatException("enabled: expected true or false"),
            },
        };
        ExperimentRules.Check(experiment);
        return experiment;
    }

    /// <summary>The arms of a body, in their order.</summary>
    /// <exception cref="FormatException">They are none; begins with the key.</exception>
    public static ExperimentArm[] ReadArms(JsonElement json)
    {
        if (!json.TryGetProperty("arms", out JsonElement arms) || arms.ValueKind != JsonValueKind.Object) throw new FormatException("arms: expected an object of references and weights, the control first");
        return [.. arms.EnumerateObject().Select(arm => new ExperimentArm(arm.Name, arm.Value.ValueKind == JsonValueKind.Number && arm.Value.TryGetDouble(out double weight)
            ? weight
            : throw new FormatException($"arms.{arm.Name}: expected a weight above 0, got {JsonWords.Short(Encoding.UTF8.GetBytes(arm.Value.GetRawText()))}")))];
    }

    /// <summary>A text that must be there.</summary>
    /// <exception cref="FormatException">It is not.</exception>
    public static string Text(JsonElement json, string key)
    {
        if (!json.TryGetProperty(key, out JsonElement value)) throw new FormatException($"{key}: expected a text, got no such key");
        if (value.ValueKind != JsonValueKind.String) throw new FormatException($"{key}: expected a text, got {JsonWords.Short(Encoding.UTF8.GetBytes(value.GetRawText()))}");
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new FormatException($"{key}: expected UTF-8, got other bytes");
        }
    }

    /// <summary>An experiment as the store holds it.</summary>
    public static string Write(ExperimentConfig experiment)
    {
        JsonBytes bytes = new();
        using (Utf8JsonWriter json = new(bytes, Options))
        {
            json.WriteStartObject();
            WriteConfig(json, experiment);
            json.WriteStartObject("arms");
            foreach (ExperimentArm arm in experiment.Arms) json.WriteNumber(arm.Reference, arm.Weight);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.Written.Span);
    }

    /// <summary>An experiment as calls see it, with what its arms have done and, where it was read, what their labels have shown.</summary>
    public static void Write(Utf8JsonWriter json, KnownExperiment known, IReadOnlyList<ExposureRecord> exposures, IReadOnlyList<ArmReading>? readings)
    {
        ExperimentConfig experiment = known.Config;
        json.WriteStartObject();
        WriteConfig(json, experiment);
        json.WriteString("state", known.State);
        json.WriteString("source", known.Source == ExperimentSource.Config ? "config" : "store");
        if (known.Config.Enabled) json.WriteString("problem", known.Problem);
        double[] ends = Assignment.Ends(experiment.Arms);
        json.WriteStartArray("arms");
        for (int i = 0; i < experiment.Arms.Count; i++)
        {
            ExperimentArm arm = experiment.Arms[i];
            ExposureRecord? exposure = exposures.FirstOrDefault(e => e.Experiment == experiment.Name && e.Arm == arm.Reference);
            json.WriteStartObject();
            json.WriteString("arm", arm.Reference);
            json.WriteNumber("weight", arm.Weight);
            json.WriteNumber("share", experiment.Kind == ExperimentKind.Shadow ? arm == experiment.Arms[0] ? 1 : arm.Weight : ends[i] - (i == 0 ? 0 : ends[i - 1]));
            json.WriteNumber("requests", exposure?.Requests ?? 0);
            json.WriteNumber("rows", exposure?.Rows ?? 0);
            json.WriteNumber("unnamed_requests", exposure?.Unnamed ?? 0);
            json.WriteNumber("users", exposure is null ? 0 : Math.Round(exposure.Users.Read()));
            if (readings?.FirstOrDefault(r => r.Arm == arm.Reference) is { } reading) WriteReading(json, reading);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>What <c>/health</c> says of experiments.</summary>
    public static void WriteHealth(Utf8JsonWriter json, ExperimentDesk desk, ShadowRunner shadows)
    {
        json.WriteStartObject("experiments");
        IReadOnlyList<KnownExperiment> known = desk.Known;
        foreach (string state in (string[])["running", "waiting", "stopped"])
        {
            json.WriteStartArray(state);
            foreach (KnownExperiment experiment in known.Where(e => e.State == state)) json.WriteStringValue(experiment.Config.Name);
            json.WriteEndArray();
        }

        json.WriteNumber("shadow_rows", shadows.Computed);
        json.WriteNumber("shadow_rows_dropped", shadows.Dropped);
        json.WriteNumber("shadow_rows_failed", shadows.Failed);
        json.WriteEndObject();
    }

    public static string NameOf(ExperimentVerdict verdict) => verdict switch
    {
        ExperimentVerdict.Control => "control",
        ExperimentVerdict.TooFewLabels => "too few labels",
        ExperimentVerdict.TooFewUsers => "too few users",
        ExperimentVerdict.NoDifferenceShown => "no difference shown",
        ExperimentVerdict.Better => "better",
        _ => "worse",
    };

    private static void WriteConfig(Utf8JsonWriter json, ExperimentConfig experiment)
    {
        json.WriteString("name", experiment.Name);
        json.WriteString("kind", ExperimentRules.NameOf(experiment.Kind));
        json.WriteString("model", experiment.Model);
        json.WriteString("salt", experiment.Salt ?? experiment.Name);
        json.WriteBoolean("enabled", experiment.Enabled);
    }

    private static void WriteReading(Utf8JsonWriter json, ArmReading reading)
    {
        json.WriteNumber("labels", reading.Labels);
        json.WriteNumber("unbounded", reading.Unbounded);
        json.WriteNumber("user_groups", reading.UserGroups);
        WriteFigure(json, "coverage", reading.Coverage);
        WriteFigure(json, "width", reading.Width);
        WriteFigure(json, "loss", reading.Loss);
    }

    private static void WriteFigure(Utf8JsonWriter json, string name, in FigureReading figure)
    {
        json.WriteStartObject(name);
        JsonAnswers.Figure(json, "mean", figure.Mean);
        JsonAnswers.Figure(json, "lower", figure.Bounds.Lower);
        JsonAnswers.Figure(json, "upper", figure.Bounds.Upper);
        if (figure.Verdict != ExperimentVerdict.Control)
        {
            JsonAnswers.Figure(json, "difference", figure.Difference);
            JsonAnswers.Figure(json, "difference_lower", figure.DifferenceBounds.Lower);
            JsonAnswers.Figure(json, "difference_upper", figure.DifferenceBounds.Upper);
        }

        json.WriteString("verdict", NameOf(figure.Verdict));
        json.WriteEndObject();
    }
}
