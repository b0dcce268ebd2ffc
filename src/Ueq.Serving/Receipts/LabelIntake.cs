using Microsoft.AspNetCore.Http;
using Ueq.Storage;

namespace Ueq.Serving.Receipts;

/// <summary>The way of labels into the ledger: checked, bounded, and on the disk before they are acknowledged.</summary>
/// <remarks>
/// Signatures are checked for one request at a time, in slices, so that a flood of labels leaves the other processors to predictions.
/// Requests that wait for the disk share its transactions.
/// </remarks>
internal sealed class LabelIntake(StoreKeeper keeper, ModelCatalog models, ReceiptIssuer issuer, LabelKeeper labels, UeqServiceConfig config, TimeProvider time)
    : IDisposable
{
    private const int Slice = 256;

    // A service that has just begun answers before its store is open.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly LabelScoring _scoring = new(issuer, config, time);
    private readonly SemaphoreSlim _checking = new(1);
    private long _waiting;

    public LabelTally Tally { get; } = new();

    /// <summary>Labels that may wait for the disk at a time; one request may always.</summary>
    public long MostWaiting { get; set; } = 100_000;

    public void Dispose() => _checking.Dispose();

    public long Waiting => Interlocked.Read(ref _waiting);

    /// <exception cref="RefusalException">Too many labels wait.</exception>
    /// <exception cref="IOException">The store failed; nothing is promised of these labels.</exception>
    public async Task<IntakeResult> TakeAsync(List<FeedbackItem> items)
    {
        long waiting = Interlocked.Add(ref _waiting, items.Count);
        try
        {
            if (waiting > MostWaiting && waiting != items.Count)
                throw new RefusalException(StatusCodes.Status503ServiceUnavailable, $"{waiting - items.Count} labels wait to be stored, which is enough; try again later");
            (List<LabelRecord> records, List<(int, ReceiptFault)> rejected) = await Check(items);
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
        catch (Exception failure) when (failure is RefusalException or IOException)
        {
            Tally.Refuse(items.Count);
            throw;
        }
        finally
        {
            Interlocked.Add(ref _waiting, -items.Count);
        }
    }

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

    private async Task<(List<LabelRecord> Records, List<(int Index, ReceiptFault Fault)> Rejected)> Check(List<FeedbackItem> items)
    {
        List<LabelRecord> records = new(items.Count);
        List<(int, ReceiptFault)> rejected = [];
        await _checking.WaitAsync();
        try
        {
            for (int i = 0; i < items.Count; i++)
            {
                if (i > 0 && i % Slice == 0) await Task.Yield();
                if (_scoring.Score(items[i], models, out ReceiptFault fault) is { } record) records.Add(record);
                else rejected.Add((i, fault));
            }
        }
        finally
        {
            _checking.Release();
        }

        return (records, rejected);
    }
}

/// <summary>What became of the labels of one request.</summary>
internal readonly record struct IntakeResult(long Accepted, long Duplicates, IReadOnlyList<(int Index, ReceiptFault Fault)> Rejected);
