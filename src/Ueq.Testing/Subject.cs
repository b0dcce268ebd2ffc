using System.Reflection;
using System.Runtime.InteropServices;

namespace Ueq.Testing;

/// <summary>What the numbers of an output are.</summary>
internal enum OutputKind
{
    Number,
    Sigma,
    Probability,
    Interval,
    Band,
    Words,
}

/// <summary>One destination of a shape.</summary>
/// <param name="Name">Name of the parameter.</param>
/// <param name="Kind">What its numbers are.</param>
/// <param name="PerRow">Elements of a row.</param>
/// <param name="Size">Doubles of an element.</param>
internal sealed record Output(string Name, OutputKind Kind, int PerRow = 1, int Size = 1)
{
    public int Width => PerRow * Size;

    /// <summary>Classes, where the output belongs to a classification.</summary>
    public int Classes { get; init; }
}

/// <summary>Asks a model for the answers to rows; every destination is seen as doubles.</summary>
internal delegate void Ask(FeatureMatrix x, IReadOnlyList<Memory<double>> answers);

/// <summary>A model in one of its shapes, seen in the one way that all laws are written in.</summary>
internal sealed record Subject(string Name, IReadOnlyList<Output> Outputs, Ask Ask)
{
    /// <summary>Where the model's own precise exceptions come from.</summary>
    public Assembly? Home { get; init; }

    /// <summary>The shapes that laws are written for.</summary>
    public static readonly IReadOnlyList<Type> Shapes =
    [
        typeof(IPointPredictor), typeof(IQuantilePredictor), typeof(IGaussianPredictor), typeof(IClassPredictor), typeof(IBandPredictor),
        typeof(IIntervalPredictor), typeof(ILabelSetPredictor),
    ];

    /// <summary>One subject for each shape that the model has.</summary>
    public static IReadOnlyList<Subject> Of<T>(T model)
        where T : class
    {
        string type = model.GetType().Name;
        List<Subject> all = [];
        if (model is IPointPredictor point)
            all.Add(new($"{type} as {nameof(IPointPredictor)}", [new("destination", OutputKind.Number)], (x, a) => point.Predict(x, a[0].Span)));
        if (model is IQuantilePredictor quantiles)
            all.Add(new($"{type} as {nameof(IQuantilePredictor)}", [new("lower", OutputKind.Number), new("upper", OutputKind.Number)],
                (x, a) => quantiles.Predict(x, a[0].Span, a[1].Span)));
        if (model is IGaussianPredictor gaussian)
            all.Add(new($"{type} as {nameof(IGaussianPredictor)}", [new("mean", OutputKind.Number), new("sigma", OutputKind.Sigma)],
                (x, a) => gaussian.Predict(x, a[0].Span, a[1].Span)));
        if (model is IClassPredictor classes)
            all.Add(new($"{type} as {nameof(IClassPredictor)}", [new("probabilities", OutputKind.Probability, classes.Classes) { Classes = classes.Classes }],
                (x, a) => classes.Predict(x, a[0].Span)));
        if (model is IBandPredictor bands)
            all.Add(new($"{type} as {nameof(IBandPredictor)}", [new("destination", OutputKind.Band, 1, 3)],
                (x, a) => bands.Predict(x, MemoryMarshal.Cast<double, Band>(a[0].Span))));
        if (model is IIntervalPredictor intervals) all.Add(At(type, intervals, default));
        if (model is ILabelSetPredictor sets) all.Add(At(type, sets, default));
        return [.. all.Select(subject => subject with { Home = model.GetType().Assembly })];
    }

    public static Subject At(string type, IIntervalPredictor model, Coverage coverage) =>
        new($"{type} as {nameof(IIntervalPredictor)}", [new("predictions", OutputKind.Number), new("intervals", OutputKind.Interval, 1, 2)],
            (x, a) => model.Predict(x, coverage, a[0].Span, MemoryMarshal.Cast<double, Interval>(a[1].Span)));

    public static Subject At(string type, ILabelSetPredictor model, Coverage coverage) =>
        new($"{type} as {nameof(ILabelSetPredictor)}",
            [
                new("probabilities", OutputKind.Probability, model.Classes) { Classes = model.Classes },
                new("sets", OutputKind.Words, LabelSet.WordsFor(model.Classes)) { Classes = model.Classes },
            ],
            (x, a) => model.Predict(x, coverage, a[0].Span, MemoryMarshal.Cast<double, ulong>(a[1].Span)));
}
