using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.ExceptionServices;

namespace Ueq.Serving;

/// <summary>Runs a model over the rows of a request and checks what it answers.</summary>
internal static class Prediction
{
    /// <summary>Predicts all rows, batch by batch, and tells the monitor.</summary>
    /// <exception cref="ModelAnswerException">The model answered with something that is no answer.</exception>
    public static void Run(ServedModel model, PredictWork work, int batchSize, int jobs, CancellationToken cancelled)
    {
        if (work.Rows <= batchSize)
        {
            Compute(model, work);
        }
        else
        {
            Reserve(model, work);
            if (jobs == 1) RunInTurn(model, work, batchSize, cancelled);
            else RunTogether(model, work, batchSize, new ParallelOptions { MaxDegreeOfParallelism = jobs, CancellationToken = cancelled });
        }

        Finish(model, work);
    }

    /// <summary>Predicts all rows at once and tells nobody.</summary>
    /// <exception cref="ModelAnswerException">The model answered with something that is no answer.</exception>
    public static void Compute(ServedModel model, PredictWork work)
    {
        Reserve(model, work);
        RunRows(model, work, 0, work.Rows);
    }

    /// <summary>Measures the answers and tells the monitor.</summary>
    public static void Finish(ServedModel model, PredictWork work)
    {
        int rows = work.Rows;
        work.Unbounded = 0;
        if (model.Classes == 0) Measure(work.Intervals.Span(rows), work);
        else Measure(model, work);
        if (!work.WantsMonitoring) return;
        ReadOnlySpan<double> probabilities = model.Monitor.TakesProbabilities ? work.Probabilities.Span(rows * model.Classes) : default;
        model.Monitor.Add(Matrix(model, work, 0, rows), work.Predictions.Span(rows), work.Sizes.Span(rows), probabilities);
    }

    /// <summary>Copies the answers to some rows of one work to another, as many as it has.</summary>
    public static void Copy(ServedModel model, PredictWork from, int start, PredictWork to)
    {
        Reserve(model, to);
        Copy(from.Predictions, to.Predictions, start, to.Rows, 1);
        if (model.Classes == 0)
        {
            Copy(from.Intervals, to.Intervals, start, to.Rows, 1);
        }
        else
        {
            Copy(from.Probabilities, to.Probabilities, start, to.Rows, model.Classes);
            Copy(from.Sets, to.Sets, start, to.Rows, LabelSet.WordsFor(model.Classes));
        }
    }

    /// <summary>Predicts one row among those of the work, after the batch failed.</summary>
    public static void RunOne(ServedModel model, PredictWork work, int row)
    {
        RunRows(model, work, row, 1);
        if (model.Classes == 0 && !work.Intervals.Span(work.Rows)[row].IsBounded) work.Unbounded++;
    }

    private static void Copy<T>(Grown<T> from, Grown<T> to, int start, int rows, int width)
        where T : unmanaged => from.Span((start + rows) * width)[(start * width)..].CopyTo(to.Span(rows * width));

    private static FeatureMatrix Matrix(ServedModel model, PredictWork work, int start, int count)
    {
        int width = model.Schema.Width;
        return new FeatureMatrix(work.Features.Memory((start + count) * width)[(start * width)..], width);
    }

    private static void RunInTurn(ServedModel model, PredictWork work, int batchSize, CancellationToken cancelled)
    {
        for (int start = 0; start < work.Rows; start += Math.Min(batchSize, work.Rows - start))
        {
            cancelled.ThrowIfCancellationRequested();
            RunRows(model, work, start, Math.Min(batchSize, work.Rows - start));
        }
    }

    // The first failure is what the caller is told, as without threads.
    private static void RunTogether(ServedModel model, PredictWork work, int batchSize, ParallelOptions options)
    {
        int batches = (int)(((long)work.Rows + batchSize - 1) / batchSize);
        try
        {
            Parallel.For(0, batches, options, batch =>
            {
                int start = batch * batchSize;
                RunRows(model, work, start, Math.Min(batchSize, work.Rows - start));
            });
        }
        catch (AggregateException failures)
        {
            ExceptionDispatchInfo.Throw(failures.InnerExceptions[0]);
        }
    }

    /// <summary>Makes room for the answers.</summary>
    public static void Reserve(ServedModel model, PredictWork work)
    {
        int rows = work.Rows;
        work.Predictions.Reserve(rows);
        work.Sizes.Reserve(rows);
        if (model.Classes == 0)
        {
            work.Intervals.Reserve(rows);
        }
        else
        {
            work.Probabilities.Reserve(checked(rows * model.Classes));
            work.Sets.Reserve(checked(rows * LabelSet.WordsFor(model.Classes)));
        }
    }

    private static void RunRows(ServedModel model, PredictWork work, int start, int count)
    {
        FeatureMatrix x = Matrix(model, work, start, count);
        if (model.Version.Regressor is { } regressor)
        {
            Span<double> predictions = work.Predictions.Span(start + count)[start..];
            Span<Interval> intervals = work.Intervals.Span(start + count)[start..];
            if (work.Level is { } level) level.Predict(regressor, x, predictions, intervals);
            else regressor.Predict(x, work.Coverage, predictions, intervals);
            for (int i = 0; i < count; i++)
            {
                if (!double.IsFinite(predictions[i])) throw new ModelAnswerException(start + i, predictions[i], "a finite prediction");
                if (double.IsNaN(intervals[i].Lower) || double.IsNaN(intervals[i].Upper)) throw new ModelAnswerException(start + i, double.NaN, "interval ends");
            }
        }
        else
        {
            int classes = model.Classes, words = LabelSet.WordsFor(classes);
            Span<double> probabilities = work.Probabilities.Span((start + count) * classes)[(start * classes)..];
            Span<ulong> sets = work.Sets.Span((start + count) * words)[(start * words)..];
            if (work.Level is { } level) level.Predict(model.Version.Classifier!, x, probabilities, sets);
            else model.Version.Classifier!.Predict(x, work.Coverage, probabilities, sets);
            Span<double> predictions = work.Predictions.Span(start + count)[start..];
            for (int i = 0; i < count; i++)
            {
                ReadOnlySpan<double> row = probabilities.Slice(i * classes, classes);
                foreach (double p in row)
                    if (!double.IsFinite(p)) throw new ModelAnswerException(start + i, p, "finite probabilities");
                predictions[i] = TensorPrimitives.IndexOfMax(row);
            }
        }
    }

    private static void Measure(ReadOnlySpan<Interval> intervals, PredictWork work)
    {
        Span<double> sizes = work.Sizes.Span(intervals.Length);
        for (int i = 0; i < intervals.Length; i++)
        {
            sizes[i] = intervals[i].Width;
            if (!intervals[i].IsBounded) work.Unbounded++;
        }
    }

    private static void Measure(ServedModel model, PredictWork work)
    {
        Span<double> sizes = work.Sizes.Span(work.Rows);
        ReadOnlySpan<ulong> sets = work.Sets.Span(work.Rows * LabelSet.WordsFor(model.Classes));
        for (int i = 0; i < sizes.Length; i++) sizes[i] = LabelSet.At(sets, i, model.Classes).Count;
    }
}

/// <summary>A model answered with something that is no answer.</summary>
internal sealed class ModelAnswerException(int row, double value, string expected)
    : Exception(string.Create(CultureInfo.InvariantCulture, $"the model answered {value} for row {row}, expected {expected}"))
{
    public int Row => row;

    /// <summary>The same of a row by another number.</summary>
    public ModelAnswerException At(int other) => new(other, value, expected);
}
