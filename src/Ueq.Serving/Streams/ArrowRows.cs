using System.Globalization;
using System.IO.Pipelines;
using Ueq.Serving.Inference;
using Ueq.Serving.Receipts;

namespace Ueq.Serving.Streams;

/// <summary>The rows of an Arrow IPC stream, a record batch at a time.</summary>
internal sealed class ArrowRows(PipeReader reader, FeatureSchema schema, PredictWork work, int mostBytes, int mostRows) : IStreamRows
{
    private readonly ArrowFrames _frames = new(reader, work.Body, mostBytes);
    private readonly ArrowFaults _faults = new();
    private readonly List<(int Column, long Id, ArrowDictionary Dictionary)> _dictionaries = [];
    private ArrowColumn[]? _plan;
    private ArrowLayout[] _texts = [];
    private long _batch, _rows;

    public string Place => "row";

    public long Read => _rows;

    public async ValueTask<bool> Fill(StreamBatch batch, CancellationToken gone)
    {
        try
        {
            while (true)
            {
                switch (await _frames.Next(gone))
                {
                    case ArrowMessage.End when _plan is not null:
                        return false;
                    case ArrowMessage.End:
                        throw new InvalidDataException("expected an Arrow IPC stream, which begins with a schema, got nothing");
                    case ArrowMessage.Schema when _plan is null:
                        TakeSchema();
                        break;
                    case ArrowMessage.DictionaryBatch when _plan is not null:
                        TakeDictionary();
                        break;
                    case ArrowMessage.RecordBatch when _plan is not null:
                        Take(batch);
                        _batch++;
                        return true;
                    case var message:
                        throw new InvalidDataException($"expected {(_plan is null ? "the stream's schema" : "a record batch")}, got a message of the type {message}");
                }
            }
        }
        catch (InvalidDataException damaged)
        {
            throw RefusalException.BadRequest($"{Where}: {damaged.Message}");
        }
        catch (RefusalException refusal) when (_plan is not null)
        {
            throw new RefusalException(refusal.Status, $"{Where}: {refusal.Message}");
        }
    }

    private string Where => _plan is null ? "schema" : string.Create(CultureInfo.InvariantCulture, $"batch {_batch}");

    private void TakeSchema()
    {
        FlatTable message = FlatTable.Root(_frames.Metadata);
        ArrowColumn[] plan = ArrowPlan.Read(message, schema);
        for (int i = 0; i < plan.Length; i++)
            if (plan[i].Layout == ArrowLayout.Indices) _dictionaries.Add((i, plan[i].Dictionary, new ArrowDictionary()));
        FlatTable fields = message.Table(2);
        _texts = new ArrowLayout[plan.Length];
        for (int i = 0; i < plan.Length; i++) _texts[i] = ArrowColumn.TextsOf(fields.Table(1, i));
        _plan = plan;
    }

    private void TakeDictionary()
    {
        FlatTable message = FlatTable.Root(_frames.Metadata);
        long id = message.Table(2).Int64(0);
        foreach ((int column, long own, ArrowDictionary dictionary) in _dictionaries)
            if (own == id) dictionary.Take(message, _frames.Body, _texts[column], schema, _plan![column].Target, mostRows);
    }

    private void Take(StreamBatch batch)
    {
        FlatTable record = FlatTable.Root(_frames.Metadata).Table(2);
        long claimed = record.Int64(0);
        if (claimed < 0) throw new InvalidDataException($"expected a number of rows, got {claimed}");
        if (claimed > mostRows || claimed * schema.Width > PredictReader.MostFeatures)
            throw RefusalException.TooLarge(string.Create(CultureInfo.InvariantCulture, $"expected at most {Math.Min(mostRows, PredictReader.MostFeatures / schema.Width)} rows, got {claimed}; send smaller batches"));
        // Every value takes a bit or more, so a claim beyond that is not worth its memory.
        if (claimed > 8L * _frames.Body.Length) throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"expected values for {claimed} rows, got {_frames.Body.Length} bytes"));
        int rows = (int)claimed;
        work.Features.Reserve(rows * schema.Width);
        _faults.Begin(rows);
        ArrowCursor cursor = new(record, _frames.Body);
        ArrowValidity groupless = default;
        ArrowTexts groups = default;
        bool hasGroups = false;
        foreach (ArrowColumn column in _plan!)
        {
            if (column.Target == ArrowColumn.Group)
            {
                cursor.Node(rows);
                groupless = cursor.Validity(rows);
                groups = cursor.Texts(rows, column.Layout);
                hasGroups = true;
            }
            else
            {
                Take(ref cursor, column, rows);
            }
        }

        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<byte> group = hasGroups && !groupless.IsNull(row) ? groups.Of(row) : default;
            if (hasGroups && !groupless.IsNull(row) && group.Length is 0 or > ReceiptText.MostGroupBytes)
                _faults.Add(row, "group", $"a text of 1 to {ReceiptText.MostGroupBytes} bytes, or null", $"\"{JsonWords.Short(group)}\"");
            Take(batch, row, group, hasGroups);
        }

        _rows += rows;
    }

    // Bad rows leave no gap among the features.
    private void Take(StreamBatch batch, int row, ReadOnlySpan<byte> group, bool hasGroups)
    {
        if (_faults.Of(row) is { } fault)
        {
            batch.Refuse(_rows + row, ReferenceEquals(fault, ArrowFaults.Unsaid) ? fault : string.Create(CultureInfo.InvariantCulture, $"batch {_batch}, row {row}, {fault}"));
            return;
        }

        int width = schema.Width, place = work.Rows;
        if (place != row)
        {
            Span<float> features = work.Features.Span((row + 1) * width);
            features[(row * width)..].CopyTo(features[(place * width)..]);
        }

        if (hasGroups) work.Groups.Add(group);
        batch.Add(_rows + row);
    }

    private void Take(ref ArrowCursor cursor, ArrowColumn column, int rows)
    {
        ArrowValues values = new(schema, column, work.Features.Span(rows * schema.Width), _faults);
        cursor.Node(rows);
        ArrowValidity validity = cursor.Validity(rows);
        switch (column.Layout)
        {
            case ArrowLayout.Rows:
                for (int row = 0; validity.HasNulls && row < rows; row++)
                    if (validity.IsNull(row)) _faults.Add(row, null, "a list of numbers", "null");
                int all = rows * schema.Width;
                cursor.Node(all);
                ArrowValidity each = cursor.Validity(all);
                values.TakeNumbers(cursor.Buffer((long)all * column.Type.Size()), each);
                break;
            case ArrowLayout.Bits:
                values.TakeBits(cursor.Buffer((rows + 7) / 8), validity, rows);
                break;
            case ArrowLayout.Texts or ArrowLayout.LargeTexts:
                values.TakeTexts(cursor.Texts(rows, column.Layout), validity, rows);
                break;
            case ArrowLayout.Indices:
                values.TakeIndices(cursor.Buffer((long)rows * column.Type.Size()), validity, DictionaryOf(column), rows);
                break;
            default:
                ReadOnlySpan<byte> numbers = cursor.Buffer((long)rows * column.Type.Size());
                if (schema.Columns[column.Target].Categories is null) values.TakeNumbers(numbers, validity);
                else values.TakeCategories(numbers, validity, rows);
                break;
        }
    }

    private ArrowDictionary DictionaryOf(ArrowColumn column)
    {
        foreach ((int at, _, ArrowDictionary dictionary) in _dictionaries)
            if (_plan![at] == column) return dictionary;
        throw new InvalidOperationException("a column of indices has no dictionary");
    }
}
