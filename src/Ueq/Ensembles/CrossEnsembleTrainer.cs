namespace Ueq.Ensembles;

/// <summary>Fits regression models of any frameworks on the same rows, to answer as one.</summary>
public sealed class CrossEnsembleTrainer : ITrainer<CrossEnsemble>
{
    private readonly Members<ITrainer<IPointPredictor>> _trainers;

    /// <summary>Joins trainers.</summary>
    /// <param name="trainers">The members by name.</param>
    /// <param name="aggregation">How their answers become one. Default: the weighted mean if members have weights, otherwise the mean.</param>
    /// <exception cref="ArgumentException">There is no member, names are missing or twice, or weights do not go with the aggregation; names the member.</exception>
    public CrossEnsembleTrainer(IReadOnlyList<EnsembleMember<ITrainer<IPointPredictor>>> trainers, Aggregation? aggregation = null) =>
        _trainers = new Members<ITrainer<IPointPredictor>>(trainers, aggregation);

    /// <inheritdoc/>
    /// <exception cref="EnsembleMemberException">A member could not be fitted.</exception>
    public CrossEnsemble Fit(FeatureMatrix x, ReadOnlySpan<double> y, ulong seed) =>
        new(_trainers.Fit(x, y, seed), _trainers.Aggregation);
}

/// <summary>Trainers as members of an ensemble to be fitted.</summary>
internal static class MemberTraining
{
    /// <summary>Fits every member on the same rows with the same seed; the weights go with their models.</summary>
    public static EnsembleMember<TModel>[] Fit<TModel>(this Members<ITrainer<TModel>> trainers, FeatureMatrix x, ReadOnlySpan<double> y, ulong seed)
        where TModel : class
    {
        Check.Training(x, y, 1);
        double[] targets = y.ToArray();
        EnsembleMember<TModel>[] members = new EnsembleMember<TModel>[trainers.All.Count];
        for (int m = 0; m < members.Length; m++)
        {
            EnsembleMember<ITrainer<TModel>> trainer = trainers.All[m];
            trainers.Ask(m, fit => members[m] = new EnsembleMember<TModel>(trainer.Name, fit.Fit(x, targets, seed)) { Weight = trainer.Weight });
        }

        return members;
    }
}
