using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;

namespace Ueq.Serving.Streams;

/// <summary>Writes a record batch for each batch of rows: the answers, and in the column <c>error</c> what is wrong with those that are none.</summary>
internal sealed class ArrowAnswers : IStreamAnswers
{
    private readonly ServedModel _model;
    private readonly PredictWork _work;
    private readonly Apache.Arrow.Schema _schema;
    private readonly ArrowStreamWriter _writer;
    private readonly Grown<int> _rows = new(0), _ends = new(0);
    private readonly byte[][] _names;

    public ArrowAnswers(ServedModel model, PredictWork work)
    {
        _model = model;
        _work = work;
        _names = [.. (model.Version.Manifest.Classes ?? []).Select(Encoding.UTF8.GetBytes)];
        _schema = Describe(model, work);
        _writer = new ArrowStreamWriter(new BytesStream(work.Json), _schema, leaveOpen: true);
    }

    public string ContentType => StreamFormats.Arrow;

    public void Write(StreamBatch batch)
    {
        int count = batch.Count, rows = _work.Rows;
        _rows.Reserve(count);
        Span<int> entries = _rows.Span(count);
        batch.Rows(entries);
        byte[] validity = Validity(entries, out int nulls);
        List<IArrowArray> columns = [_model.Classes == 0 ? Doubles(entries, validity, nulls, _work.Predictions.Span(rows), 1, 0) : Labels(entries, validity, nulls)];
        if (_work.WantsUncertainty && _model.Classes == 0)
        {
            ReadOnlySpan<double> ends = MemoryMarshal.Cast<Interval, double>(_work.Intervals.Span(rows));
            columns.Add(Doubles(entries, validity, nulls, ends, 2, 0));
            columns.Add(Doubles(entries, validity, nulls, ends, 2, 1));
        }
        else if (_work.WantsUncertainty)
        {
            columns.Add(Sets(entries, validity, nulls));
        }

        if (_model.Classes > 0) columns.Add(Probabilities(entries, validity, nulls));
        if (_work.WantsReceipts) columns.Add(Receipts(entries, validity, nulls));
        columns.Add(Errors(batch, entries));
        using RecordBatch answers = new(_schema, columns, count);
        _writer.WriteRecordBatch(answers);
    }

    public void End(StreamBatch batch)
    {
        _writer.WriteStart();
        _writer.WriteEnd();
    }

    public void Dispose()
    {
        _writer.Dispose();
        _rows.Trim();
        _ends.Trim();
    }

    private static Apache.Arrow.Schema Describe(ServedModel model, PredictWork work)
    {
        Apache.Arrow.Schema.Builder schema = new();
        schema.Field(new Field("prediction", model.Classes == 0 ? DoubleType.Default : StringType.Default, nullable: true));
        if (work.WantsUncertainty && model.Classes == 0)
        {
            schema.Field(new Field("lower", DoubleType.Default, nullable: true));
            schema.Field(new Field("upper", DoubleType.Default, nullable: true));
        }
        else if (work.WantsUncertainty)
        {
            schema.Field(new Field("set", ListOf(BooleanType.Default, model.Classes), nullable: true));
        }

        if (model.Classes > 0) schema.Field(new Field("probabilities", ListOf(DoubleType.Default, model.Classes), nullable: true));
        if (work.WantsReceipts) schema.Field(new Field("receipt", StringType.Default, nullable: true));
        schema.Field(new Field("error", StringType.Default, nullable: true));
        schema.Metadata("model", model.Name);
        schema.Metadata("version", model.Version.Digest);
        schema.Metadata("coverage", work.Coverage.Value.ToString("R", CultureInfo.InvariantCulture));
        if (model.Version.Manifest.Classes is { } classes) schema.Metadata("classes", JsonSerializer.Serialize(classes));
        if (work.Arm is { SaysModel: true } arm)
        {
            schema.Metadata("experiment", arm.Experiment.Name);
            schema.Metadata("arm", arm.Arm);
        }

        return schema.Build();
    }

    private static FixedSizeListType ListOf(IArrowType type, int classes) => new(new Field("item", type, nullable: false), classes);

    private static byte[] Validity(ReadOnlySpan<int> entries, out int nulls)
    {
        byte[] bits = new byte[(entries.Length + 7) / 8];
        nulls = 0;
        for (int i = 0; i < entries.Length; i++)
        {
            if (entries[i] < 0) nulls++;
            else bits[i >> 3] |= (byte)(1 << (i & 7));
        }

        return bits;
    }

    private static ArrayData Column(IArrowType type, int count, int nulls, byte[] validity, params ReadOnlySpan<byte[]> buffers)
    {
        ArrowBuffer[] all = new ArrowBuffer[buffers.Length + 1];
        all[0] = nulls == 0 ? ArrowBuffer.Empty : new ArrowBuffer(validity);
        for (int i = 0; i < buffers.Length; i++) all[i + 1] = new ArrowBuffer(buffers[i]);
        return new ArrayData(type, count, nulls, 0, all);
    }

