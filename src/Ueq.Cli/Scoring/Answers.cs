using System.Text;
using Ueq.Data;
using Ueq.Ensembles;
using Ueq.Scoring;

namespace Ueq.Cli.Scoring;

/// <summary>The answers to one batch, and how they are written as columns.</summary>
internal abstract class Answers
{
    public abstract IReadOnlyList<string> Columns { get; }

    /// <summary>Predicts rows that stand at <paramref name="start"/> of the batch; called from many threads for different rows.</summary>
    public abstract void Predict(FeatureMatrix x, int start);

    /// <summary>Writes the first rows of the batch.</summary>
    /// <returns>Number of unbounded intervals among them.</returns>
    public abstract long Write(CsvRowWriter writer, int rows);
}

/// <summary>Columns prediction, interval_lower, interval_upper; a bootstrap adds the confidence interval of its mean.</summary>
internal sealed class IntervalAnswers(IIntervalPredictor model, int capacity, Coverage coverage) : Answers
{
    private readonly double[] _predictions = new double[capacity];
    private readonly Interval[] _intervals = new Interval[capacity];

    public override IReadOnlyList<string> Columns { get; } = ["prediction", "interval_lower", "interval_upper"];

    public override void Predict(FeatureMatrix x, int start) =>
        model.Predict(x, coverage, _predictions.AsSpan(start, x.Rows), _intervals.AsSpan(start, x.Rows));

    public override long Write(CsvRowWriter writer, int rows)
    {
        long unbounded = 0;
        for (int i = 0; i < rows; i++)
        {
            if (!_intervals[i].IsBounded) unbounded++;
            writer.Add(_predictions[i]);
            writer.Add(_intervals[i].Lower);
            writer.Add(_intervals[i].Upper);
            writer.EndRow();
        }

        return unbounded;
    }
}

/// <summary>Columns prediction (the most probable class), prediction_set (classes joined by |), set_size and a probability per class.</summary>
internal sealed class LabelSetAnswers : Answers
{
    private readonly ILabelSetPredictor _model;
    private readonly IReadOnlyList<string> _classes;
    private readonly Coverage _coverage;
    private readonly double[] _probabilities;
    private readonly ulong[] _sets;
    private readonly int _words;
    private readonly StringBuilder _set = new();

    public LabelSetAnswers(ILabelSetPredictor model, IReadOnlyList<string> classes, int capacity, Coverage coverage)
    {
        _model = model;
        _classes = classes;
        _coverage = coverage;
        _words = LabelSet.WordsFor(model.Classes);
        _probabilities = new double[capacity * model.Classes];
        _sets = new ulong[capacity * _words];
        Columns = ["prediction", "prediction_set", "set_size", .. classes.Select(name => $"probability_{name}")];
    }

    public override IReadOnlyList<string> Columns { get; }

    public override void Predict(FeatureMatrix x, int start) => _model.Predict(
        x, _coverage, _probabilities.AsSpan(start * _model.Classes, x.Rows * _model.Classes), _sets.AsSpan(start * _words, x.Rows * _words));

    public override long Write(CsvRowWriter writer, int rows)
    {
        for (int i = 0; i < rows; i++)
        {
            ReadOnlySpan<double> probabilities = _probabilities.AsSpan(i * _model.Classes, _model.Classes);
            LabelSet set = LabelSet.At(_sets, i, _model.Classes);
            _set.Clear();
            for (int label = 0; label < _model.Classes; label++)
            {
                if (!set.Contains(label)) continue;
                if (_set.Length > 0) _set.Append('|');
                _set.Append(_classes[label]);
            }

            writer.Add(_classes[LabelSetScores.Top(probabilities)]);
            writer.Add(_set.ToString());
            writer.Add((long)set.Count);
            foreach (double p in probabilities) writer.Add(p);
            writer.EndRow();
        }

        return 0;
    }
}
