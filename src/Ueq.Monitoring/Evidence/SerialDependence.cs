using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Ueq.Monitoring;

/// <summary>How much a p-value resembles the one before it more than one long before: what would void the guarantee.</summary>
/// <remarks>
/// 1 − Σ(pₜ − pₜ₋₁)² / Σ(pₜ − pₜ₋₃₂)², with exponential forgetting over about 5,000 values: von Neumann's ratio (1941) with the far lag
/// in place of the variance, so that a lasting change, which moves both lags alike, cancels. A first-order autoregression of
/// coefficient φ reads 1 − (1 − φ)/(1 − φ³²).
/// </remarks>
internal struct SerialDependence
{
    public const int FarLag = 32;
    private const double Memory = 5000;
    private const double Keep = 1 - 1 / Memory;
    // Near, far, weight, nothing.
    private Vector256<double> _sums;

    private SerialDependence(Vector256<double> sums) => _sums = sums;

    /// <summary>The resemblance; NaN before the first pair, 0 when nothing varies.</summary>
    public readonly double Value => Weight == 0 ? double.NaN : _sums[1] > 0 ? 1 - _sums[0] / _sums[1] : 0;

    /// <summary>Values that it rests on, at most <see cref="Memory"/>.</summary>
    public readonly double Weight => _sums[2];

    /// <summary>The standard error of <see cref="Value"/> when values are independent, for weights that fade.</summary>
    public readonly double Error => Math.Sqrt((2 - Weight / Memory) / Math.Max(Weight, 1));

    public readonly (double Near, double Far, double Weight) Sums => (_sums[0], _sums[1], _sums[2]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(double p, double before, double far)
    {
        Vector256<double> apart = Vector256.Create(p - before, p - far, 1, 0);
        _sums = _sums * Vector256.Create(Keep) + apart * apart;
    }

    /// <summary>The first where the condition holds, else the second, without a branch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SerialDependence Choose(bool first, in SerialDependence one, in SerialDependence other) =>
        new(Vector256.ConditionalSelect(Vector256.Create(-(long)Unsafe.BitCast<bool, byte>(first)).AsDouble(), one._sums, other._sums));

    public readonly void CopyTo(Span<double> state)
    {
        state[0] = _sums[0];
        state[1] = _sums[1];
        state[2] = _sums[2];
    }

    /// <summary>What several watches measured, added up; no surer than one that never forgets more than its memory.</summary>
    public static SerialDependence Of(double near, double far, double weight) => new(Vector256.Create(near, far, Math.Min(weight, Memory), 0));

    public static SerialDependence From(ReadOnlySpan<double> state) => new(Vector256.Create(state[0], state[1], state[2], 0));
}
