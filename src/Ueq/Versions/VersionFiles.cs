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
    public const string Models = "model/";
}

/// <summary>One stored model of a version: its part in the method, its file and the format that reads it.</summary>
internal sealed record StoredModel(string Role, string File, string Format);

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
