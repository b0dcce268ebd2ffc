namespace Ueq.Testing;

/// <summary>A stream as a socket or a pipe is: it only reads or only writes, does not seek, does not know its length and gives little at a time.</summary>
internal sealed class OneWay : Stream
{
    private const int Most = 7;
    private readonly MemoryStream _inner;
    private readonly bool _reads;

    public OneWay() => _inner = new MemoryStream();

    public OneWay(byte[] content) => (_inner, _reads) = (new MemoryStream(content, writable: false), true);

    public byte[] Written => _inner.ToArray();

    public override bool CanRead => _reads;

    public override bool CanWrite => !_reads;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException("This stream does not know its length.");

    public override long Position
    {
        get => throw new NotSupportedException("This stream does not seek.");
        set => throw new NotSupportedException("This stream does not seek.");
    }

    public override int Read(byte[] buffer, int offset, int count) =>
        _reads ? _inner.Read(buffer, offset, Math.Min(Most, count)) : throw new NotSupportedException("This stream only writes.");

    public override void Write(byte[] buffer, int offset, int count)
    {
        if (_reads) throw new NotSupportedException("This stream only reads.");
        _inner.Write(buffer, offset, count);
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("This stream does not seek.");

    public override void SetLength(long value) => throw new NotSupportedException("This stream does not seek.");
}
