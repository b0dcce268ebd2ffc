using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;

namespace Ueq.Serving.Security;

/// <summary>The keys in force: who holds the key of a digest. Immutable.</summary>
internal sealed class KeyRing
{
    private const int LongestKey = 256;

    private readonly byte[] _digests;
    private readonly Caller[] _callers;

    public KeyRing(IReadOnlyDictionary<string, ApiKey> keys, Func<string, double?, RateLimiter?> limit)
    {
        _digests = [.. keys.Values.SelectMany(key => Convert.FromHexString(key.Sha256))];
        _callers = [.. keys.Select(key => new Caller(key.Key, key.Value.Scopes, limit(key.Key, key.Value.RequestsPerSecond)))];
    }

    public bool IsEmpty => _callers.Length == 0;

    /// <summary>The holder of a key; <c>null</c> when there is none. Allocates nothing.</summary>
    /// <remarks>
    /// The digest is taken before anything is compared, and every digest is compared to its end: the time says neither how much of a key is
    /// right nor whose it is.
    /// </remarks>
    public Caller? Find(ReadOnlySpan<char> secret)
    {
        if (secret.Length > LongestKey) return null;
        Span<byte> bytes = stackalloc byte[3 * LongestKey];
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..Encoding.UTF8.GetBytes(secret, bytes)], digest);
        Caller? found = null;
        for (int i = 0; i < _callers.Length; i++)
            if (CryptographicOperations.FixedTimeEquals(digest, _digests.AsSpan(i * SHA256.HashSizeInBytes, SHA256.HashSizeInBytes))) found = _callers[i];
        return found;
    }
}
