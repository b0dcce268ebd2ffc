using System.Text.Json.Serialization;
using Ueq.Ensembles;

namespace Ueq.Versions;

/// <summary>A model made of other models, which may be of several frameworks: stored as its parts and what joins them.</summary>
internal interface IAssembledPredictor
{
    /// <summary>The parts as they are stored.</summary>
    Assembled TakeApart();
}

/// <summary>The parts of a model.</summary>
/// <param name="Kind">Names the entry of <see cref="Assemblies"/> that puts them together.</param>
/// <param name="Parts">The models and their parts in it; roles differ and name files.</param>
/// <param name="Joint">What joins them.</param>
internal sealed record Assembled(string Kind, IReadOnlyList<(string Role, object Model)> Parts, Joint Joint);

/// <summary>What joins the parts of a model.</summary>
internal sealed record Joint
{
    /// <summary>Names that people gave to the parts.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Names { get; init; }

    /// <summary>How the parts' answers become one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Rule { get; init; }

    /// <summary>Numbers, such as weights.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<double>? Numbers { get; init; }
}

/// <summary>How models are put together again, by kind.</summary>
internal static class Assemblies
{
    /// <exception cref="ArgumentException">The parts or what joins them do not make such a model.</exception>
    public static object Make(string kind, IReadOnlyList<object> parts, Joint joint) => kind switch
    {
        CrossEnsemble.Kind => CrossEnsemble.Join(parts, joint),
        CrossFittedGaussian.Kind => CrossFittedGaussian.Join(parts, joint),
        CrossClassEnsemble.Kind => CrossClassEnsemble.Join(parts, joint),
        _ => throw new ArgumentException($"Expected a kind of assembled model that this version of ueq knows, got '{kind}'."),
    };

    /// <summary>The parts in the shape that the assembly needs.</summary>
    public static IReadOnlyList<T> Of<T>(IReadOnlyList<object> parts) => [.. parts.Select((part, i) => part is T model
        ? model
        : throw new ArgumentException($"Expected {Shapes.Say<T>()} as part {i}, got {part.GetType().Name}."))];
}

/// <summary>What the shapes of predictors are called in messages.</summary>
internal static class Shapes
{
    public static string Say<T>() =>
        typeof(T) == typeof(IClassPredictor) ? "a classification model"
        : typeof(T) == typeof(IPointPredictor) ? "a regression model"
        : typeof(T) == typeof(IQuantilePredictor) ? "a model of two quantiles"
        : typeof(T) == typeof(IGaussianPredictor) ? "a model of mean and standard deviation"
        : $"a model of the kind {typeof(T).Name}";
}
