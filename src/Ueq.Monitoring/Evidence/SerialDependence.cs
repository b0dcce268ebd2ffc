using System.Runtime.CompilerServices;

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
    private double _near, _far, _weight;

    /// <summary>The resemblance; NaN before the first pair, 0 when nothing varies.</summary>
    public readonly double Value => _weight == 0 ? double.NaN : _far > 0 ? 1 - _near / _far : 0;

    /// <summary>Values that it rests on, at most <see cref="Memory"/>.</summary>
    public readonly double Weight => _weight;

    /// <summary>The standard error of <see cref="Value"/> when values are independent, for weights that fade.</summary>
    public readonly double Error => Math.Sqrt((2 - _weight / Memory) / Math.Max(_weight, 1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(double p, double before, double far)
    {
        _near = _near * Keep + (p - before) * (p - before);
        _far = _far * Keep + (p - far) * (p - far);
        _weight = _weight * Keep + 1;
    }

    public readonly void CopyTo(Span<double> state)
    {
        state[0] = _near;
        state[1] = _far;
        state[2] = _weight;
    }

    /// <summary>What several watches measured, added up; no surer than one that never forgets more than its memory.</summary>
    public static SerialDependence Of(double near, double far, double weight) => new() { _near = near, _far = far, _weight = Math.Min(weight, Memory) };

    public readonly (double Near, double Far, double Weight) Sums => (_near, _far, _weight);

    public static SerialDependence From(ReadOnlySpan<double> state) => new() { _near = state[0], _far = state[1], _weight = state[2] };
}
