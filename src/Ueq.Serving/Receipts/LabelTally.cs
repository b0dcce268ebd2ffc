namespace Ueq.Serving.Receipts;

/// <summary>What became of labels since the start of the process.</summary>
internal sealed class LabelTally
{
    private readonly long[] _rejected = new long[Enum.GetValues<ReceiptFault>().Length];
    private long _accepted, _duplicates, _refused;

    public long Accepted => Interlocked.Read(ref _accepted);

    public long Duplicates => Interlocked.Read(ref _duplicates);

    /// <summary>Labels that were sent away because too many waited or the store could not take them.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    public long Rejected(ReceiptFault fault) => Interlocked.Read(ref _rejected[(int)fault]);

    public void Answered(long accepted, long duplicates)
    {
        Interlocked.Add(ref _accepted, accepted);
        Interlocked.Add(ref _duplicates, duplicates);
    }

    public void Reject(ReceiptFault fault) => Interlocked.Increment(ref _rejected[(int)fault]);

    public void Refuse(long labels) => Interlocked.Add(ref _refused, labels);
}
