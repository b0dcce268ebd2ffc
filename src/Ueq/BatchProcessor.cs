using System.Runtime.ExceptionServices;

namespace Ueq;

/// <summary>Answers one batch: writes one value per row.</summary>
/// <typeparam name="T">What is said of a row.</typeparam>
/// <param name="batch">Some rows.</param>
/// <param name="destination">Receives one value per row of the batch.</param>
public delegate void BatchFunction<T>(FeatureMatrix batch, Span<T> destination);

/// <summary>How many rows are handed over at a time, and how many batches are under way at the same time.</summary>
public sealed record BatchOptions
{
    /// <summary>Rows of a batch, 1 or more; the last may have fewer. Default 1000. <see cref="BatchSize.Find"/> looks for a good one.</summary>
    public int BatchSize { get; init; } = 1000;

    /// <summary>Batches at the same time, 1 or more. Does not change the answer. Default 1; what is called must stand more.</summary>
    public int Parallelism { get; init; } = 1;
}

/// <summary>Answers many rows batch by batch, on one thread or several; the answers stand in the order of the rows.</summary>
/// <remarks>The guide's <c>BatchProcessor</c>. Each batch writes into its own part of the destination, so nothing is merged or copied.</remarks>
public sealed class BatchProcessor
{
    private readonly BatchOptions _options;

    /// <summary>A processor of batches.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public BatchProcessor(BatchOptions? options = null)
    {
        _options = options ?? new BatchOptions();
        if (_options.BatchSize < 1) Throw.OutOfRange(nameof(options), _options.BatchSize, "a batch of 1 row or more");
        if (_options.Parallelism < 1) Throw.OutOfRange(nameof(options), _options.Parallelism, "a parallelism of 1 or more");
    }

    /// <summary>One value per row, as a new array.</summary>
    /// <param name="x">The rows.</param>
    /// <param name="answer">Called once per batch, from several threads where <see cref="BatchOptions.Parallelism"/> says so.</param>
    /// <param name="progress">Told after each batch how many rows are done.</param>
    /// <param name="cancellation">Ends the work before the next batch.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public T[] Process<T>(FeatureMatrix x, BatchFunction<T> answer, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        T[] answers = new T[x.Rows];
        ProcessInto(x, answer, answers, progress, cancellation);
        return answers;
    }

    /// <summary>One value per row, into the caller's memory.</summary>
    /// <param name="x">The rows.</param>
    /// <param name="answer">Called once per batch, from several threads where <see cref="BatchOptions.Parallelism"/> says so.</param>
    /// <param name="destination">Receives one value per row. After a failure or cancellation some of it is written.</param>
    /// <param name="progress">Told after each batch how many rows are done.</param>
    /// <param name="cancellation">Ends the work before the next batch.</param>
    /// <exception cref="ArgumentException">The destination has not one place per row.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void ProcessInto<T>(FeatureMatrix x, BatchFunction<T> answer, Memory<T> destination, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(answer);
        Throw.IfDifferent(nameof(destination), destination.Length, x.Rows, "values, one per row");
        Run(x, (start, batch) => answer(batch, destination.Span.Slice(start, batch.Rows)), progress, cancellation);
    }

    /// <summary>Predictions and intervals of a calibrated regression model, into the caller's memory.</summary>
    /// <param name="model">The model.</param>
    /// <param name="x">The rows.</param>
    /// <param name="coverage">How often the interval is to contain the truth.</param>
    /// <param name="predictions">Receives one prediction per row.</param>
    /// <param name="intervals">Receives one interval per row.</param>
    /// <param name="progress">Told after each batch how many rows are done.</param>
    /// <param name="cancellation">Ends the work before the next batch.</param>
    /// <exception cref="ArgumentException">The rows have not the model's features, or a destination not one place per row.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void Predict(
        IIntervalPredictor model, FeatureMatrix x, Coverage coverage, Memory<double> predictions, Memory<Interval> intervals,
        IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        Check.Batch(x, model.Features, predictions.Length, intervals.Length);
        Run(x, (start, batch) => model.Predict(batch, coverage, predictions.Span.Slice(start, batch.Rows), intervals.Span.Slice(start, batch.Rows)), progress, cancellation);
    }

    /// <summary>Probabilities and label sets of a calibrated classification model, into the caller's memory.</summary>
    /// <param name="model">The model.</param>
    /// <param name="x">The rows.</param>
    /// <param name="coverage">How often the set is to contain the truth.</param>
    /// <param name="probabilities">Receives rows × classes probabilities.</param>
    /// <param name="sets">Receives one packed set per row; see <see cref="LabelSet.At"/>.</param>
    /// <param name="progress">Told after each batch how many rows are done.</param>
    /// <param name="cancellation">Ends the work before the next batch.</param>
    /// <exception cref="ArgumentException">The rows have not the model's features, or a destination not the places that are needed.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void PredictSets(
        ILabelSetPredictor model, FeatureMatrix x, Coverage coverage, Memory<double> probabilities, Memory<ulong> sets,
        IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        int classes = model.Classes, words = LabelSet.WordsFor(classes);
        Check.Features(x, model.Features);
        Throw.IfDifferent(nameof(probabilities), probabilities.Length, (long)x.Rows * classes, "probabilities, rows × classes");
        Throw.IfDifferent(nameof(sets), sets.Length, (long)x.Rows * words, "words of sets");
        Run(
            x,
            (start, batch) => model.Predict(batch, coverage, probabilities.Span.Slice(start * classes, batch.Rows * classes), sets.Span.Slice(start * words, batch.Rows * words)),
            progress,
            cancellation);
    }

    private void Run(FeatureMatrix x, Action<int, FeatureMatrix> batch, IProgress<int>? progress, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        int size = Math.Min(_options.BatchSize, Math.Max(1, x.Rows)), batches = (int)(((long)x.Rows + size - 1) / size), done = 0;
        Lock gate = new();
        (int Batch, Exception Failure)? failed = null;

        void One(int number)
        {
            int start = number * size, rows = Math.Min(size, x.Rows - start);
            batch(start, x.Slice(start, rows));
            // Reports come one at a time, so that they never go back.
            lock (gate) progress?.Report(done += rows);
        }

        if (_options.Parallelism == 1)
        {
            for (int number = 0; number < batches; number++)
            {
                cancellation.ThrowIfCancellationRequested();
                One(number);
            }

            return;
        }

        Parallel.For(0, batches, new ParallelOptions { MaxDegreeOfParallelism = _options.Parallelism, CancellationToken = cancellation }, (number, loop) =>
        {
            try
            {
                One(number);
            }
#pragma warning disable CA1031 // Thrown again below.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                // Of several failures the caller hears of the first rows', as without threads: Break still runs what stands before.
                lock (gate)
                    if (failed is null || number < failed.Value.Batch) failed = (number, failure);
                loop.Break();
            }
        });
        if (failed is { } first) ExceptionDispatchInfo.Throw(first.Failure);
    }
}
