using Microsoft.ML;
using Microsoft.ML.Data;

namespace Ueq.MLNet.Views;

/// <summary>The ends of the interval around a prediction.</summary>
internal sealed class IntervalColumns(string score, double threshold) : ScoredColumns
{
    private const string KindAnnotation = "ScoreColumnKind";

    public override string Source => score;

    public static string LowerOf(string score) => score + ".Lower";

    public static string UpperOf(string score) => score + ".Upper";

    /// <summary>The prediction of a regression; a classifier's score is refused.</summary>
    public static DataViewSchema.Column ScoreOf(DataViewSchema scored, string name)
    {
        DataViewSchema.Column column = Expect.Column(scored, name, "the prediction");
        if (column.Type != NumberDataViewType.Single) throw Expect.WrongType(name, "Single, the prediction of a regression", Found(column.Type));
        if (column.Annotations.Schema.GetColumnOrNull(KindAnnotation) is not { } kind || kind.Type is not TextDataViewType) return column;
        ReadOnlyMemory<char> text = default;
        column.Annotations.GetValue(KindAnnotation, ref text);
        return text.Span.Contains("Classification", StringComparison.Ordinal)
            ? throw Expect.WrongType(name, "the prediction of a regression", $"the score of a classifier ({text}); use the catalog for classification")
            : column;
    }

    public override ScoredGetters Open(DataViewRow scored) => new Getters(scored, scored.GetGetter<float>(scored.Schema[score]), threshold);

    protected override void CheckSource(DataViewSchema scored) => ScoreOf(scored, score);

    protected override void Append(DataViewSchema.Builder schema)
    {
        schema.AddColumn(LowerOf(score), NumberDataViewType.Single);
        schema.AddColumn(UpperOf(score), NumberDataViewType.Single);
    }

    private static string? Found(DataViewType type) => type is VectorDataViewType
        ? $"{type}, the scores of a classifier; use the catalog for classification"
        : type.ToString();

    private sealed class Getters : ScoredGetters
    {
        private readonly ValueGetter<float> _predict;
        private readonly double _threshold;
        private readonly ValueGetter<float> _source, _lower, _upper;
        private float _score;
        private Interval _interval;

        public Getters(DataViewRow scored, ValueGetter<float> predict, double threshold) : base(scored)
        {
            _predict = predict;
            _threshold = threshold;
            _source = GetScore;
            _lower = GetLower;
            _upper = GetUpper;
        }

        public override Delegate Source => _source;

        public override Delegate this[int appended] => appended == 0 ? _lower : _upper;

        protected override void Read()
        {
            _predict(ref _score);
            // The score of a point is never negative, so widening is all that a calibration does to it.
            _interval = float.IsFinite(_score) ? new Band(_score, _score, 1).Widen(_threshold) : Interval.Unbounded;
        }

        private void GetScore(ref float value)
        {
            Refresh();
            value = _score;
        }

        // Rounded outwards: the nearest Single could leave out the target that made the threshold.
        private void GetLower(ref float value)
        {
            Refresh();
            value = (float)_interval.Lower;
            if (value > _interval.Lower) value = float.BitDecrement(value);
        }

        private void GetUpper(ref float value)
        {
            Refresh();
            value = (float)_interval.Upper;
            if (value < _interval.Upper) value = float.BitIncrement(value);
        }
    }
}
