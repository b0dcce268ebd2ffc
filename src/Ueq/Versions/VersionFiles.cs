using System.Text.Json.Serialization;
using Ueq.Bayesian;
using Ueq.Conformal;

namespace Ueq.Versions;

/// <summary>The names of the files of a version.</summary>
internal static class VersionFiles
{
    public const string Manifest = "manifest.json";
    /// <summary>The manifest's own digest, in the form that <c>sha256sum --check</c> reads.</summary>
    public const string Seal = "manifest.sha256";
    public const string Calibration = "calibration.json";
    public const string Reference = "reference.json";
    public const string Estimator = "estimator.json";
    public const string Models = "model/";
}

/// <summary>One stored model of a version: its part in the method, and its file or the parts it is assembled from.</summary>
/// <param name="Role">What it is in the method or in the model that it is a part of.</param>
/// <param name="Format">The format that reads the file, or the kind of assembly.</param>
internal sealed record StoredModel(string Role, string Format)
{
    /// <summary>The model's file; absent of a model that is assembled.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? File { get; init; }

    /// <summary>What it is assembled from; absent of a model in a file.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<StoredModel>? Parts { get; init; }

    /// <summary>The names, rule and numbers that join the parts.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Joint? Joint { get; init; }
}

/// <summary>The bands that two shapes of models claim.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StoredBands>))]
internal enum StoredBands
{
    /// <summary>Two quantiles.</summary>
    [JsonStringEnumMemberName("quantile")]
    Quantile,

    /// <summary>Mean and standard deviation.</summary>
    [JsonStringEnumMemberName("gaussian")]
    Gaussian,
}

/// <summary>How a version's models and numbers make a calibrated model: the content of calibration.json.</summary>
internal sealed record CalibrationFile
{
    public const string Split = "split_regression";
    public const string Labels = "split_classification";
    public const string AfterBootstrap = "jackknife_after_bootstrap";
    public const string Bayesian = "bayesian_linear";

    public required string Kind { get; init; }

    public required int Features { get; init; }

    public required IReadOnlyList<StoredModel> Models { get; init; }

    /// <summary>Scores in rising order; of a bootstrap the out-of-bag residuals in the rows' order, null where every member saw the row.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double?[]? Scores { get; init; }

    /// <summary>Which bands of a split regression are calibrated; absent where a floor, or none, tells normalised from absolute.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public StoredBands? Bands { get; init; }

    /// <summary>Floor of the normalised score; absent for the absolute score.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Floor { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EmptySets? Empty { get; init; }

    /// <summary>Which rows each member saw, in base 64: rows × ⌈members/8⌉ bytes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public byte[]? Bags { get; init; }
}

/// <summary>How the files of a version are written and read: snake_case, unknown and missing members refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    WriteIndented = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Manifest))]
[JsonSerializable(typeof(CalibrationFile))]
[JsonSerializable(typeof(BayesianLinearParameters))]
internal sealed partial class VersionJson : JsonSerializerContext;
