using System.Globalization;
using System.Text.Json;
using Ueq.Monitoring;
using Ueq.Online;

namespace Ueq.Serving.Wire;

/// <summary>A coverage reading as <c>/health</c> and <c>/coverage</c> show it.</summary>
internal static class CoverageJson
{
    /// <summary>The figures of <c>/health</c>, in an object that the caller ends.</summary>
    public static void Begin(Utf8JsonWriter json, CoverageReading reading)
    {
        json.WriteStartObject();
        json.WriteString("state", MonitoringJson.Name(reading.State));
        Write(json, reading.Coverage);
        json.WriteNumber("nominal", reading.Tolerance.Nominal.Value);
        json.WriteNumber("tolerated", 1 - reading.Tolerance.LargestMiss);
        json.WriteNumber("evidence", Math.Exp(Math.Min(reading.LogEvidence, 690)));
        json.WriteNumber("evidence_threshold", Math.Exp(reading.LogThreshold));
        json.WriteNumber("alarms", reading.Alarms);
        json.WritePropertyName("lag");
        Write(json, reading.Lag);
        JsonAnswers.Figure(json, "completeness", Completeness(reading));
        json.WriteStartObject("groups");
        foreach (GroupCoverage group in reading.Groups)
        {
            json.WriteStartObject(group.Group);
            Write(json, group.Coverage);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    /// <summary>Everything.</summary>
    public static void WriteAll(Utf8JsonWriter json, CoverageReading reading, EstimatedView? estimated, OnlineLevels? online)
    {
        Begin(json, reading);
        json.WritePropertyName("other_groups");
        json.WriteStartObject();
        Write(json, reading.OtherGroups);
        json.WriteEndObject();
        json.WriteNumber("other_coverage_labels", reading.OtherCoverage);
        json.WriteNumber("log_evidence", reading.LogEvidence);
        json.WriteNumber("log_evidence_of_fewer", reading.LogEvidenceOfFewer);
        Write(json, "since", reading.Since);
        Write(json, "alarmed_at", reading.AlarmedAt);
        Write(json, "latest_label", reading.LatestArrival);
        json.WriteStartObject("answers");
        JsonAnswers.Figure(json, "mean_width", reading.MeanWidth);
        JsonAnswers.Figure(json, "mean_winkler", reading.MeanWinkler);
        json.WriteEndObject();
        Write(json, "performance", reading.Performance);
        Write(json, "recent_performance", reading.Recent);
        EstimatedJson.Write(json, estimated);
        Write(json, online);
        json.WriteStartArray("completeness_by_age");
        foreach (LabelCompleteness age in reading.Completeness)
        {
            json.WriteStartObject();
            json.WriteNumber("from_hours", age.From.TotalHours);
            json.WriteNumber("to_hours", age.To.TotalHours);
            json.WriteNumber("receipts", age.Receipts);
            json.WriteNumber("labels", age.Labels);
            JsonAnswers.Figure(json, "share", age.Share);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Labels over receipts of all ages; NaN without receipts.</summary>
    public static double Completeness(CoverageReading reading)
    {
        long receipts = reading.Completeness.Sum(c => c.Receipts);
        return (double)Math.Min(reading.Completeness.Sum(c => c.Labels), receipts) / receipts;
    }

    private static void Write(Utf8JsonWriter json, RealisedCoverage coverage)
    {
        JsonAnswers.Figure(json, "covered", coverage.Covered);
        json.WriteNumber("lower", coverage.Bounds.Lower);
        json.WriteNumber("upper", coverage.Bounds.Upper);
        json.WriteNumber("labels", coverage.Labels);
        json.WriteNumber("unbounded", coverage.Unbounded);
    }

    private static void Write(Utf8JsonWriter json, LabelLag lag)
    {
        json.WriteStartObject();
        json.WriteNumber("labels", lag.Labels);
        JsonAnswers.Figure(json, "median_seconds", lag.Median?.TotalSeconds ?? double.NaN);
        JsonAnswers.Figure(json, "p95_seconds", lag.Percentile95?.TotalSeconds ?? double.NaN);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, OnlineLevels? online)
    {
        if (online is null)
        {
            json.WriteNull("online");
            return;
        }

        json.WriteStartObject("online");
        json.WriteNumber("step", online.Step);
        json.WriteBoolean("following", online.IsFollowed);
        Write(json, "since", online.Since);
        json.WriteStartArray("levels");
        foreach (OnlineReading level in online.Read())
        {
            json.WriteStartObject();
            json.WriteNumber("nominal", level.Target.Value);
            json.WriteNumber("level", 1 - level.Miss);
            json.WriteNumber("updates", level.Updates);
            JsonAnswers.Figure(json, "covered", level.Covered);
            JsonAnswers.Figure(json, "unbounded", level.Unbounded);
            JsonAnswers.Figure(json, "empty", level.Empty);
            JsonAnswers.Figure(json, "median_width", level.MedianWidth);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, RealisedPerformance performance)
    {
        json.WriteStartObject(name);
        json.WriteNumber("labels", performance.Labels);
        JsonAnswers.Figure(json, "mae", performance.Mae);
        JsonAnswers.Figure(json, "mse", performance.Mse);
        JsonAnswers.Figure(json, "rmse", performance.Rmse);
        JsonAnswers.Figure(json, "accuracy", performance.Accuracy);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, DateTimeOffset? at)
    {
        if (at is { } when) json.WriteString(name, when.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
        else json.WriteNull(name);
    }
}
