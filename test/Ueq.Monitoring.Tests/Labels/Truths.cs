using Ueq.Versions;

namespace Ueq.Monitoring.Tests;

/// <summary>Labels whose misses come with a known probability.</summary>
internal sealed class Truths(ulong stream)
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    private Rng _rng = Rng.Stream(20260301, stream);
    private long _count;

    public static Guarantee Promise(int count) => new(GuaranteeKind.SplitConformal, default, default(Coverage).Rank(count), count);

    public static CoverageMonitor Monitor(int count = 200, CoverageOptions? options = null, string ledger = "ledger", ModelTask task = ModelTask.Regression) =>
        new(CoverageTolerance.From(Promise(count)), task, options ?? new(), ledger);

    /// <summary>A label of the interval (−1, 1), a minute after the one before, that came half an hour after its answer.</summary>
    public LabelledAnswer Next(double missRate, string? group = null)
    {
        bool missed = _rng.NextUniform() < missRate;
        double y = missed ? 1 + _rng.NextUniform() : 2 * _rng.NextUniform() - 1;
        DateTimeOffset issued = Start.AddMinutes(_count++);
        return new(issued, issued.AddMinutes(30), group, default, 0, new Interval(-1, 1), y, missed ? LabelOutcome.Missed : LabelOutcome.Covered);
    }

    /// <summary>A coverage that split conformal may deliver: Beta(k, n + 1 − k), as the k-th smallest of n uniform numbers.</summary>
    public double MissOfCalibration(int count)
    {
        double[] scores = new double[count];
        for (int i = 0; i < count; i++) scores[i] = _rng.NextUniform();
        Array.Sort(scores);
        return 1 - scores[default(Coverage).Rank(count) - 1];
    }

    /// <summary>The label at which a test alarms first; −1 if it does not.</summary>
    public int FirstAlarm(double tested, double missRate, int labels, double alarmProbability)
    {
        CoverageBet bet = CoverageBet.OnMore(tested);
        double threshold = -Math.Log(alarmProbability);
        for (int t = 1; t <= labels; t++)
        {
            bet.Add(_rng.NextUniform() < missRate ? LabelOutcome.Missed : LabelOutcome.Covered);
            if (bet.LogCapital >= threshold) return t;
        }

        return -1;
    }
}
