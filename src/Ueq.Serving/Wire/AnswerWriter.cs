namespace Ueq.Serving.Wire;

/// <summary>Writes the answer of <c>/predict</c> part by part, so that a large one need not stand in memory.</summary>
internal static class AnswerWriter
{
    private const int Part = 1024;

    /// <summary>Everything up to and with the rows, calling <paramref name="full"/> whenever a part is complete.</summary>
    public static async ValueTask WriteRows(ServedModel model, PredictWork work, Func<JsonBytes, ValueTask> full)
    {
        for (Section section = Section.Predictions; section <= Section.Receipts; section++)
        {
            for (int start = 0; start < work.Rows; start += Part)
            {
                WriteSection(model, work, section, start, Math.Min(start + Part, work.Rows));
                await full(work.Json);
            }
        }
    }

    /// <summary>The same at once, for answers that are small.</summary>
    public static void WriteRows(ServedModel model, PredictWork work)
    {
        for (Section section = Section.Predictions; section <= Section.Receipts; section++)
            WriteSection(model, work, section, 0, work.Rows);
    }

    /// <summary>Everything after the rows.</summary>
    public static void WriteRest(ServedModel model, PredictWork work, double seconds, long requestId)
    {
        JsonBytes json = work.Json;
        json.Raw(",\"coverage\":"u8);
        json.Number(work.Coverage.Value);
        if (work.Level is { } level)
        {
            json.Raw(",\"effective_coverage\":"u8);
            json.Number(level.Share);
        }

        json.Raw(",\"monitoring\":"u8);
        if (work.WantsMonitoring) model.Monitor.Write(json);
        else json.Raw("null"u8);
        if (work.SaysModel) json.Raw(model.Said);
        if (work.Arm is { } arm) json.Raw(arm.Said);
        json.Raw(",\"inference_time\":"u8);
        json.Number(seconds);
        json.Raw(",\"request_id\":"u8);
        json.Number(requestId);
        json.Raw(",\"status\":\"success\"}"u8);
    }

    /// <summary>One line of an NDJSON answer, without its end.</summary>
    public static void WriteLine(ServedModel model, PredictWork work, int row)
    {
        JsonBytes json = work.Json;
        json.Raw("{\"prediction\":"u8);
        WritePrediction(model, work, row);
        if (model.Classes > 0)
        {
            if (work.WantsUncertainty)
            {
                json.Raw(",\"set\":"u8);
                WriteSet(model, work, row);
            }

            json.Raw(",\"probabilities\":"u8);
            WriteProbabilities(model, work, row);
        }
        else if (work.WantsUncertainty)
        {
            Interval interval = work.Intervals.Span(work.Rows)[row];
            json.Raw(",\"lower\":"u8);
            json.Number(interval.Lower);
            json.Raw(",\"upper\":"u8);
            json.Number(interval.Upper);
        }

        if (work.WantsReceipts)
        {
            json.Raw(",\"receipt\":"u8);
            work.Issuer!.Write(model, work, row, row + 1);
        }

        json.Raw("}"u8);
    }

    private enum Section
    {
        Predictions,
        Uncertainty,
        Sets,
        Probabilities,
        Receipts,
    }

    private static void WriteSection(ServedModel model, PredictWork work, Section section, int start, int end)
    {
        JsonBytes json = work.Json;
        bool classes = model.Classes > 0;
        if (section is Section.Sets or Section.Probabilities && !classes) return;
        if (section == Section.Receipts && !work.WantsReceipts) return;
        if (start == 0) json.Raw(Head(section));
        if (section is Section.Uncertainty or Section.Sets && !work.WantsUncertainty)
        {
            if (start == 0) json.Raw("null"u8);
            return;
        }

        if (section == Section.Receipts)
        {
            json.Raw(start == 0 ? "["u8 : ","u8);
            work.Issuer!.Write(model, work, start, end);
        }
        else for (int row = start; row < end; row++)
        {
            json.Raw(row == 0 ? "["u8 : ","u8);
            if (section == Section.Predictions) WritePrediction(model, work, row);
            else if (section == Section.Probabilities) WriteProbabilities(model, work, row);
            else if (classes) WriteSet(model, work, row);
            else WriteInterval(json, work.Intervals.Span(work.Rows)[row]);
        }

        if (end == work.Rows) json.Raw("]"u8);
        if (end == work.Rows && section == Section.Predictions && classes) WriteLabels(model, json);
    }

    private static ReadOnlySpan<byte> Head(Section section) => section switch
    {
        Section.Predictions => "{\"predictions\":"u8,
        Section.Uncertainty => ",\"uncertainty\":"u8,
        Section.Sets => ",\"sets\":"u8,
        Section.Probabilities => ",\"probabilities\":"u8,
        _ => ",\"receipts\":"u8,
    };

    private static void WritePrediction(ServedModel model, PredictWork work, int row)
    {
        double prediction = work.Predictions.Span(work.Rows)[row];
        if (model.Classes > 0) work.Json.Raw(model.Label((int)prediction));
        else work.Json.Number(prediction);
    }

    private static void WriteInterval(JsonBytes json, Interval interval)
    {
        json.Raw("["u8);
        json.Number(interval.Lower);
        json.Raw(","u8);
        json.Number(interval.Upper);
        json.Raw("]"u8);
    }

    private static void WriteSet(ServedModel model, PredictWork work, int row)
    {
        LabelSet set = LabelSet.At(work.Sets.Span(work.Rows * LabelSet.WordsFor(model.Classes)), row, model.Classes);
        JsonBytes json = work.Json;
        json.Raw("["u8);
        bool first = true;
        for (int label = 0; label < model.Classes; label++)
        {
            if (!set.Contains(label)) continue;
            if (!first) json.Raw(","u8);
            json.Raw(model.Label(label));
            first = false;
        }

        json.Raw("]"u8);
    }

    private static void WriteProbabilities(ServedModel model, PredictWork work, int row)
    {
        JsonBytes json = work.Json;
        ReadOnlySpan<double> probabilities = work.Probabilities.Span(work.Rows * model.Classes).Slice(row * model.Classes, model.Classes);
        for (int i = 0; i < probabilities.Length; i++)
        {
            json.Raw(i == 0 ? "["u8 : ","u8);
            json.Number(probabilities[i]);
        }

        json.Raw("]"u8);
    }

    private static void WriteLabels(ServedModel model, JsonBytes json)
    {
        json.Raw(",\"labels\":"u8);
        for (int label = 0; label < model.Classes; label++)
        {
            json.Raw(label == 0 ? "["u8 : ","u8);
            json.Raw(model.Label(label));
        }

        json.Raw("]"u8);
    }
}
