using Microsoft.AspNetCore.Http;
using Ueq.Storage;

namespace Ueq.Serving.Receipts;

/// <summary>The way of labels into the ledger: checked, bounded, and on the disk before they are acknowledged.</summary>
/// <remarks>
/// Bodies are read and signatures checked on one thread for all requests, beside those that answer predictions. Requests that wait for the
/// disk share its transactions.
/// </remarks>
internal sealed class LabelIntake(StoreKeeper keeper, ModelCatalog models, ReceiptIssuer issuer, LabelKeeper labels, LabelLane lane, UeqServiceConfig config, TimeProvider time)
{
    // A service that has just begun answers before its store is open.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly LabelScoring _scoring = new(issuer, config, time);
    private long _waiting;

    public LabelTally Tally { get; } = new();

    /// <summary>Bytes of labels that may wait at a time; one request may always.</summary>
    public long MostWaiting { get; set; } = 16 << 20;

    /// <summary>Bytes of labels that wait.</summary>
    public long Waiting => Interlocked.Read(ref _waiting);

    /// <summary>Takes the labels of a body.</summary>
    /// <exception cref="RefusalException">The body is not what it should be, or too many labels wait.</exception>
    /// <exception cref="IOException">The store failed; nothing is promised of these labels.</exception>
    public async Task<IntakeResult> TakeAsync(Grown<byte> body, int length)
    {
        Enter(body.Span(length));
        try
        {
            (List<LabelRecord> records, List<(int, ReceiptFault)> rejected) = await lane.Do(() => Check(FeedbackReader.Read(body.Span(length), config.MaxRows)));
            await Opened();
            long accepted = 0;
            if (records.Count > 0)
            {
                // Whoever leaves may come again with the same labels: they count once.
                IReadOnlyList<bool> isNew = await keeper.UseAsync(store => store.AppendLabelsAsync(records, CancellationToken.None));
                accepted = isNew.LongCount(n => n);
                labels.Wake();
            }

            Tally.Answered(accepted, records.Count - accepted);
            foreach ((int _, ReceiptFault fault) in rejected) Tally.Reject(fault);
            return new IntakeResult(accepted, records.Count - accepted, rejected);
        }
        catch (IOException)
        {
            Refuse(body.Span(length));
            throw;
        }
        finally
        {
            Interlocked.Add(ref _waiting, -length);
        }
    }

    private void Enter(ReadOnlySpan<byte> body)
    {
        long waiting;
        do
        {
            waiting = Waiting;
            if (waiting == 0 || waiting + body.Length <= MostWaiting) continue;
            Refuse(body);
            throw new RefusalException(StatusCodes.Status503ServiceUnavailable, $"{waiting} bytes of labels wait to be stored, which is enough; try again later");
        }
        while (Interlocked.CompareExchange(ref _waiting, waiting + body.Length, waiting) != waiting);
    }

    // They are sent away unread, so they are counted by how they are written.
    private void Refuse(ReadOnlySpan<byte> body) => Tally.Refuse(body.Count("\"receipt\""u8));

    private async Task Opened()
    {
        if (keeper.Opened.IsCompleted || keeper.Trouble is not null) return;
        try
        {
            await keeper.Opened.WaitAsync(Patience, time);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // Whoever uses the store now is told why it cannot be.
        }
    }

    private (List<LabelRecord> Records, List<(int Index, ReceiptFault Fault)> Rejected) Check(List<FeedbackItem> items)
    {
        List<LabelRecord> records = new(items.Count);
        List<(int, ReceiptFault)> rejected = [];
        for (int i = 0; i < items.Count; i++)
        {
            if (_scoring.Score(items[i], models, out ReceiptFault fault) is { } record) records.Add(record);
            else rejected.Add((i, fault));
        }

        return (records, rejected);
    }
}

/// <summary>What became of the labels of one request.</summary>
internal readonly record struct IntakeResult(long Accepted, long Duplicates, IReadOnlyList<(int Index, ReceiptFault Fault)> Rejected);
