namespace Ueq.Monitoring;

/// <summary>What both charts ask of their options.</summary>
internal static class ChartCheck
{
    public static void Validate(ChartReference? reference, int warmup)
    {
        if (warmup < 2) Throw.OutOfRange(nameof(CusumOptions.Warmup), warmup, "2 values or more");
        if (reference is not { } given) return;
        if (!double.IsFinite(given.Mean)) Throw.OutOfRange(nameof(ChartReference.Mean), given.Mean, "a finite mean");
        if (!(given.StandardDeviation > 0 && double.IsFinite(given.StandardDeviation)))
            Throw.OutOfRange(nameof(ChartReference.StandardDeviation), given.StandardDeviation, "a positive, finite standard deviation");
    }
}

/// <summary>The reference of a chart: given, or frozen after the first values.</summary>
internal struct ChartStart(ChartReference? given)
{
    private double _mean = given?.Mean ?? 0, _deviation = given?.StandardDeviation ?? 0, _squares = 0;
    private readonly bool _given = given is not null;
    private bool _frozen = given is not null;

    public long Count { get; private set; }

    /// <summary>Whether the reference is known, this value included, and how many standard deviations the value lies from its mean.</summary>
    public bool Knows(double value, int warmup, out double z)
    {
        Count++;
        if (!_frozen)
        {
            double before = value - _mean;
            _mean += before / Count;
            _squares += before * (value - _mean);
            _frozen = Count >= warmup;
            _deviation = Math.Sqrt(_squares / (Count - 1));
        }

        // Of a constant stream every other value is infinitely far.
        z = _deviation > 0 ? (value - _mean) / _deviation : value == _mean ? 0 : value > _mean ? double.MaxValue : double.MinValue;
        return _frozen || _given;
    }
}
