using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Ueq.Serving.Security;

/// <summary>What a caller may do.</summary>
[Flags]
public enum AccessScopes
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Ask for predictions.</summary>
    Predict = 1,

    /// <summary>Send labels.</summary>
    Feedback = 2,

    /// <summary>See what is watched: coverage, monitoring, incidents, the audit log, metrics.</summary>
    Read = 4,

    /// <summary>Change the service; who may do that may see everything too.</summary>
    Admin = 8,
}

/// <summary>A key as the configuration holds it: the SHA-256 of 256 random bits, what it is for, and how often.</summary>
/// <param name="Sha256">The digest of the key's text, in 64 hexadecimal digits.</param>
/// <param name="Scopes">What its holder may do.</param>
/// <param name="RequestsPerSecond">A rate of its own, 0.001 to 1,000,000; <c>null</c> for that of <c>limits</c>.</param>
public sealed record ApiKey(string Sha256, AccessScopes Scopes, double? RequestsPerSecond = null)
{
    /// <summary>What every key begins with, so that it is found where it should not be.</summary>
    public const string Prefix = "ueq_";

    private const int SecretBytes = 32;
    private const string Digest = "sha256:";
    private const string Expected = "sha256:, 64 hexadecimal digits, scopes with commas between and perhaps a rate, such as \"sha256:… predict,feedback 50/s\"; 'ueq keys create' makes one";

    private static readonly (string Name, AccessScopes Scope)[] Names =
        [("predict", AccessScopes.Predict), ("feedback", AccessScopes.Feedback), ("read", AccessScopes.Read), ("admin", AccessScopes.Admin)];

    /// <summary>A new key; its secret is told once and cannot be found from what is kept.</summary>
    /// <param name="scopes">What its holder may do.</param>
    /// <param name="secret">Receives the text that the holder sends.</param>
    public static ApiKey Create(AccessScopes scopes, out string secret)
    {
        if (scopes is AccessScopes.None || (scopes & ~(AccessScopes.Predict | AccessScopes.Feedback | AccessScopes.Read | AccessScopes.Admin)) != 0)
            throw new ArgumentOutOfRangeException(nameof(scopes), scopes, "Expected one scope or more.");
        secret = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        return new ApiKey(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret))), scopes);
    }

    /// <summary>Reads scopes, such as <c>predict,feedback</c>.</summary>
    /// <exception cref="FormatException">The text names no scope, or something else.</exception>
    public static AccessScopes ParseScopes(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        AccessScopes scopes = AccessScopes.None;
        foreach (string word in text.Split(',', StringSplitOptions.TrimEntries)) scopes |= ScopeOf(word) is var scope and not AccessScopes.None ? scope
            : throw new FormatException($"expected scopes out of {string.Join(", ", Names.Select(n => n.Name))} with commas between, got \"{word}\"");
        return scopes;
    }

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    /// <exception cref="FormatException">The text is not a key as the configuration holds it.</exception>
    public static ApiKey Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        // Somebody may have put the secret itself here: it is not said back.
        if (words.Length is < 2 or > 3 || !words[0].StartsWith(Digest, StringComparison.OrdinalIgnoreCase)) throw new FormatException($"expected {Expected}; got something else");
        string digest = words[0][Digest.Length..].ToLowerInvariant();
        if (digest.Length != 2 * SHA256.HashSizeInBytes || !digest.All(char.IsAsciiHexDigitLower)) throw new FormatException($"expected {Expected}; got another digest");
        double? rate = null;
        if (words.Length == 3)
        {
            if (!words[2].EndsWith("/s", StringComparison.Ordinal) || !double.TryParse(words[2][..^2], NumberStyles.Float, CultureInfo.InvariantCulture, out double perSecond) || !(perSecond is >= 0.001 and <= 1e6))
                throw new FormatException($"expected a rate from 0.001/s to 1000000/s, got {words[2]}");
            rate = perSecond;
        }

        return new ApiKey(digest, ParseScopes(words[1]), rate);
    }

    /// <summary>The key as a value of the configuration.</summary>
    public override string ToString() =>
        $"{Digest}{Sha256} {Say(Scopes)}{(RequestsPerSecond is { } rate ? string.Create(CultureInfo.InvariantCulture, $" {rate:R}/s") : "")}";

    /// <summary>Scopes by their names, with commas between.</summary>
    internal static string Say(AccessScopes scopes) => string.Join(',', Names.Where(n => (scopes & n.Scope) != 0).Select(n => n.Name));

    internal static AccessScopes ScopeOf(string word) => Names.FirstOrDefault(n => n.Name == word).Scope;
}
