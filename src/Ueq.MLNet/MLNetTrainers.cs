namespace Ueq.MLNet;

/// <summary>Trainers by the names that the edges use.</summary>
public static class MLNetTrainers
{
    private static readonly MLNetOptions[] Kinds = [new LightGbmOptions(), new FastTreeOptions(), new FastForestOptions(), new LinearOptions()];

    /// <summary>The names: lightgbm, fasttree, fastforest, linear.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Kinds.Select(kind => kind.Name)];

    /// <summary>A regression trainer with default options.</summary>
    /// <exception cref="ArgumentException">There is no kind of that name.</exception>
    public static MLNetRegressionTrainer Regression(string name) => new(Kind(name));

    /// <summary>A classification trainer with default options.</summary>
    /// <exception cref="ArgumentException">There is no kind of that name.</exception>
    public static MLNetClassificationTrainer Classification(string name, int classes) => new(Kind(name), classes);

    private static MLNetOptions Kind(string name) => Array.Find(Kinds, kind => kind.Name == name)
        ?? throw new ArgumentException($"Expected one of the models {string.Join(", ", Names)}, got '{name}'.", nameof(name));
}
