namespace Ueq.Bench.Quality.Monitoring;

/// <summary>A stream of values by name, drawn value by value.</summary>
internal sealed record Source(string Name, Func<Source.Draw> Open)
{
    /// <summary>Draws the next value.</summary>
    public delegate double Draw(ref Rng rng);

    /// <summary>The streams without a change; the last three depend on what came before.</summary>
    public static readonly Source[] Unchanging =
    [
        Of("Gaussian", (ref Rng g) => g.NextNormal()),
        Of("lognormal", (ref Rng g) => Math.Exp(g.NextNormal())),
        Of("Bernoulli 0.1", (ref Rng g) => g.NextUniform() < 0.1 ? 1 : 0),
        Of("ties", (ref Rng g) => Math.Round(g.NextNormal())),
        Of("constant", (ref Rng g) => 3),
        Autoregression(0.2), Autoregression(0.5), Autoregression(0.9),
    ];

    public static Source Of(string name, Draw draw) => new(name, () => draw);

    public static Source Autoregression(double coefficient) => new(FormattableString.Invariant($"AR(1) {coefficient}"), () =>
    {
        double value = double.NaN;
        return (ref Rng g) => value = double.IsNaN(value) ? g.NextNormal() : coefficient * value + Math.Sqrt(1 - coefficient * coefficient) * g.NextNormal();
    });

    /// <summary>So many values of a run, the same for the same run.</summary>
    public float[] Values(int count, ulong run)
    {
        Rng rng = Rng.Stream(20261123, run);
        Draw draw = Open();
        float[] values = new float[count];
        for (int i = 0; i < count; i++) values[i] = (float)draw(ref rng);
        return values;
    }
}
