using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.IO.Pipelines;

namespace Ueq.Serving.Streams;

/// <summary>What a message of an Arrow stream is.</summary>
internal enum ArrowMessage : byte
{
    None,
    Schema,
    DictionaryBatch,
    RecordBatch,

    /// <summary>The stream has ended; the format has no number for it.</summary>
    End = byte.MaxValue,
}

/// <summary>The messages of an Arrow IPC stream, one after the other in the same memory.</summary>
/// <remarks>What a message says of its length is a claim: it is held against the limit first, and room is made as bytes arrive.</remarks>
internal sealed class ArrowFrames(PipeReader reader, Grown<byte> bytes, int limit)
{
    private const int Continuation = -1;
    private const int Prefix = 8;

    // The versions of the format since it is stable: V4 and V5.
    private const short OldestVersion = 3, NewestVersion = 4;

    private int _metadata, _body;

    /// <summary>Number of messages read, the one at hand included.</summary>
    public long Count { get; private set; }

    /// <summary>What the message at hand says.</summary>
    public ReadOnlySpan<byte> Metadata => bytes.Span(Prefix + _metadata)[Prefix..];

    /// <summary>The values of the message at hand.</summary>
    public ReadOnlySpan<byte> Body => bytes.Span(Prefix + _metadata + _body)[(Prefix + _metadata)..];

    /// <summary>Reads the next message. What follows the end of a stream is passed over, as Arrow's own readers do.</summary>
    /// <exception cref="InvalidDataException">The bytes are no message.</exception>
    /// <exception cref="RefusalException">The message is larger than allowed.</exception>
    public async ValueTask<ArrowMessage> Next(CancellationToken gone)
    {
        Count++;
        // Version 0.14 and before had no continuation: 4 bytes of length alone, which may be the stream's last ones.
        int began = await Collect(0, 4, gone);
        if (began == 0) return ArrowMessage.End;
        if (began < 4) throw CutOff();
        int length = Int32(0);
        if (length == 0) return ArrowMessage.End;
        if (length != Continuation) throw new InvalidDataException($"expected an Arrow IPC stream, whose messages begin with FF FF FF FF, got {Convert.ToHexString(bytes.Span(4))}");
        await Require(4, 4, gone);
        length = Int32(4);
        if (length == 0) return ArrowMessage.End;
        if (length < 0) throw new InvalidDataException($"expected a length of its metadata, got {length}");
        Allow(length);
        await Require(Prefix, length, gone);
        _metadata = length;
        long body = Describe(out ArrowMessage kind);
        if (body < 0) throw new InvalidDataException($"expected a length of its body, got {body}");
        Allow(length + body);
        _body = (int)body;
        await Require(Prefix + length, _body, gone);
        return kind;
    }

    private long Describe(out ArrowMessage kind)
    {
        FlatTable message = FlatTable.Root(Metadata);
        short version = message.Int16(0);
        if (version is < OldestVersion or > NewestVersion) throw new InvalidDataException($"expected metadata of version V4 or V5, got {version + 1}");
        kind = (ArrowMessage)message.Byte(1);
        return message.Int64(3);
    }

    private int Int32(int at) => BinaryPrimitives.ReadInt32LittleEndian(bytes.Span(at + 4)[at..]);

    private void Allow(long length)
    {
        if (length > limit) throw RefusalException.TooLarge(string.Create(CultureInfo.InvariantCulture, $"expected at most {limit} bytes, got {length}; send smaller batches"));
    }

    private static InvalidDataException CutOff() => new("the stream is cut off within it");

    private async ValueTask Require(int start, int length, CancellationToken gone)
    {
        if (await Collect(start, length, gone) < length) throw CutOff();
    }

    private async ValueTask<int> Collect(int start, int length, CancellationToken gone)
    {
        int have = 0;
        while (have < length)
        {
            ReadResult read = await reader.ReadAsync(gone);
            ReadOnlySequence<byte> more = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, length - have));
            bytes.Reserve(start + have + (int)more.Length);
            more.CopyTo(bytes.Span(start + have + (int)more.Length)[(start + have)..]);
            have += (int)more.Length;
            reader.AdvanceTo(more.End);
            if (read.IsCompleted && more.Length == read.Buffer.Length) break;
        }

        return have;
    }
}
