using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Ueq.Client.Streams;

/// <summary>A stream of rows as requests of some hundred rows each, several under way at a time, answers in the order of the rows.</summary>
/// <remarks>
/// HTTP/1.1 clients of .NET do not read an answer before they have sent the whole request, so one endless request would stop dead as soon as
/// both sides wait for each other. Requests of a bounded size cannot, can go to several addresses, and can be repeated.
/// </remarks>
internal sealed class ChunkedStream(Sender sender, IChunkSource source, LargeOptions options, IProgress<LargeProgress>? progress)
{
    private readonly string _path = RequestWriter.StreamPath(options.Predict);
    private long _rowsRead, _bytesRead;

    public async IAsyncEnumerable<RowAnswer> RunAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        // A place is free again when the caller has taken the answers, so a slow caller stops the reading of rows.
        using SemaphoreSlim places = new(options.RequestsInFlight);
        Channel<Task<RowAnswer[]>> answers = Channel.CreateUnbounded<Task<RowAnswer[]>>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        Task sending = SendAll(answers.Writer, places, stop.Token);
        long answered = 0, failed = 0;
        try
        {
            await foreach (Task<RowAnswer[]> pending in answers.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                RowAnswer[] chunk;
                try
                {
                    chunk = await pending.ConfigureAwait(false);
                }
                catch (UeqClientException fault)
                {
                    throw fault.After(answered);
                }

                foreach (RowAnswer row in chunk)
                {
                    answered++;
                    if (row.Error is not null) failed++;
                    yield return row;
                }

                places.Release();
                progress?.Report(new LargeProgress(Interlocked.Read(ref _rowsRead), answered, failed, Interlocked.Read(ref _bytesRead)));
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await sending.ConfigureAwait(false);
            while (answers.Reader.TryRead(out Task<RowAnswer[]>? left)) await ((Task)left).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Whatever goes wrong with the source is for the reader, after the answers to what came before.
    private async Task SendAll(ChannelWriter<Task<RowAnswer[]>> answers, SemaphoreSlim places, CancellationToken cancellation)
    {
        try
        {
            await using IAsyncEnumerator<Chunk> chunks = source.ReadAsync(options.RowsPerRequest, cancellation).GetAsyncEnumerator(cancellation);
            while (true)
            {
                await places.WaitAsync(cancellation).ConfigureAwait(false);
                if (!await chunks.MoveNextAsync().ConfigureAwait(false)) break;
                Chunk chunk = chunks.Current;
                Interlocked.Add(ref _rowsRead, chunk.Rows);
                Interlocked.Add(ref _bytesRead, chunk.Body.Length);
                answers.TryWrite(SendAsync(chunk, cancellation));
            }

            answers.Complete();
        }
#pragma warning disable CA1031 // It is thrown where the answers are read.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            answers.Complete(fault);
        }
    }

    private Task<RowAnswer[]> SendAsync(Chunk chunk, CancellationToken cancellation) => sender.SendAsync(
        new Exchange<RowAnswer[]>(HttpMethod.Post, _path, answer => Read(answer.Body, chunk)) { Body = chunk.Body, ContentType = "application/x-ndjson", MayHedge = true },
        cancellation);

    private static RowAnswer[] Read(ReadOnlySpan<byte> body, Chunk chunk)
    {
        RowAnswer[] answers = new RowAnswer[chunk.Rows];
        int row = 0;
        while (body.IndexOf((byte)'\n') is >= 0 and var end && row < answers.Length)
        {
            answers[row] = AnswerReader.ReadLine(body[..end], chunk.FirstRow + row);
            body = body[(end + 1)..];
            row++;
        }

        // The last line counts the rows, so what lacks it was cut off.
        if (row < answers.Length || body.IndexOf("\"status\""u8) < 0) throw new InvalidDataException($"expected {answers.Length} answers and a last line with the status, got {row}");
        return answers;
    }
}
