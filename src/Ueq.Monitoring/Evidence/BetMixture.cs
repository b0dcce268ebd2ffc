using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Ueq.Monitoring;

/// <summary>Twelve bets against uniform p-values, mixed by what they have earned.</summary>
/// <remarks>
/// Bets: 1; 1 + e(p − ½) for e in ±½, ±1, ±1.9, which win when values shift; 1 + e(6p² − 6p + 1) for e in −0.9, −½, ½, 1, 1.9, which
/// win when they spread or gather. Each is a density on [0, 1], so each step's ratio has expectation one under no change. Weights
/// follow the earnings and share 0.001 of the capital equally at each step (Herbster and Warmuth 1998), so that no bet is ever lost.
/// </remarks>
internal struct BetMixture
{
    public const int Bets = 12;
    private const double ShareRate = 1e-3;

    private static readonly Vector256<double> Slope0 = Vector256.Create(0, 0.5, -0.5, 1), Slope1 = Vector256.Create(-1, 1.9, -1.9, 0);
    private static readonly Vector256<double> Curve1 = Vector256.Create(0, 0, 0, -0.9), Curve2 = Vector256.Create(-0.5, 0.5, 1, 1.9);
    private Vector256<double> _w0, _w1, _w2;

    public static BetMixture Start()
    {
        Vector256<double> equal = Vector256.Create(1.0 / Bets);
        return new BetMixture { _w0 = equal, _w1 = equal, _w2 = equal };
    }

    /// <summary>The factor by which the mixture's capital grows on this p-value; above zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double Step(double p)
    {
        Vector256<double> linear = Vector256.Create(p - 0.5), square = Vector256.Create(6 * p * (p - 1) + 1), one = Vector256.Create(1.0);
        Vector256<double> e0 = _w0 * (one + Slope0 * linear);
        Vector256<double> e1 = _w1 * (one + Slope1 * linear + Curve1 * square);
        Vector256<double> e2 = _w2 * (one + Curve2 * square);
        double ratio = Vector256.Sum(e0 + e1 + e2);
        Vector256<double> keep = Vector256.Create((1 - ShareRate) / ratio), share = Vector256.Create(ShareRate / Bets);
        _w0 = e0 * keep + share;
        _w1 = e1 * keep + share;
        _w2 = e2 * keep + share;
        return ratio;
    }

    public readonly void CopyTo(Span<double> weights)
    {
        _w0.CopyTo(weights);
        _w1.CopyTo(weights[4..]);
        _w2.CopyTo(weights[8..]);
    }

    public static BetMixture From(ReadOnlySpan<double> weights) => new()
    {
        _w0 = Vector256.Create(weights),
        _w1 = Vector256.Create(weights[4..]),
        _w2 = Vector256.Create(weights[8..]),
    };
}
