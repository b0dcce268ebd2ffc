using Ueq.Versions;

namespace Ueq.Registry;

/// <summary>A model of a registry with its versions and aliases.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="Versions">Its versions, oldest first.</param>
/// <param name="Aliases">Its aliases by name.</param>
public sealed record RegisteredModel(string Name, IReadOnlyList<RegisteredVersion> Versions, IReadOnlyList<RegisteredAlias> Aliases);

/// <summary>A version of a model as the registry describes it, without the model itself.</summary>
public sealed record RegisteredVersion
{
    /// <summary>The model.</summary>
    public required string Model { get; init; }

    /// <summary>The version's number, from 1; none is given twice.</summary>
    public required int Number { get; init; }

    /// <summary>SHA-256 of the manifest, which is <see cref="ModelVersion.Digest"/>; empty if it cannot be read.</summary>
    public string Digest { get; init; } = "";

    /// <summary>Who published it; empty if that cannot be read.</summary>
    public string Who { get; init; } = "";

    /// <summary>When it was published.</summary>
    public DateTimeOffset When { get; init; }

    /// <summary>What was said when it was published.</summary>
    public string Note { get; init; } = "";

    /// <summary>What is written beside the model; <c>null</c> if it cannot be read.</summary>
    public Manifest? Manifest { get; init; }

    /// <summary>Bytes of its files, those that it shares with other versions included.</summary>
    public long Bytes { get; init; }

    /// <summary>What is wrong with its record or manifest; <c>null</c> if nothing is. The other files are only looked at by loading and verifying.</summary>
    public string? Fault { get; init; }
}

/// <summary>A name that points to a version of a model.</summary>
public sealed record RegisteredAlias
{
    /// <summary>The alias.</summary>
    public required string Name { get; init; }

    /// <summary>The version that it points to; 0 if it cannot be read.</summary>
    public int Version { get; init; }

    /// <summary>Who moved it last.</summary>
    public string Who { get; init; } = "";

    /// <summary>When it was moved last.</summary>
    public DateTimeOffset When { get; init; }

    /// <summary>What is wrong with its file; <c>null</c> if nothing is.</summary>
    public string? Fault { get; init; }
}

/// <summary>What was found of one version, alias or log when it was verified.</summary>
/// <param name="What">What was looked at: <c>name:version</c>, <c>name@alias</c> or the audit log's file.</param>
/// <param name="Bytes">How many bytes were read of it.</param>
/// <param name="Fault">What is wrong: names the file; <c>null</c> if nothing is.</param>
public readonly record struct Verification(string What, long Bytes, string? Fault);

/// <summary>What a prune removes, or has removed.</summary>
/// <param name="Versions">The versions, as <c>name:version</c>.</param>
/// <param name="Files">Number of files that no version needs any more.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Kept">Why no files are removed though versions are: a version whose files are not known because it is damaged; otherwise <c>null</c>.</param>
public sealed record Pruning(IReadOnlyList<ModelReference> Versions, int Files, long Bytes, string? Kept);
