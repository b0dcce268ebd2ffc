using System.Text.Json.Serialization;

namespace Ueq.Versions;

/// <summary>What kind of answer a model gives.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ModelTask>))]
public enum ModelTask
{
    /// <summary>A number and an interval per row.</summary>
    [JsonStringEnumMemberName("regression")]
    Regression,

    /// <summary>Probabilities and a set of labels per row.</summary>
    [JsonStringEnumMemberName("classification")]
    Classification,
}

/// <summary>One file of a version and its content's digest.</summary>
/// <param name="Path">Relative path with forward slashes.</param>
/// <param name="Bytes">Length.</param>
/// <param name="Sha256">SHA-256 of the content, lower-case hexadecimal.</param>
public sealed record VersionFile(string Path, long Bytes, string Sha256);

/// <summary>What is written beside a model: everything a reader needs to know before trusting it.</summary>
public sealed record Manifest
{
    /// <summary>Version of this layout; this library reads 1.</summary>
    public int FormatVersion { get; init; } = 1;

    /// <summary>Regression or classification.</summary>
    public required ModelTask Task { get; init; }

    /// <summary>The uncertainty method: split, jackknife+ab, bootstrap, bayesian_linear, conformal.</summary>
    public required string Method { get; init; }

    /// <summary>The model's kind, such as lightgbm; <c>none</c> when the method is the model.</summary>
    public required string Model { get; init; }

    /// <summary>Name of the target column.</summary>
    public required string Target { get; init; }

    /// <summary>The columns the model was fitted on.</summary>
    public required IReadOnlyList<FeatureColumn> Columns { get; init; }

    /// <summary><see cref="FeatureSchema.Digest"/> of the columns.</summary>
    public required string SchemaDigest { get; init; }

    /// <summary>Names of the classes in the order of their indices; <c>null</c> for regression.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Classes { get; init; }

    /// <summary>When it was fitted.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>The seed of every random choice.</summary>
    public required ulong Seed { get; init; }

    /// <summary>What is promised at 90 %.</summary>
    public required ManifestGuarantee Guarantee { get; init; }

    /// <summary>Figures measured when fitting, such as <c>n_train</c>, <c>n_calibration</c>, <c>fit_seconds</c>.</summary>
    /// <remarks>Infinite ones, such as a mean width with too few rows, are written as the text <c>Infinity</c>.</remarks>
    [JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
    public IReadOnlyDictionary<string, double> Metrics { get; init; } = new Dictionary<string, double>();

    /// <summary>Every file of the version except the manifest.</summary>
    public IReadOnlyList<VersionFile> Files { get; init; } = [];
}

/// <summary>A <see cref="Ueq.Guarantee"/> as it is written down.</summary>
/// <param name="Kind">What stands behind the promise.</param>
/// <param name="Nominal">The level.</param>
/// <param name="Rank">Rank of the threshold among the scores.</param>
/// <param name="Count">Number of calibration scores.</param>
/// <param name="Proven">The lowest expected coverage that is proven.</param>
public sealed record ManifestGuarantee(GuaranteeKind Kind, double Nominal, int Rank, int Count, double Proven)
{
    /// <summary>The written form of a guarantee.</summary>
    public static ManifestGuarantee From(Guarantee guarantee) =>
        new(guarantee.Kind, guarantee.Nominal.Value, guarantee.Rank, guarantee.Count, guarantee.Proven);
}
