namespace Ueq.Serving.Streams;

/// <summary>Writes a line for each row, and a last one that says how it went.</summary>
internal sealed class LineAnswers(ServedModel model, PredictWork work, string place) : IStreamAnswers
{
    private readonly Grown<int> _rows = new(0);

    public string ContentType => StreamFormats.Lines;

    public void Write(StreamBatch batch)
    {
        _rows.Reserve(batch.Count);
        Span<int> rows = _rows.Span(batch.Count);
        batch.Rows(rows);
        int fault = 0;
        foreach (int row in rows)
        {
            if (row < 0)
            {
                WriteError(batch.Faults[fault++]);
                continue;
            }

            AnswerWriter.WriteLine(model, work, row);
            work.Json.Raw("\n"u8);
        }
    }

    public void End(StreamBatch batch)
    {
        JsonBytes json = work.Json;
        json.Raw(batch.Failed == 0 ? "{\"status\":\"success\",\"rows\":"u8 : "{\"status\":\"partial\",\"rows\":"u8);
        json.Number(batch.Answered);
        json.Raw(",\"errors\":"u8);
        json.Number(batch.Failed);
        if (work.Arm is { } arm)
        {
            if (arm.SaysModel) json.Raw(model.Said);
            json.Raw(arm.Said);
        }

        json.Raw("}\n"u8);
    }

    public void Dispose() => _rows.Trim();

    private void WriteError(in RowFault fault)
    {
        JsonBytes json = work.Json;
        json.Raw("{\"error\":"u8);
        json.Text(fault.Error);
        json.Raw(","u8);
        json.Text(place);
        json.Raw(":"u8);
        json.Number(fault.Place);
        json.Raw("}\n"u8);
    }
}
