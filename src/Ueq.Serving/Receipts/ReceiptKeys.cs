using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Ueq.Serving.Receipts;

/// <summary>The secret keys of receipts: the one that signs, and older ones that are still believed.</summary>
internal sealed class ReceiptKeys
{
    /// <summary>Bytes of a signature: HMAC-SHA256, its first half.</summary>
    public const int SignatureBytes = 16;

    public const int LeastKeyBytes = 32;

    private readonly (uint Id, byte[] Key)[] _keys;

    private ReceiptKeys(IEnumerable<byte[]> keys) => _keys = [.. keys.Select(key => (IdOf(key), key))];

    /// <summary>The configured keys; without one a random key that dies with the process.</summary>
    public static ReceiptKeys From(string? key, IReadOnlyList<string> previous) =>
        new([key is null ? RandomNumberGenerator.GetBytes(LeastKeyBytes) : Bytes(key)!, .. previous.Select(p => Bytes(p)!)]);

    /// <summary>The bytes of a key as it is written, in base64 or as a long text; <c>null</c> when they are too few.</summary>
    public static byte[]? Bytes(string text)
    {
        byte[] decoded = new byte[text.Length];
        if (Convert.TryFromBase64String(text, decoded, out int length) && length >= LeastKeyBytes) return decoded[..length];
        byte[] plain = Encoding.UTF8.GetBytes(text);
        return plain.Length >= LeastKeyBytes ? plain : null;
    }

    /// <summary>Names the key that signs, without telling it.</summary>
    public uint SigningKey => _keys[0].Id;

    public void Sign(ReadOnlySpan<byte> content, Span<byte> signature)
    {
        Span<byte> whole = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_keys[0].Key, content, whole);
        whole[..SignatureBytes].CopyTo(signature);
    }

    public ReceiptFault Check(uint key, ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature)
    {
        Span<byte> whole = stackalloc byte[HMACSHA256.HashSizeInBytes];
        ReceiptFault fault = ReceiptFault.ForeignKey;
        foreach ((uint id, byte[] bytes) in _keys)
        {
            if (id != key) continue;
            HMACSHA256.HashData(bytes, content, whole);
            if (CryptographicOperations.FixedTimeEquals(whole[..SignatureBytes], signature)) return ReceiptFault.None;
            fault = ReceiptFault.Forged;
        }

        return fault;
    }

    private static uint IdOf(byte[] key) => BinaryPrimitives.ReadUInt32LittleEndian(HMACSHA256.HashData(key, "ueq receipt key"u8));
}
