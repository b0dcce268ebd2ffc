using Microsoft.ML;
using Microsoft.ML.Data;

namespace Ueq.MLNet;

/// <summary>What ML.NET reads: a matrix and its labels as a data view, without an object per row.</summary>
internal sealed class TableView : IDataView
{
    public const string Features = "Features";
    public const string Label = "Label";

    private readonly FeatureMatrix _x;
    private readonly float[] _labels;
    private readonly LabelKind _kind;
    private readonly float _missingAs;

    public TableView(FeatureMatrix x, float[] labels, LabelKind kind, float missingAs, int classes = 0)
    {
        _x = x;
        _labels = labels;
        _kind = kind;
        _missingAs = missingAs;
        Schema = SchemaOf(x.Columns, kind, classes);
    }

    public bool CanShuffle => false;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => _x.Rows;

#pragma warning disable RS0030 // The interface takes a System.Random; it is never used.
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(this, columnsNeeded);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [new Cursor(this, columnsNeeded)];
#pragma warning restore RS0030

    /// <summary>A features column of fixed width and, where there are labels, a label column.</summary>
    public static DataViewSchema SchemaOf(int width, LabelKind kind, int classes = 0)
    {
        DataViewSchema.Builder schema = new();
        schema.AddColumn(Features, new VectorDataViewType(NumberDataViewType.Single, width));
        if (kind == LabelKind.Number) schema.AddColumn(Label, NumberDataViewType.Single);
        if (kind == LabelKind.Indicator) schema.AddColumn(Label, BooleanDataViewType.Instance);
        if (kind == LabelKind.Class) schema.AddColumn(Label, new KeyDataViewType(typeof(uint), classes));
        return schema.ToSchema();
    }

    private sealed class Cursor(TableView view, IEnumerable<DataViewSchema.Column> columns) : DataViewRowCursor
    {
        private readonly bool[] _active = Active(view.Schema, columns);
        private long _row = -1;

        public override long Position => _row;

        public override long Batch => 0;

        public override DataViewSchema Schema => view.Schema;

        public override bool MoveNext()
        {
            if (_row == -2) return false;
            if (++_row < view._x.Rows) return true;
            _row = -2;
            return false;
        }

        public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)Row, 0);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Delegate getter = column.Index == 0 ? (ValueGetter<VBuffer<float>>)GetFeatures : view._kind switch
            {
                LabelKind.Indicator => (ValueGetter<bool>)((ref bool label) => label = view._labels[Row] != 0),
                LabelKind.Class => (ValueGetter<uint>)((ref uint label) => label = (uint)view._labels[Row] + 1),
                _ => (ValueGetter<float>)((ref float label) => label = view._labels[Row]),
            };
            return getter as ValueGetter<TValue>
                ?? throw new InvalidOperationException($"The column '{column.Name}' does not hold {typeof(TValue)}.");
        }

        private int Row => _row >= 0 ? (int)_row : throw new InvalidOperationException("The cursor stands at no row.");

        private void GetFeatures(ref VBuffer<float> features)
        {
            VBufferEditor<float> editor = VBufferEditor.Create(ref features, view._x.Columns);
            view._x.Row(Row).CopyTo(editor.Values);
            Missing.Replace(editor.Values, view._missingAs);
            features = editor.Commit();
        }

        private static bool[] Active(DataViewSchema schema, IEnumerable<DataViewSchema.Column> columns)
        {
            bool[] active = new bool[schema.Count];
            foreach (DataViewSchema.Column column in columns) active[column.Index] = true;
            return active;
        }
    }
}

/// <summary>What the labels of a <see cref="TableView"/> are.</summary>
internal enum LabelKind
{
    /// <summary>There are none.</summary>
    None,

    /// <summary>Numbers.</summary>
    Number,

    /// <summary>Yes or no.</summary>
    Indicator,

    /// <summary>Class indices.</summary>
    Class,
}
