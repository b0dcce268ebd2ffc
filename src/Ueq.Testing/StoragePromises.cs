namespace Ueq.Testing;

/// <summary>Whether a format sees every kind of damage.</summary>
public enum DamageSeen
{
    /// <summary>Every changed, missing or added byte is seen, as with a digest over the file.</summary>
    Always,

    /// <summary>A changed byte may be read as another model; what cannot be read is still refused in the one right way.</summary>
    WhereReadable,
}

/// <summary>What a format promises of its files.</summary>
public sealed record StoragePromises
{
    /// <summary>Whether the format sees every kind of damage. Default: always.</summary>
    public DamageSeen Damage { get; init; } = DamageSeen.Always;

    /// <summary>Places at which a file is damaged, 16 to 1,000,000; in a smaller file every byte. Default: 256.</summary>
    public int Places { get; init; } = 256;

    internal void Validate() => Throw.IfOutside(nameof(Places), Places, 16, 1_000_000);
}
