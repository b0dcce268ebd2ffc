using System.Security.Cryptography;
using Ueq.Versions;

namespace Ueq.Registry;

/// <summary>What stands in the files of versions and aliases, each checked against its seal and its place.</summary>
internal sealed class Records(Layout layout)
{
    /// <summary>The entry that published a version; <c>null</c> if there is no such version.</summary>
    /// <exception cref="InvalidDataException">Its file is damaged.</exception>
    public RegistryEntry? Version(string model, int number)
    {
        string place = layout.Version(model, number);
        RegistryEntry? entry = Read(place);
        if (entry is null) return null;
        if (entry is not { Action: RegistryAction.Publish, Digest: { } digest } || entry.Model != model || entry.Version != number || !Layout.IsDigest(digest))
            throw new InvalidDataException($"{place}: expected version {number} of {model}, got {entry.Action} of version {entry.Version} of {entry.Model}.");
        return entry;
    }

    /// <summary>The entry that moved an alias last; <c>null</c> if there is no such alias.</summary>
    /// <exception cref="InvalidDataException">Its file is damaged.</exception>
    public RegistryEntry? Alias(string model, string alias)
    {
        string place = layout.Alias(model, alias);
        RegistryEntry? entry = Read(place);
        if (entry is null) return null;
        if (entry is not { Action: RegistryAction.Alias or RegistryAction.Rollback, Version: > 0 } || entry.Model != model || entry.Alias != alias)
            throw new InvalidDataException($"{place}: expected alias {alias} of {model}, got {entry.Action} of {entry.Alias} of {entry.Model}.");
        return entry;
    }

    /// <summary>The manifest that a version's record names, and its text.</summary>
    /// <exception cref="InvalidDataException">It is missing or damaged: names the file.</exception>
    public (byte[] Text, string Place) ManifestText(RegistryEntry version)
    {
        string blob = layout.Blob(version.Digest!), place = $"{blob} ({VersionFiles.Manifest})";
        byte[] text = VersionVerification.ReadIfThere(blob) ?? throw new InvalidDataException($"{place}: the version names this file, but it is missing.");
        string digest = Convert.ToHexStringLower(SHA256.HashData(text));
        if (digest != version.Digest) throw new InvalidDataException($"{place}: expected SHA-256 {version.Digest}, got {digest}: the file was changed or damaged.");
        return (text, place);
    }

    /// <summary>A version as it is listed: what cannot be read is said in it, not thrown.</summary>
    public RegisteredVersion? Describe(string model, int number)
    {
        RegisteredVersion version = new() { Model = model, Number = number };
        try
        {
            if (Version(model, number) is not { } entry) return null;
            version = version with { Digest = entry.Digest!, Who = entry.Who, When = entry.When, Note = entry.Note ?? "" };
            (byte[] text, string place) = ManifestText(entry);
            Manifest manifest = StoredVersion.ManifestOf(text, place);
            return version with { Manifest = manifest, Bytes = text.Length + manifest.Files.Sum(file => file.Bytes) };
        }
        catch (InvalidDataException error)
        {
            return version with { Fault = error.Message };
        }
    }

    /// <summary>An alias as it is listed: what cannot be read is said in it, not thrown.</summary>
    public RegisteredAlias? DescribeAlias(string model, string alias)
    {
        try
        {
            return Alias(model, alias) is { } entry
                ? new RegisteredAlias { Name = alias, Version = entry.Version!.Value, Who = entry.Who, When = entry.When }
                : null;
        }
        catch (InvalidDataException error)
        {
            return new RegisteredAlias { Name = alias, Fault = error.Message };
        }
    }

    private static RegistryEntry? Read(string place)
    {
        if (VersionVerification.ReadIfThere(place) is not { } text) return null;
        ReadOnlySpan<byte> line = text;
        if (line is not [.., (byte)'\n']) throw new InvalidDataException($"{place}: expected a line with its end: the file was cut or damaged.");
        return SealedEntry.Read(line[..^1], "", place, out _);
    }
}
