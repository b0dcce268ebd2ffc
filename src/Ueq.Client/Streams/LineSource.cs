using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Ueq.Client.Streams;

/// <summary>Rows that are lines of JSON already.</summary>
internal sealed class LineSource(Stream lines) : IChunkSource
{
    private const int LongestLine = 1 << 20;

    public async IAsyncEnumerable<Chunk> ReadAsync(int rowsPerChunk, [EnumeratorCancellation] CancellationToken cancellation)
    {
        PipeReader reader = PipeReader.Create(lines, new StreamPipeReaderOptions(leaveOpen: true));
        ArrayBufferWriter<byte> body = new();
        long first = 0, line = 0;
        int count = 0;
        while (true)
        {
            ReadResult read = await reader.ReadAsync(cancellation).ConfigureAwait(false);
            ReadOnlySequence<byte> rest = read.Buffer;
            while (TryTake(ref rest, read.IsCompleted, out ReadOnlySequence<byte> one))
            {
                line++;
                if (one.Length > LongestLine) throw TooLong(line);
                if (!Add(body, one, line)) continue;
                if (++count < rowsPerChunk && body.WrittenCount < IChunkSource.MostBytes) continue;
                yield return new Chunk(first, count, body.WrittenMemory.ToArray());
                first += count;
                count = 0;
                body.ResetWrittenCount();
            }

            if (rest.Length > LongestLine) throw TooLong(line + 1);
            reader.AdvanceTo(rest.Start, read.Buffer.End);
            if (read.IsCompleted) break;
        }

        await reader.CompleteAsync().ConfigureAwait(false);
        if (count > 0) yield return new Chunk(first, count, body.WrittenMemory.ToArray());
    }

    private static bool TryTake(ref ReadOnlySequence<byte> rest, bool isLast, out ReadOnlySequence<byte> line)
    {
        if (rest.PositionOf((byte)'\n') is { } end)
        {
            line = rest.Slice(0, end);
            rest = rest.Slice(rest.GetPosition(1, end));
            return true;
        }

        line = rest;
        if (!isLast || rest.IsEmpty) return false;
        rest = rest.Slice(rest.End);
        return true;
    }

    // A blank line has no answer, so it must not be sent: answers are counted against rows.
    private static bool Add(ArrayBufferWriter<byte> body, ReadOnlySequence<byte> line, long number)
    {
        Span<byte> into = body.GetSpan((int)line.Length + 1)[..((int)line.Length + 1)];
        line.CopyTo(into);
        into[^1] = (byte)'\n';
        ReadOnlySpan<byte> mark = [0xEF, 0xBB, 0xBF];
        if (number == 1 && into.StartsWith(mark)) into[..mark.Length].Fill((byte)' ');
        if (into[..^1].IndexOfAnyExcept(" \t\r"u8) < 0) return false;
        body.Advance(into.Length);
        return true;
    }

    private static InvalidDataException TooLong(long line) => new($"Line {line}: expected at most {LongestLine} bytes, got more.");
}
