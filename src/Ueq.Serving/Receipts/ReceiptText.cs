using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;

namespace Ueq.Serving.Receipts;

/// <summary>A receipt as text: base64url of a layout with a version, signed.</summary>
/// <remarks>
/// Layout 1, little-endian: layout (1 byte), key (4), id (16), issued in Unix milliseconds (8), version (32), coverage (8), prediction (8),
/// classes (2); then lower and upper (8 + 8), or the set, a bit per class in whole bytes; length of the group (1) and its UTF-8;
/// the first 16 bytes of HMAC-SHA256 over all that.
/// </remarks>
internal static class ReceiptText
{
    public const int MostGroupBytes = 64;
    public const int VersionBytes = 32;
    public const int IdBytes = 16;

    /// <summary>Classes up to which label sets fit a receipt.</summary>
    public const int MostClasses = 8192;

    private const byte Layout = 1;
    private const int Head = 1 + 4 + IdBytes + 8 + VersionBytes + 8 + 8 + 2;

    /// <summary>Bytes that any receipt of this many classes takes before it is text.</summary>
    public static int Room(int classes) => Head + AnswerBytes(classes) + 1 + MostGroupBytes + ReceiptKeys.SignatureBytes;

    /// <summary>Writes a receipt; returns the number of characters.</summary>
    public static int Write(
        ReceiptKeys keys, in ReceiptHead head, ReadOnlySpan<byte> id, double prediction, Interval interval, ReadOnlySpan<ulong> set, ReadOnlySpan<byte> group,
        Span<byte> destination)
    {
        Span<byte> bytes = stackalloc byte[Room(head.Classes)];
        bytes[0] = Layout;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[1..], keys.SigningKey);
        id.CopyTo(bytes[5..]);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[21..], head.IssuedMilliseconds);
        head.Version.CopyTo(bytes[29..]);
        BinaryPrimitives.WriteDoubleLittleEndian(bytes[61..], head.Coverage.Value);
        BinaryPrimitives.WriteDoubleLittleEndian(bytes[69..], prediction);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[77..], (ushort)head.Classes);
        int at = Head;
        if (head.Classes == 0)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(bytes[at..], interval.Lower);
            BinaryPrimitives.WriteDoubleLittleEndian(bytes[(at + 8)..], interval.Upper);
        }
        else
        {
            for (int b = 0; b < AnswerBytes(head.Classes); b++) bytes[at + b] = (byte)(set[b >> 3] >> (b & 7) * 8);
        }

        at += AnswerBytes(head.Classes);
        bytes[at++] = (byte)group.Length;
        group.CopyTo(bytes[at..]);
        at += group.Length;
        keys.Sign(bytes[..at], bytes[at..]);
        Base64Url.EncodeToUtf8(bytes[..(at + ReceiptKeys.SignatureBytes)], destination, out _, out int written);
        return written;
    }

    /// <summary>Reads a receipt and checks its signature.</summary>
    public static ReceiptFault Read(ReceiptKeys keys, ReadOnlySpan<byte> text, out Receipt receipt)
    {
        receipt = default;
        int most = Base64Url.GetMaxDecodedLength(text.Length);
        if (most > Room(MostClasses)) return ReceiptFault.Unreadable;
        Span<byte> bytes = stackalloc byte[most];
        if (Base64Url.DecodeFromUtf8(text, bytes, out _, out int length) != System.Buffers.OperationStatus.Done) return ReceiptFault.Unreadable;
        bytes = bytes[..length];
        if (length < Head + 1 + ReceiptKeys.SignatureBytes || bytes[0] != Layout) return ReceiptFault.Unreadable;

        // Nothing of a receipt is believed before its signature is.
        ReadOnlySpan<byte> content = bytes[..^ReceiptKeys.SignatureBytes];
        ReceiptFault fault = keys.Check(BinaryPrimitives.ReadUInt32LittleEndian(content[1..]), content, bytes[^ReceiptKeys.SignatureBytes..]);
        if (fault != ReceiptFault.None) return fault;

        int classes = BinaryPrimitives.ReadUInt16LittleEndian(content[77..]), at = Head + AnswerBytes(classes);
        if (content.Length <= at || content.Length != at + 1 + content[at]) return ReceiptFault.Unreadable;
        ulong[] set = new ulong[LabelSet.WordsFor(classes)];
        Interval answer;
        if (classes == 0)
        {
            answer = new Interval(BinaryPrimitives.ReadDoubleLittleEndian(content[Head..]), BinaryPrimitives.ReadDoubleLittleEndian(content[(Head + 8)..]));
        }
        else
        {
            for (int b = 0; b < AnswerBytes(classes); b++) set[b >> 3] |= (ulong)content[Head + b] << (b & 7) * 8;
            answer = new Interval(0, new LabelSet(set, classes).Count);
        }

        receipt = new Receipt
        {
            Id = new Guid(content.Slice(5, IdBytes), bigEndian: true),
            IssuedAt = DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64LittleEndian(content[21..])),
            Version = Convert.ToHexStringLower(content.Slice(29, VersionBytes)),
            Coverage = new Coverage(BinaryPrimitives.ReadDoubleLittleEndian(content[61..])),
            Prediction = BinaryPrimitives.ReadDoubleLittleEndian(content[69..]),
            Answer = answer,
            Set = set,
            Classes = classes,
            Group = content[at] == 0 ? null : Encoding.UTF8.GetString(content[(at + 1)..]),
        };
        return ReceiptFault.None;
    }

    private static int AnswerBytes(int classes) => classes == 0 ? 16 : (classes + 7) / 8;
}

/// <summary>What the receipts of one request share.</summary>
internal readonly ref struct ReceiptHead(ReadOnlySpan<byte> version, long issuedMilliseconds, Coverage coverage, int classes)
{
    /// <summary>SHA-256 of the version's manifest.</summary>
    public ReadOnlySpan<byte> Version { get; } = version;

    public long IssuedMilliseconds { get; } = issuedMilliseconds;

    public Coverage Coverage { get; } = coverage;

    public int Classes { get; } = classes;
}
