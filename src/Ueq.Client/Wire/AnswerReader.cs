namespace Ueq.Client.Wire;

/// <summary>Reads answers to rows.</summary>
internal static class AnswerReader
{
    /// <exception cref="InvalidDataException">The answer is not one to so many rows.</exception>
    public static PredictAnswer Read(ReceivedAnswer received, int rows)
    {
        using JsonDocument document = JsonDocument.Parse(received.Body);
        JsonElement root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("predictions", out JsonElement predictions))
            throw new InvalidDataException("expected an object with predictions");
        bool classes = Json.TryGet(root, "labels", out JsonElement labels);
        PredictAnswer answer = new()
        {
            Rows = rows,
            Predictions = classes ? [] : Rows(predictions, "predictions", rows, Json.Number),
            PredictedLabels = classes ? Rows(predictions, "predictions", rows, Json.Text) : [],
            Labels = classes ? Json.List(labels, Json.Text) : [],
            Intervals = !classes && Json.TryGet(root, "uncertainty", out JsonElement intervals) ? Rows(intervals, "uncertainty", rows, Interval) : [],
            Sets = classes && Json.TryGet(root, "sets", out JsonElement sets) ? Rows(sets, "sets", rows, Texts) : [],
            Probabilities = classes && Json.TryGet(root, "probabilities", out JsonElement shares) ? Rows(shares, "probabilities", rows, Numbers) : [],
            Receipts = Json.TryGet(root, "receipts", out JsonElement receipts) ? Rows(receipts, "receipts", rows, Json.Text) : [],
            Coverage = Json.TryGet(root, "coverage", out JsonElement coverage) ? coverage.GetDouble() : double.NaN,
            EffectiveCoverage = Json.TryGet(root, "effective_coverage", out JsonElement effective) ? effective.GetDouble() : null,
            Experiment = Json.TryGet(root, "experiment", out JsonElement experiment)
                ? new AssignedArm(Json.Text(experiment.GetProperty("name")), Json.Text(experiment.GetProperty("arm")))
                : null,
            Monitoring = Json.TryGet(root, "monitoring", out JsonElement monitoring) ? Monitoring(monitoring) : null,
            Model = Json.TryGet(root, "model", out JsonElement model) ? Json.Text(model) : null,
            Version = Json.TryGet(root, "version", out JsonElement version) ? Json.Text(version) : null,
            InferenceTime = Json.TryGet(root, "inference_time", out JsonElement seconds) ? TimeSpan.FromSeconds(seconds.GetDouble()) : TimeSpan.Zero,
            RequestId = Json.TryGet(root, "request_id", out JsonElement id) ? Json.Text(id) : received.RequestId,
            Address = received.Address,
        };
        return answer;
    }

    /// <summary>One line of a stream: an answer to a row, or an error in its place.</summary>
    public static RowAnswer ReadLine(ReadOnlySpan<byte> line, long row)
    {
        Utf8JsonReader reader = new(line);
        using JsonDocument document = JsonDocument.ParseValue(ref reader);
        JsonElement root = document.RootElement;
        if (Json.TryGet(root, "error", out JsonElement error)) return new RowAnswer { Row = row, Error = Json.Text(error) };
        JsonElement prediction = root.GetProperty("prediction");
        bool classes = Json.TryGet(root, "probabilities", out JsonElement probabilities);
        return new RowAnswer
        {
            Row = row,
            Prediction = classes ? double.NaN : Json.Number(prediction),
            PredictedLabel = classes ? Json.Text(prediction) : null,
            Interval = Json.TryGet(root, "lower", out JsonElement lower) ? new PredictedInterval(Json.Number(lower), Json.Number(root.GetProperty("upper"))) : null,
            Set = Json.TryGet(root, "set", out JsonElement set) ? Texts(set) : [],
            Probabilities = classes ? Numbers(probabilities) : [],
            Receipt = Json.TryGet(root, "receipt", out JsonElement receipt) ? receipt.GetString() : null,
        };
    }

    private static T[] Rows<T>(JsonElement array, string name, int rows, Func<JsonElement, T> one) =>
        array.GetArrayLength() == rows ? Json.List(array, one) : throw new InvalidDataException($"expected {rows} {name}, one per row, got {array.GetArrayLength()}");

    private static PredictedInterval Interval(JsonElement pair) =>
        pair.GetArrayLength() == 2 ? new(Json.Number(pair[0]), Json.Number(pair[1])) : throw new InvalidDataException($"expected two ends of an interval, got {pair.GetArrayLength()}");

    private static IReadOnlyList<string> Texts(JsonElement array) => Json.List(array, Json.Text);

    private static IReadOnlyList<double> Numbers(JsonElement array) => Json.List(array, Json.Number);

    private static MonitoringState Monitoring(JsonElement monitoring) => new(
        Json.TryGet(monitoring, "state", out JsonElement state) ? Json.Text(state) : "",
        Json.TryGet(monitoring, "drift_score", out JsonElement score) ? Json.Number(score) : double.NaN,
        Json.TryGet(monitoring, "alerts", out JsonElement alerts) ? Json.List(alerts, Alert) : []);

    private static MonitoringAlert Alert(JsonElement alert)
    {
        string Of(string name) => Json.TryGet(alert, name, out JsonElement value) ? Json.Text(value) : "";
        return new(Of("type"), Of("severity"), Of("signal"), Of("message"));
    }
}
