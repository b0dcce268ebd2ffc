using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;
using Ueq.Versions;

namespace Ueq.InferenceLog;

/// <summary>The columns of a version's log, and rows as such.</summary>
internal sealed class LogTable
{
    private const string FeaturePrefix = "feature_";

    private static readonly TimestampType Time = new(TimeUnit.Microsecond, "UTC");

    private readonly ModelVersion _version;
    private readonly IReadOnlyList<string> _classes;

    public LogTable(ModelVersion version)
    {
        _version = version;
        _classes = version.Manifest.Classes ?? [];
        List<Field> fields =
        [
            new("time", Time, nullable: false), new("request_id", StringType.Default, nullable: false), new("row", Int64Type.Default, nullable: false),
            new("model", StringType.Default, nullable: false), new("version", StringType.Default, nullable: false),
        ];
        foreach (FeatureColumn column in version.Schema.Columns)
            fields.Add(new Field(FeaturePrefix + column.Name, column.Categories is null ? FloatType.Default : StringType.Default, nullable: true));
        if (_classes.Count == 0)
        {
            fields.AddRange([new("prediction", DoubleType.Default, nullable: false), new("lower", DoubleType.Default, nullable: false), new("upper", DoubleType.Default, nullable: false)]);
        }
        else
        {
            fields.AddRange(
            [
                new("prediction", StringType.Default, nullable: false), new("set", new ListType(new Field("item", StringType.Default, nullable: false)), nullable: false),
                new("probabilities", new ListType(new Field("item", DoubleType.Default, nullable: false)), nullable: false),
            ]);
        }

        fields.AddRange(
        [
            new("coverage", DoubleType.Default, nullable: false), new("experiment", StringType.Default, nullable: true), new("arm", StringType.Default, nullable: true),
            new("caller", StringType.Default, nullable: true),
        ]);
        Schema = new Schema(fields, null);
    }

    public Schema Schema { get; }

    public RecordBatch Make(IReadOnlyList<RowPacket> packets)
    {
        int rows = packets.Sum(p => p.Rows);
        List<IArrowArray> columns =
        [
            new TimestampArray(new ArrayData(Time, rows, 0, 0, [ArrowBuffer.Empty, Bytes(packets.SelectMany(p => Enumerable.Repeat(p.Microseconds, p.Rows)), rows)])),
            Texts(packets, p => p.RequestId),
            new Int64Array(new ArrayData(Int64Type.Default, rows, 0, 0, [ArrowBuffer.Empty, Bytes(packets.SelectMany(p => Enumerable.Range(0, p.Rows).Select(i => p.First + i)), rows)])),
            Texts(packets, p => p.Model),
            Texts(packets, p => p.Version.Digest),
        ];
        for (int column = 0; column < _version.Schema.Columns.Count; column++) columns.Add(_version.Schema.Columns[column].Categories is { } known ? Categories(packets, column, known) : Numbers(packets, column));
        if (_classes.Count == 0)
        {
            columns.Add(Doubles(packets.SelectMany(p => p.Predictions), rows));
            columns.Add(Doubles(packets.SelectMany(p => p.Intervals.Select(i => i.Lower)), rows));
            columns.Add(Doubles(packets.SelectMany(p => p.Intervals.Select(i => i.Upper)), rows));
        }
        else
        {
            columns.Add(Labels(packets));
            columns.Add(Sets(packets));
            columns.Add(Probabilities(packets, rows));
        }

        columns.Add(Doubles(packets.SelectMany(p => Enumerable.Repeat(p.Coverage, p.Rows)), rows));
        columns.Add(Texts(packets, p => p.Experiment));
        columns.Add(Texts(packets, p => p.Arm));
        columns.Add(Texts(packets, p => p.Caller));
        return new RecordBatch(Schema, columns, rows);
    }

    private static ArrowBuffer Bytes<T>(IEnumerable<T> values, int count)
        where T : unmanaged
    {
        byte[] bytes = new byte[count * Marshal.SizeOf<T>()];
        Span<T> cells = MemoryMarshal.Cast<byte, T>(bytes.AsSpan());
        int at = 0;
        foreach (T value in values) cells[at++] = value;
        return new ArrowBuffer(bytes);
    }

    private static DoubleArray Doubles(IEnumerable<double> values, int rows) => new(new ArrayData(DoubleType.Default, rows, 0, 0, [ArrowBuffer.Empty, Bytes(values, rows)]));

    private static StringArray Texts(IReadOnlyList<RowPacket> packets, Func<RowPacket, string?> text)
    {
        StringArray.Builder texts = new();
        foreach (RowPacket packet in packets)
        {
            string? value = text(packet);
            for (int row = 0; row < packet.Rows; row++) texts.Append(value);
        }

        return texts.Build();
    }

    private FloatArray Numbers(IReadOnlyList<RowPacket> packets, int column)
    {
        int width = _version.Schema.Width, offset = _version.Schema.Offset(column);
        FloatArray.Builder numbers = new();
        foreach (RowPacket packet in packets)
        {
            for (int row = 0; row < packet.Rows; row++)
            {
                float value = packet.Features[(row * width) + offset];
                if (float.IsNaN(value)) numbers.AppendNull();
                else numbers.Append(value);
            }
        }

        return numbers.Build();
    }

    private StringArray Categories(IReadOnlyList<RowPacket> packets, int column, IReadOnlyList<string> known)
    {
        int width = _version.Schema.Width, offset = _version.Schema.Offset(column);
        StringArray.Builder texts = new();
        foreach (RowPacket packet in packets)
        {
            for (int row = 0; row < packet.Rows; row++)
            {
                int category = packet.Features.AsSpan((row * width) + offset, known.Count).IndexOf(1f);
                texts.Append(category < 0 ? null : known[category]);
            }
        }

        return texts.Build();
    }

    private StringArray Labels(IReadOnlyList<RowPacket> packets)
    {
        StringArray.Builder labels = new();
        foreach (RowPacket packet in packets)
            foreach (double prediction in packet.Predictions) labels.Append(_classes[(int)prediction]);
        return labels.Build();
    }

    private ListArray Sets(IReadOnlyList<RowPacket> packets)
    {
        ListArray.Builder lists = new(new Field("item", StringType.Default, nullable: false));
        StringArray.Builder labels = (StringArray.Builder)lists.ValueBuilder;
        foreach (RowPacket packet in packets)
        {
            for (int row = 0; row < packet.Rows; row++)
            {
                lists.Append();
                LabelSet set = LabelSet.At(packet.Sets, row, _classes.Count);
                for (int label = 0; label < _classes.Count; label++)
                    if (set.Contains(label)) labels.Append(_classes[label]);
            }
        }

        return lists.Build();
    }

    private ListArray Probabilities(IReadOnlyList<RowPacket> packets, int rows)
    {
        int classes = _classes.Count;
        DoubleArray all = Doubles(packets.SelectMany(p => p.Probabilities), rows * classes);
        ArrowBuffer offsets = Bytes(Enumerable.Range(0, rows + 1).Select(row => row * classes), rows + 1);
        return new ListArray(new ListType(new Field("item", DoubleType.Default, nullable: false)), rows, offsets, all, ArrowBuffer.Empty);
    }
}
