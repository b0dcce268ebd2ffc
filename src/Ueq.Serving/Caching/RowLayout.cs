using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Ueq.Versions;

namespace Ueq.Serving.Caching;

/// <summary>One model's rows and answers as bytes: what is kept, here and in Redis.</summary>
/// <remarks>
/// Little-endian. Key: SHA-256 of the layout's version, the model version's digest, method, kind, target and columns (32 bytes), coverage (8),
/// features (4 each; of the many NaNs only one). Then when it was computed in Unix milliseconds (8), prediction (8), and lower and upper end
/// (8 + 8) or probabilities (8 each) and the packed set (8 per 64 classes); at last XxHash64 of all that.
/// </remarks>
internal sealed class RowLayout
{
    private const int CoverageAt = SHA256.HashSizeInBytes;
    private const int FeaturesAt = CoverageAt + sizeof(double);
    private readonly byte[] _scope;
    private readonly int _width, _classes, _words;

    public RowLayout(ModelVersion version, int classes)
    {
        Manifest manifest = version.Manifest;
        _scope = SHA256.HashData(Encoding.UTF8.GetBytes(
            string.Join('\n', "ueq-row-1", version.Digest, manifest.Method, manifest.Model, manifest.Target, manifest.SchemaDigest, FormattableString.Invariant($"{classes}"))));
        _width = version.Schema.Width;
        _classes = classes;
        _words = LabelSet.WordsFor(classes);
        KeyBytes = FeaturesAt + _width * sizeof(float);
        Bytes = KeyBytes + (2 + (classes == 0 ? 2 : classes + _words)) * sizeof(double) + sizeof(ulong);
    }

    /// <summary>Bytes of a key.</summary>
    public int KeyBytes { get; }

    /// <summary>Bytes of a key with its answer.</summary>
    public int Bytes { get; }

    public static UInt128 Hash(ReadOnlySpan<byte> key) => XxHash128.HashToUInt128(key);

    /// <summary>Writes the part of a key that all rows of a request share.</summary>
    /// <param name="coverage">What the answers are made for: the coverage, or an online level's share.</param>
    /// <param name="key">The key.</param>
    public void BeginKey(double coverage, Span<byte> key)
    {
        _scope.CopyTo(key);
        BinaryPrimitives.WriteDoubleLittleEndian(key[CoverageAt..], coverage);
    }

    /// <summary>Writes the part that is the row's own.</summary>
    public static void EndKey(ReadOnlySpan<float> row, Span<byte> key)
    {
        Span<byte> features = key.Slice(FeaturesAt, row.Length * sizeof(float));
        for (int i = 0; i < row.Length; i++) BinaryPrimitives.WriteSingleLittleEndian(features[(i * sizeof(float))..], float.IsNaN(row[i]) ? float.NaN : row[i]);
    }

    /// <summary>Whether bytes are of a key, and still to be given again.</summary>
    public bool Fits(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> key, long now, long ttl)
    {
        if (bytes.Length != Bytes || !bytes[..KeyBytes].SequenceEqual(key[..KeyBytes])) return false;
        long age = now - BinaryPrimitives.ReadInt64LittleEndian(bytes[KeyBytes..]);
        // Another replica's clock may be a little ahead.
        return age < ttl && age > -ttl;
    }

    /// <summary>Whether bytes that came from elsewhere are as they were written.</summary>
    public bool IsSound(ReadOnlySpan<byte> bytes) =>
        bytes.Length == Bytes && XxHash64.HashToUInt64(bytes[..^sizeof(ulong)]) == BinaryPrimitives.ReadUInt64LittleEndian(bytes[^sizeof(ulong)..]);

    /// <summary>Writes the answer to a row behind its key.</summary>
    public void WriteAnswer(PredictWork work, int row, long now, Span<byte> bytes)
    {
        Span<byte> rest = bytes[KeyBytes..];
        BinaryPrimitives.WriteInt64LittleEndian(rest, now);
        BinaryPrimitives.WriteDoubleLittleEndian(rest[8..], work.Predictions.Span(work.Rows)[row]);
        rest = rest[16..];
        if (_classes == 0)
        {
            Interval interval = work.Intervals.Span(work.Rows)[row];
            BinaryPrimitives.WriteDoubleLittleEndian(rest, interval.Lower);
            BinaryPrimitives.WriteDoubleLittleEndian(rest[8..], interval.Upper);
        }
        else
        {
            Span<ulong> numbers = MemoryMarshal.Cast<double, ulong>(work.Probabilities.Span(work.Rows * _classes).Slice(row * _classes, _classes));
            foreach (ulong bits in numbers)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(rest, bits);
                rest = rest[8..];
            }

            foreach (ulong word in work.Sets.Span(work.Rows * _words).Slice(row * _words, _words))
            {
                BinaryPrimitives.WriteUInt64LittleEndian(rest, word);
                rest = rest[8..];
            }
        }

        BinaryPrimitives.WriteUInt64LittleEndian(bytes[^sizeof(ulong)..], XxHash64.HashToUInt64(bytes[..^sizeof(ulong)]));
    }

    /// <summary>Gives a row the answer.</summary>
    public void ReadAnswer(ReadOnlySpan<byte> bytes, PredictWork work, int row)
    {
        ReadOnlySpan<byte> rest = bytes[(KeyBytes + 8)..];
        work.Predictions.Span(work.Rows)[row] = BinaryPrimitives.ReadDoubleLittleEndian(rest);
        rest = rest[8..];
        if (_classes == 0)
        {
            work.Intervals.Span(work.Rows)[row] = new Interval(BinaryPrimitives.ReadDoubleLittleEndian(rest), BinaryPrimitives.ReadDoubleLittleEndian(rest[8..]));
            return;
        }

        foreach (ref ulong bits in MemoryMarshal.Cast<double, ulong>(work.Probabilities.Span(work.Rows * _classes).Slice(row * _classes, _classes)))
        {
            bits = BinaryPrimitives.ReadUInt64LittleEndian(rest);
            rest = rest[8..];
        }

        foreach (ref ulong word in work.Sets.Span(work.Rows * _words).Slice(row * _words, _words))
        {
            word = BinaryPrimitives.ReadUInt64LittleEndian(rest);
            rest = rest[8..];
        }
    }
}
