using System.Runtime.ExceptionServices;
using Ueq.Conformal;

namespace Ueq.Ensembles;

/// <summary>The division of rows into folds, and the models that each left one fold out.</summary>
internal sealed class CrossFit
{
    private readonly CrossFittedOptions _options;
    private readonly int[][] _inside, _outside;

    public CrossFit(int rows, CrossFittedOptions options, ulong seed)
    {
        _options = options;
        int[] fold = SplitRows.Folds(rows, options.Folds, seed);
        _inside = [.. Enumerable.Range(0, options.Folds).Select(f => Where(fold, k => k != f))];
        _outside = [.. Enumerable.Range(0, options.Folds).Select(f => Where(fold, k => k == f))];
    }

    /// <summary>Fits one model per fold, on the rows outside it, and writes its answers to the rows of the fold.</summary>
    /// <param name="fit">Makes the model of some rows from a seed of its own; called from several threads.</param>
    /// <param name="answer">Takes the model and the rows that it did not see; called from several threads.</param>
    /// <param name="seed">Names the seeds of the models.</param>
    /// <param name="cancellation">Stops between models.</param>
    public TModel[] Fit<TModel>(Func<int[], ulong, TModel> fit, Action<TModel, int[]> answer, ulong seed, CancellationToken cancellation)
        where TModel : class
    {
        TModel?[] models = new TModel?[_options.Folds];
        try
        {
            Parallel.For(0, models.Length, new ParallelOptions { MaxDegreeOfParallelism = _options.Parallelism, CancellationToken = cancellation }, f =>
            {
                TModel model = fit(_inside[f], Rng.Stream(seed, (ulong)f).NextBits());
                models[f] = model;
                answer(model, _outside[f]);
            });
        }
        catch (Exception fault)
        {
            Release(models);
            // The first model's own error, not an AggregateException around it.
            if (fault is AggregateException { InnerExceptions: [Exception first, ..] }) ExceptionDispatchInfo.Throw(first);
            throw;
        }

        return [.. models.Select(model => model!)];
    }

    public static void Release(IEnumerable<object?> models)
    {
        foreach (object? model in models) (model as IDisposable)?.Dispose();
    }

    private static int[] Where(int[] fold, Func<int, bool> chosen) => [.. Enumerable.Range(0, fold.Length).Where(i => chosen(fold[i]))];
}
