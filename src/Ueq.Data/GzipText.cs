using System.IO.Compression;

namespace Ueq.Data;

/// <summary>The decompressed content of a gzip file, which must be whole.</summary>
/// <remarks>
/// The framework's decompressor takes a file that was cut short for one that ended. So a small gzip member of our own is fed after the
/// file: only when every member of the file was complete does its text come out last. It is held back and checked at the end.
/// </remarks>
internal sealed class GzipText : Stream
{
    private const int BufferSize = 1 << 16;
    private static readonly byte[] Mark = MakeMark();
    private static readonly byte[] Seal = MakeSeal();

    private readonly GZipStream _gzip;
    private readonly byte[] _buffer = new byte[BufferSize];
    private int _start, _end;
    private bool _ended;

    public GzipText(Stream file) => _gzip = new GZipStream(new Sealed(file), CompressionMode.Decompress);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        while (!_ended && _end - _start <= Mark.Length) Fill();
        int ready = Math.Min(_end - _start - (_ended ? 0 : Mark.Length), buffer.Length);
        _buffer.AsSpan(_start, ready).CopyTo(buffer);
        _start += ready;
        return ready;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) _gzip.Dispose();
        base.Dispose(disposing);
    }

    private void Fill()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
        int read = _gzip.Read(_buffer, _end, _buffer.Length - _end);
        _end += read;
        if (read > 0) return;
        _ended = true;
        if (_end < Mark.Length || !_buffer.AsSpan(_end - Mark.Length, Mark.Length).SequenceEqual(Mark))
            throw new InvalidDataException("The gzip data is cut short or followed by other bytes.");
        _end -= Mark.Length;
    }

    // Repetitive, so that its compressed form does not contain it.
    private static byte[] MakeMark()
    {
        byte[] mark = new byte[64];
        for (int i = 0; i < mark.Length; i++) mark[i] = (byte)(0xF8 | i & 3);
        return mark;
    }

    private static byte[] MakeSeal()
    {
        using MemoryStream memory = new();
        using (GZipStream gzip = new(memory, CompressionLevel.Optimal)) gzip.Write(Mark);
        return memory.ToArray();
    }

    /// <summary>The bytes of the file followed by the seal.</summary>
    private sealed class Sealed(Stream file) : Stream
    {
        private int _sealed;
        private bool _fileEnded;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            int read = _fileEnded ? 0 : file.Read(buffer);
            if (read > 0 || buffer.IsEmpty) return read;
            _fileEnded = true;
            read = Math.Min(buffer.Length, Seal.Length - _sealed);
            Seal.AsSpan(_sealed, read).CopyTo(buffer);
            _sealed += read;
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) file.Dispose();
            base.Dispose(disposing);
        }
    }
}
