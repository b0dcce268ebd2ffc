namespace Ueq.Ensembles;

/// <summary>Fits classification models of any frameworks on the same rows, to answer as one.</summary>
public sealed class CrossClassEnsembleTrainer : ITrainer<CrossClassEnsemble>
{
    private readonly Members<ITrainer<IClassPredictor>> _trainers;

    /// <summary>Joins trainers.</summary>
    /// <param name="trainers">The members by name.</param>
    /// <param name="aggregation">How their answers become one. Default: the weighted mean if members have weights, otherwise the mean.</param>
    /// <exception cref="ArgumentException">There is no member, names are missing or twice, or weights do not go with the aggregation; names the member.</exception>
    public CrossClassEnsembleTrainer(IReadOnlyList<EnsembleMember<ITrainer<IClassPredictor>>> trainers, Aggregation? aggregation = null) =>
        _trainers = new Members<ITrainer<IClassPredictor>>(trainers, aggregation);

    /// <inheritdoc/>
    /// <exception cref="EnsembleMemberException">A member could not be fitted.</exception>
    public CrossClassEnsemble Fit(FeatureMatrix x, ReadOnlySpan<double> y, ulong seed) =>
        new(_trainers.Fit(x, y, seed), _trainers.Aggregation);
}
