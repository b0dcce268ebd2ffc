namespace Ueq.Bench.Quality;

/// <summary>A published mean over the standard splits, with the digits it was printed with.</summary>
internal sealed record Likelihood(decimal Nll, decimal Rmse)
{
    /// <summary>Whether ours, rounded to the digits that were printed, is no worse in both.</summary>
    public bool IsReached(double nll, double rmse) => IsReached(Nll, nll) && IsReached(Rmse, rmse);

    public static bool IsReached(decimal published, double ours) => Math.Round((decimal)ours, published.Scale, MidpointRounding.AwayFromZero) <= published;
}

/// <summary>The figures of others on one set.</summary>
internal sealed record PublishedSet(
    string Data, Likelihood Backpropagation, Likelihood McDropout, Likelihood DeepEnsembles, Likelihood McDropoutAgain, Likelihood NGBoost)
{
    public (string Name, Likelihood Figure)[] All =>
    [
        ("PBP", Backpropagation), ("MC-dropout", McDropout), ("Deep Ensembles", DeepEnsembles), ("MC-dropout re-run", McDropoutAgain), ("NGBoost", NGBoost),
    ];
}

/// <summary>The only figures here that were typed.</summary>
/// <remarks>
/// PBP, MC-dropout and Deep Ensembles: Lakshminarayanan, Pritzel and Blundell 2017, table 1. The re-run of MC-dropout: the per-split files of
/// the repository yaringal/DropoutUncertaintyExps (2018), averaged. NGBoost: Duan et al. 2020, as quoted by a later paper.
/// </remarks>
internal static class PublishedLikelihoods
{
    public static readonly IReadOnlyList<PublishedSet> All =
    [
        new("uci-concrete", new(3.16m, 5.67m), new(3.04m, 5.23m), new(3.06m, 6.03m), new(2.94m, 4.83m), new(3.04m, 5.06m)),
        new("uci-energy", new(2.04m, 1.80m), new(1.99m, 1.66m), new(1.38m, 2.09m), new(1.21m, 0.54m), new(0.60m, 0.46m)),
        new("uci-kin8nm", new(-0.90m, 0.10m), new(-0.95m, 0.10m), new(-1.20m, 0.09m), new(-1.14m, 0.079m), new(-0.49m, 0.16m)),
        new("uci-power", new(2.84m, 4.12m), new(2.80m, 4.02m), new(2.79m, 4.11m), new(2.81m, 4.01m), new(2.79m, 3.79m)),
        new("uci-wine-red", new(0.97m, 0.64m), new(0.93m, 0.62m), new(0.94m, 0.64m), new(0.93m, 0.62m), new(0.91m, 0.63m)),
        new("uci-yacht", new(1.63m, 1.02m), new(1.55m, 1.11m), new(1.18m, 1.58m), new(1.25m, 0.67m), new(0.20m, 0.50m)),
    ];
}
