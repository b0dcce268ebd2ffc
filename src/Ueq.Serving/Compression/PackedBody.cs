using System.Globalization;
using System.IO.Compression;

namespace Ueq.Serving.Compression;

/// <summary>The bytes that a compressed body stands for, unpacked as they are read, so that no more of them is ever held than was asked for.</summary>
/// <remarks>
/// Who collects a body has a limit of bytes; a stream of rows has none, and small input could stand for work without end. So a
/// body may unpack to <see cref="FreeBytes"/>, and beyond that to <see cref="MostTimes"/> times what was sent.
/// </remarks>
internal sealed class PackedBody : Stream
{
    private const int MostTimes = 200;
    private const long FreeBytes = 64 << 20;

    private readonly Counted _sent;
    private readonly Stream _unpacked;
    private readonly string _encoding;
    private long _bytes;

    private PackedBody(Counted sent, Stream unpacked, string encoding)
    {
        _sent = sent;
        _unpacked = unpacked;
        _encoding = encoding;
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>A body unpacked; <c>null</c> where the encoding is not known.</summary>
    public static PackedBody? Of(Stream body, string encoding)
    {
        Counted sent = new(body);
        Stream? unpacked = encoding.ToLowerInvariant() switch
        {
            "gzip" or "x-gzip" => new GZipStream(sent, CompressionMode.Decompress),
            "br" => new BrotliStream(sent, CompressionMode.Decompress),
            "deflate" => new ZLibStream(sent, CompressionMode.Decompress),
            _ => null,
        };
        return unpacked is null ? null : new PackedBody(sent, unpacked, encoding);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read;
        try
        {
            read = await _unpacked.ReadAsync(buffer, cancellationToken);
        }
        // Brotli's fault is an InvalidOperationException, and some of zlib's are of a type that has no public name.
        catch (Exception damaged) when (damaged is InvalidDataException or InvalidOperationException || damaged.GetType().Namespace == typeof(ZLibStream).Namespace)
        {
            throw RefusalException.BadRequest($"Content-Encoding: expected a body in {_encoding}, got one that is damaged or cut off");
        }

        _bytes += read;
        if (_bytes > FreeBytes && _bytes / MostTimes > _sent.Bytes)
            throw RefusalException.TooLarge(string.Create(CultureInfo.InvariantCulture, $"Content-Encoding: expected a body that unpacks to at most {MostTimes} times its size, got more"));
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("a body is read without blocking a thread");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await _unpacked.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _unpacked.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>A body that counts what was read of it.</summary>
    private sealed class Counted(Stream body) : Stream
    {
        public long Bytes { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int read = await body.ReadAsync(buffer, cancellationToken);
            Bytes += read;
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
