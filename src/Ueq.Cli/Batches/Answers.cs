using System.Text;
using Ueq.Data;
using Ueq.Scoring;

namespace Ueq.Cli.Batches;

/// <summary>The answers to some rows, and how they are written as columns.</summary>
internal abstract class Answers
{
    public abstract IReadOnlyList<string> Columns { get; }

    /// <summary>Predicts rows, batch by batch.</summary>
    public abstract void Predict(FeatureMatrix x, BatchProcessor batches, CancellationToken cancellation);

    /// <summary>Predicts rows in one call, for the time that it takes.</summary>
    public abstract void Try(FeatureMatrix x);

    /// <summary>Writes the answers to the first rows.</summary>
    /// <returns>Number of unbounded intervals among them.</returns>
    public abstract long Write(CsvRowWriter writer, int rows);
}

/// <summary>Columns prediction, interval_lower, interval_upper.</summary>
internal sealed class IntervalAnswers(IIntervalPredictor model, int capacity, Coverage coverage) : Answers
{
    private readonly double[] _predictions = new double[capacity];
    private readonly Interval[] _intervals = new Interval[capacity];

    public override IReadOnlyList<string> Columns { get; } = ["prediction", "interval_lower", "interval_upper"];

    public override void Predict(FeatureMatrix x, BatchProcessor batches, CancellationToken cancellation) =>
        batches.Predict(model, x, coverage, _predictions.AsMemory(0, x.Rows), _intervals.AsMemory(0, x.Rows), cancellation: cancellation);

    public override void Try(FeatureMatrix x) => model.Predict(x, coverage, _predictions.AsSpan(0, x.Rows), _intervals.AsSpan(0, x.Rows));

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

    public override void Predict(FeatureMatrix x, BatchProcessor batches, CancellationToken cancellation) => batches.PredictSets(
        _model, x, _coverage, _probabilities.AsMemory(0, x.Rows * _model.Classes), _sets.AsMemory(0, x.Rows * _words), cancellation: cancellation);

    public override void Try(FeatureMatrix x) =>
        _model.Predict(x, _coverage, _probabilities.AsSpan(0, x.Rows * _model.Classes), _sets.AsSpan(0, x.Rows * _words));

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
