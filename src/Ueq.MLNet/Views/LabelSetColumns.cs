using Microsoft.ML;
using Microsoft.ML.Data;
using Ueq.Conformal;

namespace Ueq.MLNet.Views;

/// <summary>The set of classes that remain possible, and the p-value of each.</summary>
internal sealed class LabelSetColumns(
    ClassOutput output, string source, IReadOnlyList<string> classes, LabelSetCalibration calibration, Coverage coverage, EmptySets empty) : ScoredColumns
{
    public const string PredictedSet = "PredictedSet";
    public const string PValues = "PValues";
    public const string SlotNames = "SlotNames";
    private const int MostClasses = 1_000_000;

    private readonly ClassOutput _output = output;

    public override string Source => source;

    public IReadOnlyList<string> Classes => classes;

    public LabelSetCalibration Calibration => calibration;

    public Coverage Coverage => coverage;

    public EmptySets Empty => empty;

    public LabelSetColumns At(Coverage level) => new(_output, source, classes, calibration, level, empty);

    public override ScoredGetters Open(DataViewRow scored) => new Getters(scored, this);

    public void Write(BinaryWriter writer)
    {
        writer.Write(_output == ClassOutput.Two ? (byte)2 : (byte)0);
        writer.Write((byte)empty);
        writer.Write(coverage.Value);
        writer.Write(source);
        writer.Write(classes.Count);
        foreach (string name in classes) writer.Write(name);
        CalibrationFile.WriteScores(writer, calibration.Scores);
    }

    public static LabelSetColumns Read(BinaryReader reader)
    {
        byte kind = reader.ReadByte(), empty = reader.ReadByte();
        if (kind is not (0 or 2) || empty > (byte)EmptySets.Allowed) throw new InvalidDataException($"Expected a known kind of classification in the calibration, got {kind} and {empty}.");
        Coverage coverage = CalibrationFile.ReadCoverage(reader);
        string source = reader.ReadString();
        int count = reader.ReadInt32();
        if (count is < 2 or > MostClasses) throw new InvalidDataException($"Expected two classes or more in the calibration, got {count}.");
        List<string> classes = [];
        for (int k = 0; k < count; k++) classes.Add(reader.ReadString());
        LabelSetCalibration calibration = LabelSetCalibration.FromScores(CalibrationFile.ReadScores(reader), count);
        return new LabelSetColumns(kind == 2 ? ClassOutput.Two : ClassOutput.Several, source, classes, calibration, coverage, (EmptySets)empty);
    }

    protected override void CheckSource(DataViewSchema scored)
    {
        DataViewSchema.Column column = _output.ColumnOf(scored, source);
        if (column.Type is VectorDataViewType vector && vector.Size != classes.Count)
            throw Expect.WrongType(source, $"a vector of {classes.Count} probabilities, one per class", vector.ToString());
    }

    protected override void Append(DataViewSchema.Builder schema)
    {
        DataViewSchema.Annotations.Builder annotations = new();
        annotations.Add(SlotNames, new VectorDataViewType(TextDataViewType.Instance, classes.Count), (ref VBuffer<ReadOnlyMemory<char>> names) =>
        {
            VBufferEditor<ReadOnlyMemory<char>> editor = VBufferEditor.Create(ref names, classes.Count);
            for (int k = 0; k < classes.Count; k++) editor.Values[k] = classes[k].AsMemory();
            names = editor.Commit();
        });
        schema.AddColumn(PredictedSet, new VectorDataViewType(BooleanDataViewType.Instance, classes.Count), annotations.ToAnnotations());
        schema.AddColumn(PValues, new VectorDataViewType(NumberDataViewType.Single, classes.Count), annotations.ToAnnotations());
    }

    private sealed class Getters : ScoredGetters
    {
        private readonly LabelSetColumns _columns;
        private readonly ProbabilityReader _reader;
        private readonly double[] _probabilities;
        private readonly ulong[] _set;
        private readonly ValueGetter<VBuffer<bool>> _getSet;
        private readonly ValueGetter<VBuffer<float>> _getPValues;
        private bool _known;

        public Getters(DataViewRow scored, LabelSetColumns columns) : base(scored)
        {
            _columns = columns;
            _reader = columns._output.Open(scored, scored.Schema[columns.Source]);
            _probabilities = new double[columns.Classes.Count];
            _set = new ulong[LabelSet.WordsFor(columns.Classes.Count)];
            _getSet = GetSet;
            _getPValues = GetPValues;
            Source = _reader.Source(Refresh);
        }

        public override Delegate Source { get; }

        public override Delegate this[int appended] => appended == 0 ? _getSet : _getPValues;

        protected override void Read()
        {
            _reader.Read(_probabilities);
            _known = true;
            foreach (double p in _probabilities) _known &= !double.IsNaN(p);
        }

        private void GetSet(ref VBuffer<bool> value)
        {
            Refresh();
            if (_known) _columns.Calibration.Apply(_probabilities, _columns.Coverage, _columns.Empty, _set);
            LabelSet set = new(_set, _probabilities.Length);
            VBufferEditor<bool> editor = VBufferEditor.Create(ref value, _probabilities.Length);
            for (int k = 0; k < _probabilities.Length; k++) editor.Values[k] = !_known || set.Contains(k);
            value = editor.Commit();
        }

        private void GetPValues(ref VBuffer<float> value)
        {
            Refresh();
            VBufferEditor<float> editor = VBufferEditor.Create(ref value, _probabilities.Length);
            for (int k = 0; k < _probabilities.Length; k++) editor.Values[k] = _known ? (float)_columns.Calibration.PValue(_probabilities[k]) : 1;
            value = editor.Commit();
        }
    }
}
