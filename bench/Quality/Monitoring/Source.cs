namespace Ueq.Bench.Quality.Monitoring;

/// <summary>A stream of values by name, drawn value by value.</summary>
internal sealed record Source(string Name, Func<Source.Draw> Open)
{
    /// <summary>Draws the next value.</summary>
    public delegate double Draw(ref Rng rng);

    public static readonly Source Gaussian = Of("Gaussian", (ref Rng g) => g.NextNormal());
    public static readonly Source Bernoulli = Of("Bernoulli 0.1", (ref Rng g) => g.NextUniform() < 0.1 ? 1 : 0);
    public static readonly Source Constant = Of("constant", (ref Rng g) => 3);

    /// <summary>The streams without a change; the last three depend on what came before.</summary>
    public static readonly Source[] Unchanging =
    [
        Gaussian,
        Of("lognormal", (ref Rng g) => Math.Exp(g.NextNormal())),
        Bernoulli,
        Of("ties", (ref Rng g) => Math.Round(g.NextNormal())),
        Constant,
        Autoregression(0.2), Autoregression(0.5), Autoregression(0.9),
    ];

    /// <summary>Of the streams that depend on what came before, one: for what takes long.</summary>
    public static readonly Source[] Few = [.. Unchanging.Where(s => s.Independent || s.Name.EndsWith("0.5", StringComparison.Ordinal))];

    /// <summary>Whether values say nothing about those that follow.</summary>
    public bool Independent { get; private init; } = true;

    public static Source Of(string name, Draw draw) => new(name, () => draw);

    public static Source Autoregression(double coefficient) => new(FormattableString.Invariant($"AR(1) {coefficient}"), () =>
    {
        double value = double.NaN;
        return (ref Rng g) => value = double.IsNaN(value) ? g.NextNormal() : coefficient * value + Math.Sqrt(1 - coefficient * coefficient) * g.NextNormal();
    })
    { Independent = false };

    /// <summary>A reference and the values that follow it, the same for the same run; they are as exact as a model's features.</summary>
    public (double[] Reference, double[] Stream) Values(int reference, int count, int run)
    {
        Rng rng = Rng.Stream(20261123, (ulong)(run + 100_000 * reference));
        Draw draw = Open();
        double[] then = new double[reference], now = new double[count];
        foreach (ref double value in then.AsSpan()) value = (float)draw(ref rng);
        foreach (ref double value in now.AsSpan()) value = (float)draw(ref rng);
        return (then, now);
    }
}
