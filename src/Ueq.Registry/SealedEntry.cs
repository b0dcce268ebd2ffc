using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Ueq.Registry;

/// <summary>An entry as a line of JSON whose last member is a digest of the line before it and of the line itself.</summary>
/// <remarks>seal = SHA-256(seal of the line before, in its 64 digits, followed by the line's bytes before <c>,"seal"</c>). A file with one line has none before.</remarks>
internal static class SealedEntry
{
    private const int Digits = 64;

    private static readonly byte[] _name = ",\"seal\":\""u8.ToArray(), _end = "\"}"u8.ToArray();

    /// <summary>The line with its end, and its seal.</summary>
    public static (byte[] Line, string Seal) Write(RegistryEntry entry, string before)
    {
        ReadOnlySpan<byte> body = JsonSerializer.SerializeToUtf8Bytes(entry, RegistryJson.Default.RegistryEntry).AsSpan()[..^1];
        string seal = SealOf(before, body);
        return ([.. body, .. _name, .. Encoding.ASCII.GetBytes(seal), .. _end, (byte)'\n'], seal);
    }

    /// <summary>The entry of a line without its end.</summary>
    /// <exception cref="InvalidDataException">The line was changed, cut or damaged: names the place.</exception>
    public static RegistryEntry Read(ReadOnlySpan<byte> line, string before, string place, out string seal)
    {
        int tail = _name.Length + Digits + _end.Length;
        if (line.Length <= tail || !line[^tail..].StartsWith(_name) || !line.EndsWith(_end)) throw Damaged(place);
        ReadOnlySpan<byte> body = line[..^tail];
        seal = SealOf(before, body);
        if (!line.Slice(line.Length - _end.Length - Digits, Digits).SequenceEqual(Encoding.ASCII.GetBytes(seal))) throw Damaged(place);
        try
        {
            return JsonSerializer.Deserialize([.. body, (byte)'}'], RegistryJson.Default.RegistryEntry) ?? throw Damaged(place);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{place}: {error.Message}", error);
        }
    }

    private static InvalidDataException Damaged(string place) => new($"{place}: the content and its seal do not agree: it was changed, cut or damaged.");

    private static string SealOf(string before, ReadOnlySpan<byte> body) => Convert.ToHexStringLower(SHA256.HashData([.. Encoding.ASCII.GetBytes(before), .. body]));
}
