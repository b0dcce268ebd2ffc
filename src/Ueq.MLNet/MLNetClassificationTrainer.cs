using System.Runtime.ExceptionServices;
using Microsoft.ML;

namespace Ueq.MLNet;

/// <summary>Fits classification models of one kind. The same rows and seed give the same model.</summary>
/// <remarks>Where each class has a model of its own, as many are fitted at the same time as the options allow threads.</remarks>
public sealed class MLNetClassificationTrainer : ITrainer<MLNetClassifier>
{
    private readonly MLNetOptions _options;
    private readonly int _classes;

    /// <summary>A trainer of the kind and settings that the options are.</summary>
    /// <param name="options">Kind and settings.</param>
    /// <param name="classes">Number of classes, two or more, whether or not each occurs among the rows of a fit.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public MLNetClassificationTrainer(MLNetOptions options, int classes)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        Inputs.CheckRange(nameof(classes), classes, 2, 100_000);
        _options = options;
        _classes = classes;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A target is not a class index, a feature is not accepted, or lengths differ.</exception>
    /// <exception cref="AssumptionException">There are fewer than two rows.</exception>
    public MLNetClassifier Fit(FeatureMatrix x, ReadOnlySpan<double> y, ulong seed)
    {
        Inputs.CheckTargets(x, y);
        Inputs.CheckClasses(y, _classes);
        Inputs.CheckFeatures(x, _options.AcceptsMissing);
        int[] place = Places(y, out int[] present);
        float[] labels = new float[y.Length];
        for (int i = 0; i < labels.Length; i++) labels[i] = place[(int)y[i]];
        int mlSeed = Seeds.ForMLNet(seed);
        bool vary = Inputs.Vary(x);
        OutputKind output = vary ? _options.ClassOutput : OutputKind.Probability;
        IReadOnlyList<Slot> models = present.Length == 1 ? []
            : output == OutputKind.Probabilities ? [FitAll(x, labels, present.Length, mlSeed)]
            : FitEach(vary ? x : default, labels, present.Length, mlSeed);
        return new MLNetClassifier(new Fitted(models, output, x.Columns, _options.AcceptsMissing, _options.MissingAs), _classes, present);
    }

    // A bootstrap sample may lack classes: the models know only those that are there, by their place among them.
    private int[] Places(ReadOnlySpan<double> y, out int[] present)
    {
        int[] place = new int[_classes];
        foreach (double label in y) place[(int)label] = 1;
        present = [.. Enumerable.Range(0, _classes).Where(k => place[k] == 1)];
        for (int p = 0; p < present.Length; p++) place[present[p]] = p;
        return place;
    }

    private Slot FitAll(FeatureMatrix x, float[] labels, int classes, int seed) =>
        Native.Fit(_options.Classification(new MLContext(seed), x.Rows, seed), new TableView(x, labels, LabelKind.Class, _options.MissingAs, classes), 0);

    // Without features that vary, a class is as likely as its share of the rows.
    private Slot[] FitEach(FeatureMatrix x, float[] labels, int classes, int seed)
    {
        LabelKind kind = _options.ClassOutput == OutputKind.Probability ? LabelKind.Indicator : LabelKind.Number;
        // Two classes need one model, of the second.
        int first = classes == 2 ? 1 : 0;
        Slot[] models = new Slot[classes - first];
        int together = Math.Min(_options.Threads, models.Length);
        MLNetOptions each = _options with { Threads = Math.Max(1, _options.Threads / together) };
        try
        {
            Parallel.For(0, models.Length, new ParallelOptions { MaxDegreeOfParallelism = together }, k =>
            {
                float[] indicator = [.. labels.Select(label => label == k + first ? 1f : 0f)];
                double share = indicator.Average();
                models[k] = x.Rows == 0
                    ? new Slot(null, share)
                    : Native.Fit(each.Classification(new MLContext(seed), x.Rows, seed), new TableView(x, indicator, kind, each.MissingAs), share);
            });
        }
        catch (AggregateException fault)
        {
            ExceptionDispatchInfo.Throw(fault.InnerExceptions[0]);
        }

        return models;
    }
}
