using System.Runtime.CompilerServices;

namespace Ueq.Monitoring;

/// <summary>A bet against a miss rate: capital that starts at one and can grow only by luck while the rate holds.</summary>
/// <remarks>
/// <para>
/// K_t = ∏(1 + λ_t(miss_t − m)), λ_t from the past only: the mean of seven bets, each the likelihood ratio of a rate with other odds
/// (×1.15 to ×10, or their inverse), and of none at all, weighted by what each has earned. At step t the share 1/(t + 64) of the
/// capital goes round, so that no bet is ever lost and a change after a million labels is noticed as well: what is idle costs only
/// the logarithm of the time.
/// </para>
/// <para>
/// While misses come with probability at most m given the past (at least m for the inverse), K is a supermartingale and
/// P(K ever reaches 1/a) ≤ a (Ville 1939; Waudby-Smith and Ramdas 2024; shares as Herbster and Warmuth 1998).
/// </para>
/// </remarks>
internal struct CoverageBet
{
    public const int Bets = 8;

    private const int Shared = 64;
    private const double Idle = 0.5;

    private static readonly double[] Odds = [1.15, 1.35, 1.7, 2.2, 3, 5, 10];

    private Slots _onMiss, _onHit, _weights;

    private CoverageBet(double missRate, double exponent)
    {
        _onMiss[0] = _onHit[0] = 1;
        for (int i = 1; i < Bets; i++)
        {
            double odds = missRate / (1 - missRate) * Math.Pow(Odds[i - 1], exponent), other = odds / (1 + odds);
            _onMiss[i] = other / missRate;
            _onHit[i] = (1 - other) / (1 - missRate);
        }

        Restart();
    }

    /// <summary>A bet that wins when there are more misses than the rate says.</summary>
    public static CoverageBet OnMore(double missRate) => new(missRate, 1);

    /// <summary>A bet that wins when there are fewer.</summary>
    public static CoverageBet OnFewer(double missRate) => new(missRate, -1);

    /// <summary>Natural logarithm of the capital.</summary>
    public double LogCapital { get; private set; }

    /// <summary>Labels since the start.</summary>
    public long Labels { get; private set; }

    /// <summary>How far the capital may be counted as changed by one miss: λ_t·(1 − m), known before the label.</summary>
    public readonly double Stake
    {
        get
        {
            double sum = 0;
            for (int i = 0; i < Bets; i++) sum += _weights[i] * (_onMiss[i] - 1);
            return sum;
        }
    }

    public void Restart()
    {
        LogCapital = 0;
        Labels = 0;
        _weights[0] = Idle;
        for (int i = 1; i < Bets; i++) _weights[i] = (1 - Idle) / (Bets - 1);
    }

    public void Add(LabelOutcome outcome)
    {
        ref readonly Slots ratios = ref _onHit;
        if (outcome == LabelOutcome.Missed) ratios = ref _onMiss;
        double capital = 0;
        for (int i = 0; i < Bets; i++)
        {
            _weights[i] *= ratios[i];
            capital += _weights[i];
        }

        Labels++;
        LogCapital += Math.Log(capital);
        double share = 1.0 / (Labels + Shared), keep = (1 - share) / capital, given = share / Bets;
        for (int i = 0; i < Bets; i++) _weights[i] = _weights[i] * keep + given;
    }

    public readonly void Save(TallyWriter state)
    {
        state.Number(LogCapital);
        state.Whole(Labels);
        for (int i = 0; i < Bets; i++) state.Number(_weights[i]);
    }

    public void Restore(ref TallyReader state, string place)
    {
        LogCapital = state.Finite(place + ".log_capital");
        Labels = state.Count(place + ".labels");
        double sum = 0;
        for (int i = 0; i < Bets; i++) sum += _weights[i] = state.Share(place + ".weights");
        if (Math.Abs(sum - 1) > 1e-6) throw TallyReader.Damaged(place + ".weights", "expected the sum 1", sum);
    }

    [InlineArray(Bets)]
    private struct Slots
    {
        private double _first;
    }
}
