using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;
using Ueq.Online;

namespace Ueq.Serving.Receipts;

/// <summary>A receipt as text: base64url of a layout with a version, signed.</summary>
/// <remarks>
/// Layout 1, little-endian: layout (1 byte), key (4), id (16), issued in Unix milliseconds (8), version (32), coverage (8), prediction (8),
/// classes (2); then lower and upper (8 + 8), or the set, a bit per class in whole bytes; length of the group (1) and its UTF-8;
/// the first 16 bytes of HMAC-SHA256 over all that. Layout 2 has behind the group what an experiment's analysis takes: 1 for an arm that
/// answers, 2 where another computes in its shadow (1), bucket of the user (1), and length (1) and UTF-8 of experiment and arm, with a zero
/// byte between them. Layouts 3 and 4 are 1 and 2 with the miss of the online level (8) right behind the group; coverage stays the one that was
/// asked for.
/// </remarks>
internal static class ReceiptText
{
    public const int MostGroupBytes = 64;
    public const int VersionBytes = 32;
    public const int IdBytes = 16;

    /// <summary>Classes up to which label sets fit a receipt.</summary>
    public const int MostClasses = 8192;

    private const byte Layout = 1, LayoutWithArm = 2, LayoutOnline = 3, LayoutOnlineWithArm = 4;
    private const byte Answers = 1, IsShadowed = 2;
    private const int ArmBytes = 3 + 64 + 1 + Experiments.ExperimentRules.MostReferenceBytes;
    private const int Head = 1 + 4 + IdBytes + 8 + VersionBytes + 8 + 8 + 2;

    /// <summary>Bytes that any receipt of this many classes takes before it is text.</summary>
    public static int Room(int classes) => Head + AnswerBytes(classes) + 1 + MostGroupBytes + sizeof(double) + ArmBytes + ReceiptKeys.SignatureBytes;

    /// <summary>Writes a receipt; returns the number of characters.</summary>
    public static int Write(
        ReceiptKeys keys, in ReceiptHead head, ReadOnlySpan<byte> id, double prediction, Interval interval, ReadOnlySpan<ulong> set, ReadOnlySpan<byte> group,
        Span<byte> destination)
    {
        Span<byte> bytes = stackalloc byte[Room(head.Classes)];
        bytes[0] = head.Online is null ? head.Arm.IsEmpty ? Layout : LayoutWithArm : head.Arm.IsEmpty ? LayoutOnline : LayoutOnlineWithArm;
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
        if (head.Online is { } online)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(bytes[at..], online.Miss);
            at += sizeof(double);
        }

        if (!head.Arm.IsEmpty)
        {
            bytes[at++] = head.Shadow == ArmShadow.Waits ? IsShadowed : Answers;
            bytes[at++] = head.Bucket;
            bytes[at++] = (byte)head.Arm.Length;
            head.Arm.CopyTo(bytes[at..]);
            at += head.Arm.Length;
        }

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
        if (length < Head + 1 + ReceiptKeys.SignatureBytes || bytes[0] is < Layout or > LayoutOnlineWithArm) return ReceiptFault.Unreadable;

        // Nothing of a receipt is believed before its signature is.
        ReadOnlySpan<byte> content = bytes[..^ReceiptKeys.SignatureBytes];
        ReceiptFault fault = keys.Check(BinaryPrimitives.ReadUInt32LittleEndian(content[1..]), content, bytes[^ReceiptKeys.SignatureBytes..]);
        if (fault != ReceiptFault.None) return fault;

        int classes = BinaryPrimitives.ReadUInt16LittleEndian(content[77..]), at = Head + AnswerBytes(classes);
        if (content.Length <= at || content.Length < at + 1 + content[at]) return ReceiptFault.Unreadable;
        ReadOnlySpan<byte> group = content.Slice(at + 1, content[at]), rest = content[(at + 1 + group.Length)..];
        double miss = double.NaN;
        if (content[0] is LayoutOnline or LayoutOnlineWithArm)
        {
            if (rest.Length < sizeof(double)) return ReceiptFault.Unreadable;
            miss = BinaryPrimitives.ReadDoubleLittleEndian(rest);
            rest = rest[sizeof(double)..];
        }

        if (content[0] is Layout or LayoutOnline ? rest.Length > 0 : rest.Length < 3 || rest.Length != 3 + rest[2]) return ReceiptFault.Unreadable;
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
            OnlineMiss = miss,
            Prediction = BinaryPrimitives.ReadDoubleLittleEndian(content[69..]),
            Answer = answer,
            Set = set,
            Classes = classes,
            Group = group.IsEmpty ? null : Encoding.UTF8.GetString(group),
            Arm = rest.IsEmpty ? null : ArmOf(rest),
        };
        return ReceiptFault.None;
    }

    private static ReceiptArm ArmOf(ReadOnlySpan<byte> rest)
    {
        ReadOnlySpan<byte> names = rest[3..];
        int end = names.IndexOf((byte)0);
        return new ReceiptArm(Encoding.UTF8.GetString(names[..Math.Max(end, 0)]), Encoding.UTF8.GetString(names[(end + 1)..]), rest[1], rest[0] == IsShadowed ? ArmShadow.Waits : ArmShadow.None);
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

    /// <summary>Experiment and arm, with a zero byte between; empty outside of experiments.</summary>
    public ReadOnlySpan<byte> Arm { get; init; }

    public ArmShadow Shadow { get; init; }

    /// <summary>The online level that the answers were made at; <c>null</c> where they were made for the coverage itself.</summary>
    public OnlineLevel? Online { get; init; }

    /// <summary>Bucket of the user.</summary>
    public byte Bucket { get; init; }
}
