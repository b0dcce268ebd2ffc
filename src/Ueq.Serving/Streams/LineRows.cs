using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;

namespace Ueq.Serving.Streams;

/// <summary>The rows of an NDJSON stream, one per line.</summary>
/// <param name="reader">The body.</param>
/// <param name="schema">The columns of a row.</param>
/// <param name="work">Receives the features.</param>
/// <param name="size">Lines that are predicted together at most.</param>
internal sealed class LineRows(PipeReader reader, FeatureSchema schema, PredictWork work, int size) : IStreamRows
{
    private const int LongestLine = 1 << 20;

    private ReadOnlySequence<byte> _buffer;
    private SequencePosition _seen;
    private bool _isReading, _isLast, _isSkipping;

    public string Place => "line";

    public long Read { get; private set; }

    public async ValueTask<bool> Fill(StreamBatch batch, CancellationToken gone)
    {
        while (true)
        {
            if (_isReading)
            {
                Take(batch);
                if (batch.Count >= size) return true;
                _isReading = false;
                reader.AdvanceTo(_buffer.Start, _seen);
                // What has come is answered before more is waited for.
                if (batch.Count > 0) return true;
            }

            if (_isLast) return false;
            ReadResult read = await reader.ReadAsync(gone);
            _isReading = true;
            _isLast = read.IsCompleted;
            _buffer = read.Buffer;
            _seen = read.Buffer.End;
        }
    }

    private void Take(StreamBatch batch)
    {
        while (batch.Count < size && LineReader.TryTake(ref _buffer, _isLast ? LastPart.IsLast : LastPart.MoreFollows, out ReadOnlySequence<byte> line))
        {
            // The rest of a line that was too long.
            if (_isSkipping) _isSkipping = false;
            else Take(batch, line);
        }

        if (batch.Count >= size || (!_isSkipping && _buffer.Length <= LongestLine)) return;
        if (!_isSkipping) Take(batch, _buffer);
        _isSkipping = true;
        _buffer = _buffer.Slice(_buffer.End);
    }

    private void Take(StreamBatch batch, ReadOnlySequence<byte> line)
    {
        Read++;
        if (line.Length > LongestLine)
        {
            batch.Refuse(Read, string.Create(CultureInfo.InvariantCulture, $"$: expected a line of at most {LongestLine} bytes"));
        }
        else if (line.IsSingleSegment)
        {
            Take(batch, line.FirstSpan);
        }
        else
        {
            int length = (int)line.Length;
            work.Body.Reserve(length);
            line.CopyTo(work.Body.Span(length));
            Take(batch, work.Body.Span(length));
        }
    }

    private void Take(StreamBatch batch, ReadOnlySpan<byte> line)
    {
        if (Read == 1 && line.StartsWith(PredictReader.ByteOrderMark)) line = line[PredictReader.ByteOrderMark.Length..];
        if (LineReader.IsBlank(line)) return;
        int width = schema.Width;
        work.Features.Reserve((work.Rows + 1) * width);
        try
        {
            LineReader.Read(line, schema, work.Features.Span((work.Rows + 1) * width)[(work.Rows * width)..], work.Groups, work.Rows);
            batch.Add(Read);
        }
        catch (RefusalException refusal)
        {
            work.Groups.Cut(work.Rows);
            batch.Refuse(Read, refusal.Message);
        }
    }
}