    // Every stride-th number from one on, a row each.
    private static DoubleArray Doubles(ReadOnlySpan<int> entries, byte[] validity, int nulls, ReadOnlySpan<double> values, int stride, int from)
    {
        byte[] bytes = new byte[entries.Length * sizeof(double)];
        Span<double> numbers = MemoryMarshal.Cast<byte, double>(bytes.AsSpan());
        for (int i = 0; i < entries.Length; i++)
            if (entries[i] is >= 0 and var row) numbers[i] = values[row * stride + from];
        return new DoubleArray(Column(DoubleType.Default, entries.Length, nulls, validity, bytes));
    }

    private FixedSizeListArray Probabilities(ReadOnlySpan<int> entries, byte[] validity, int nulls)
    {
        int classes = _model.Classes;
        byte[] bytes = new byte[entries.Length * classes * sizeof(double)];
        Span<double> numbers = MemoryMarshal.Cast<byte, double>(bytes.AsSpan());
        ReadOnlySpan<double> all = _work.Probabilities.Span(_work.Rows * classes);
        for (int i = 0; i < entries.Length; i++)
            if (entries[i] is >= 0 and var row) all.Slice(row * classes, classes).CopyTo(numbers[(i * classes)..]);
        return Lists(entries.Length, validity, nulls, DoubleType.Default, bytes);
    }

    private FixedSizeListArray Sets(ReadOnlySpan<int> entries, byte[] validity, int nulls)
    {
        int classes = _model.Classes;
        byte[] bits = new byte[(entries.Length * classes + 7) / 8];
        ReadOnlySpan<ulong> sets = _work.Sets.Span(_work.Rows * LabelSet.WordsFor(classes));
        for (int i = 0; i < entries.Length; i++)
        {
            if (entries[i] < 0) continue;
            LabelSet set = LabelSet.At(sets, entries[i], classes);
            for (int label = 0, bit = i * classes; label < classes; label++, bit++)
                if (set.Contains(label)) bits[bit >> 3] |= (byte)(1 << (bit & 7));
        }

        return Lists(entries.Length, validity, nulls, BooleanType.Default, bits);
    }

    private FixedSizeListArray Lists(int count, byte[] validity, int nulls, IArrowType type, byte[] values)
    {
        ArrayData items = Column(type, count * _model.Classes, 0, validity, values);
        ArrowBuffer present = nulls == 0 ? ArrowBuffer.Empty : new ArrowBuffer(validity);
        return new FixedSizeListArray(new ArrayData(ListOf(type, _model.Classes), count, nulls, 0, [present], [items]));
    }

    private StringArray Labels(ReadOnlySpan<int> entries, byte[] validity, int nulls)
    {
        ReadOnlySpan<double> predictions = _work.Predictions.Span(_work.Rows);
        Texts texts = new(entries.Length);
        foreach (int row in entries) texts.Add(row < 0 ? default : _names[(int)predictions[row]]);
        return texts.Build(nulls, validity);
    }

    private StringArray Receipts(ReadOnlySpan<int> entries, byte[] validity, int nulls)
    {
        _ends.Reserve(_work.Rows);
        Span<int> ends = _ends.Span(_work.Rows);
        _work.Issuer!.WriteBare(_model, _work, ends);
        Texts texts = new(entries.Length);
        ReadOnlySpan<byte> all = _work.Json.Written.Span;
        foreach (int row in entries) texts.Add(row < 0 ? default : all[(row == 0 ? 0 : ends[row - 1])..ends[row]]);
        // The answers come where the receipts stood.
        _work.Json.Clear();
        return texts.Build(nulls, validity);
    }

    private static StringArray Errors(StreamBatch batch, ReadOnlySpan<int> entries)
    {
        Texts texts = new(entries.Length);
        byte[] validity = new byte[(entries.Length + 7) / 8];
        for (int i = 0, fault = 0; i < entries.Length; i++)
        {
            if (entries[i] < 0) validity[i >> 3] |= (byte)(1 << (i & 7));
            texts.Add(entries[i] < 0 ? Encoding.UTF8.GetBytes(batch.Faults[fault++].Error) : default);
        }

        return texts.Build(entries.Length - batch.Faults.Count, validity);
    }

    /// <summary>A column of texts being written.</summary>
    private sealed class Texts(int count)
    {
        private readonly byte[] _offsets = new byte[(count + 1) * sizeof(int)];
        private byte[] _bytes = new byte[16 * count];
        private int _count, _length;

        public void Add(ReadOnlySpan<byte> text)
        {
            if (_bytes.Length - _length < text.Length) System.Array.Resize(ref _bytes, checked((int)Math.Max(2L * _bytes.Length, _length + (long)text.Length)));
            text.CopyTo(_bytes.AsSpan(_length));
            _length += text.Length;
            BinaryPrimitives.WriteInt32LittleEndian(_offsets.AsSpan(++_count * sizeof(int)), _length);
        }

        public StringArray Build(int nulls, byte[] validity) => new(new ArrayData(
            StringType.Default, count, nulls, 0, [nulls == 0 ? ArrowBuffer.Empty : new ArrowBuffer(validity), new ArrowBuffer(_offsets), new ArrowBuffer(_bytes.AsMemory(0, _length))]));
    }

    /// <summary>What the writer writes to: the bytes of the request's answer.</summary>
    private sealed class BytesStream(JsonBytes bytes) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(ReadOnlySpan<byte> buffer) => bytes.Raw(buffer);

        public override void Write(byte[] buffer, int offset, int count) => bytes.Raw(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
