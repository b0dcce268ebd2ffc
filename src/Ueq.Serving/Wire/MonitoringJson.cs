using Ueq.Monitoring;

namespace Ueq.Serving.Wire;

/// <summary>A drift reading as <c>/predict</c> shows it, with the guide's names.</summary>
internal static class MonitoringJson
{
    public static void Write(JsonBytes json, DriftReading reading)
    {
        json.Raw("{\"state\":\""u8);
        json.Raw(reading.State switch
        {
            DriftState.Learning => "learning"u8,
            DriftState.Healthy => "healthy"u8,
            _ => "alert"u8,
        });
        json.Raw(reading.Status == GuideStatus.Warning ? "\",\"status\":\"warning\""u8 : "\",\"status\":\"healthy\""u8);
        json.Raw(",\"drift_score\":"u8);
        // The guide's clients compare it with a threshold: before the first window closes it is 0, and the state says so.
        json.Figure(reading.State == DriftState.Learning ? 0 : reading.DriftScore);
        json.Raw(",\"alerts\":["u8);
        for (int i = 0; i < reading.Alerts.Count; i++)
        {
            if (i > 0) json.Raw(","u8);
            Write(json, reading.Alerts[i]);
        }

        json.Raw("],\"current_stats\":"u8);
        Write(json, reading.CurrentStats);
        json.Raw(",\"baseline_stats\":"u8);
        Write(json, reading.BaselineStats);
        json.Raw(",\"history_size\":"u8);
        json.Number(reading.HistorySize);
        json.Raw("}"u8);
    }

    /// <summary>The name of a state on the wire.</summary>
    public static string Name(DriftState state) => state switch
    {
        DriftState.Learning => "learning",
        DriftState.Healthy => "healthy",
        _ => "alert",
    };

    private static void Write(JsonBytes json, DriftAlert alert)
    {
        json.Raw("{\"type\":"u8);
        json.Text(alert.Type == AlertType.Drift ? "drift" : "uncertainty_spike");
        json.Raw(",\"severity\":"u8);
        json.Text(alert.Severity == AlertSeverity.High ? "high" : "medium");
        json.Raw(",\"signal\":"u8);
        json.Text(alert.Signal);
        json.Raw(",\"message\":"u8);
        json.Text(alert.Message);
        json.Raw("}"u8);
    }

    private static void Write(JsonBytes json, SampleSummary? summary)
    {
        if (summary is not { } figures)
        {
            json.Raw("null"u8);
            return;
        }

        json.Raw("{\"mean\":"u8);
        json.Figure(figures.Mean);
        json.Raw(",\"std\":"u8);
        json.Figure(figures.StandardDeviation);
        json.Raw(",\"median\":"u8);
        json.Figure(figures.Median);
        json.Raw(",\"q25\":"u8);
        json.Figure(figures.LowerQuartile);
        json.Raw(",\"q75\":"u8);
        json.Figure(figures.UpperQuartile);
        json.Raw(",\"min\":"u8);
        json.Figure(figures.Minimum);
        json.Raw(",\"max\":"u8);
        json.Figure(figures.Maximum);
        json.Raw("}"u8);
    }
}
