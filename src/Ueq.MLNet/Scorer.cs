using System.Diagnostics.CodeAnalysis;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Ueq.MLNet;

/// <summary>Getters of fitted transformers over one reusable row; for one thread at a time.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A row over an array holds nothing to release.")]
internal sealed class Scorer
{
    private readonly SettableRow _input;
    private readonly ValueGetter<float>?[] _scalars;
    private readonly double[] _constants;
    private readonly ValueGetter<VBuffer<float>>? _vector;
    private VBuffer<float> _scores;

    public Scorer(Fitted fitted)
    {
        _input = fitted.Open();
        _scalars = new ValueGetter<float>?[fitted.Output == OutputKind.Probabilities ? 0 : fitted.Slots.Count];
        _constants = [.. fitted.Slots.Select(slot => slot.Constant)];
        string column = fitted.Output == OutputKind.Probability ? "Probability" : "Score";
        for (int i = 0; i < fitted.Slots.Count; i++)
        {
            if (fitted.Slots[i].Transformer is not { } transformer) continue;
            IRowToRowMapper mapper = transformer.GetRowToRowMapper(_input.Schema);
            DataViewSchema.Column output = mapper.OutputSchema[column];
            DataViewRow row = mapper.GetRow(_input, [output]);
            if (fitted.Output == OutputKind.Probabilities) _vector = row.GetGetter<VBuffer<float>>(output);
            else _scalars[i] = row.GetGetter<float>(output);
        }
    }

    /// <summary>The score of each transformer for a row, or the scores of the one that has several.</summary>
    public void Score(ReadOnlySpan<float> features, Span<double> scores)
    {
        _input.Set(features);
        for (int i = 0; i < _scalars.Length; i++)
        {
            float score = 0;
            _scalars[i]?.Invoke(ref score);
            scores[i] = score + _constants[i];
        }

        if (_vector is null) return;
        _vector(ref _scores);
        if (!_scores.IsDense || _scores.Length != scores.Length) Spread(scores);
        else for (int i = 0; i < scores.Length; i++) scores[i] = _scores.GetValues()[i];
    }

    private void Spread(Span<double> scores)
    {
        scores.Clear();
        foreach (KeyValuePair<int, float> item in _scores.Items()) scores[item.Key] = item.Value;
    }
}
