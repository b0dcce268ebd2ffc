using System.Text.Json.Serialization;

namespace Ueq.Registry;

/// <summary>What was done to a registry.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RegistryAction>))]
public enum RegistryAction
{
    /// <summary>A version was added.</summary>
    [JsonStringEnumMemberName("publish")]
    Publish,

    /// <summary>An alias was made or moved.</summary>
    [JsonStringEnumMemberName("alias")]
    Alias,

    /// <summary>An alias was moved back to where it pointed before.</summary>
    [JsonStringEnumMemberName("rollback")]
    Rollback,

    /// <summary>An alias was removed.</summary>
    [JsonStringEnumMemberName("remove_alias")]
    RemoveAlias,

    /// <summary>A version was removed.</summary>
    [JsonStringEnumMemberName("prune")]
    Prune,
}

/// <summary>One line of a registry's audit log: who did what, when, before and after.</summary>
public sealed record RegistryEntry
{
    /// <summary>Place in the log, from 1.</summary>
    public required long Number { get; init; }

    /// <summary>When it was done.</summary>
    public required DateTimeOffset When { get; init; }

    /// <summary>Who did it.</summary>
    public required string Who { get; init; }

    /// <summary>What was done.</summary>
    public required RegistryAction Action { get; init; }

    /// <summary>The model.</summary>
    public required string Model { get; init; }

    /// <summary>The version that was added or removed, or that the alias points to afterwards; <c>null</c> of an alias that was removed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Version { get; init; }

    /// <summary>The alias that was moved or removed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Alias { get; init; }

    /// <summary>The version that the alias pointed to before.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Before { get; init; }

    /// <summary>Of a version that was added: SHA-256 of its manifest.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Digest { get; init; }

    /// <summary>What was said about it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Note { get; init; }
}

/// <summary>How entries are written and read: snake_case on one line, unknown and missing members refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(RegistryEntry))]
[JsonSerializable(typeof(RegistrySeal))]
internal sealed partial class RegistryJson : JsonSerializerContext;

/// <summary>The content of registry.json: says that a directory is a registry, and how it is laid out.</summary>
internal sealed record RegistrySeal(string Kind, int Layout)
{
    public const string Registry = "ueq-registry";

    public static RegistrySeal Current { get; } = new(Registry, 1);
}
