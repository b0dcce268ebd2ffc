namespace Ueq.Client.Sending;

/// <summary>How many repetitions may still be made, over all calls: each call adds a share of one, each repetition takes one.</summary>
internal sealed class RetryBudget(double share, int reserve)
{
    private const double Unit = 1000;

    private readonly long _most = (long)(reserve * Unit);
    private readonly long _deposit = (long)(share * Unit);
    private long _held = (long)(reserve * Unit);

    public void Deposit()
    {
        long held = Interlocked.Read(ref _held);
        while (held < _most)
        {
            long seen = Interlocked.CompareExchange(ref _held, Math.Min(held + _deposit, _most), held);
            if (seen == held) return;
            held = seen;
        }
    }

    public bool TryTake()
    {
        long held = Interlocked.Read(ref _held);
        while (held >= Unit)
        {
            long seen = Interlocked.CompareExchange(ref _held, held - (long)Unit, held);
            if (seen == held) return true;
            held = seen;
        }

        return false;
    }
}
