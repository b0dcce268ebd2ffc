using System.Collections.Concurrent;
using System.Collections.Frozen;

namespace Ueq.Serving.Experiments;

/// <summary>Which request goes to which arm. One immutable snapshot, made anew when experiments or models change.</summary>
internal sealed class ExperimentRouter(ModelCatalog models)
{
    private readonly ConcurrentDictionary<(string Experiment, string Arm), ArmTally> _tallies = new();
    private readonly Lock _gate = new();
    private volatile Routes _routes = new([], null, models.Moment);

    /// <summary>The experiments that are known, running or not.</summary>
    public IReadOnlyList<ExperimentConfig> Experiments => _routes.Experiments;

    /// <summary>The counts of all arms that have had a request.</summary>
    public IEnumerable<ArmTally> Tallies => _tallies.Values;

    /// <summary>Takes the experiments that are to run from now on.</summary>
    public void Set(IReadOnlyList<ExperimentConfig> experiments)
    {
        lock (_gate) _routes = Make(experiments);
    }

    /// <summary>The model that answers a request: an arm's where its model is in an experiment, else the one that was asked.</summary>
    /// <param name="reference">How the request names its model; <c>null</c> when it names none.</param>
    /// <param name="asked">The model that this means.</param>
    /// <param name="work">The request, whose rows have the columns of the model that was asked.</param>
    /// <param name="request">The request's number.</param>
    public ServedModel Choose(string? reference, ServedModel asked, PredictWork work, long request)
    {
        Routes routes = _routes;
        if (routes.ByModel is null) return asked;
        if (!ReferenceEquals(routes.Catalog, models.Moment)) routes = Again();
        if (routes.ByModel is null || !routes.ByModel.TryGetValue(reference ?? models.DefaultReference, out Split? split)) return asked;
        // The catalog may have changed since the rows were read.
        if (split.Arms[0].Model.Schema.Digest != asked.Schema.Digest) return asked;
        work.Lot = work.User.IsEmpty ? Assignment.Of(request) : Assignment.Of(split.Salt, work.User);
        ArmRoute arm = split.Arms[Assignment.ArmOf(work.Lot.Share, split.Ends)];
        work.Arm = arm;
        work.SaysModel |= arm.SaysModel;
        return arm.Model;
    }

    private Routes Again()
    {
        lock (_gate)
        {
            if (!ReferenceEquals(_routes.Catalog, models.Moment)) _routes = Make(_routes.Experiments);
            return _routes;
        }
    }

    // An experiment whose arms are not all served splits nothing: requests are answered as without it.
    private Routes Make(IReadOnlyList<ExperimentConfig> experiments)
    {
        object moment = models.Moment;
        Dictionary<string, Split> splits = [];
        foreach (ExperimentConfig experiment in experiments)
            if (experiment.Enabled && ExperimentRules.Fault(experiment, models) is null) splits.TryAdd(experiment.Model, Of(experiment));
        return new Routes(experiments, splits.Count == 0 ? null : splits.ToFrozenDictionary(StringComparer.Ordinal), moment);
    }

    private Split Of(ExperimentConfig experiment)
    {
        byte[] salt = Assignment.SaltOf(experiment);
        if (experiment.Kind != ExperimentKind.Shadow) return new Split(salt, [.. experiment.Arms.Select(a => Route(experiment, a.Reference))], Assignment.Ends(experiment.Arms));
        // The control answers all requests; the last part of them is computed in its shadow too.
        ArmRoute shadow = Route(experiment, experiment.Arms[1].Reference);
        return new Split(salt, [Route(experiment, experiment.Control), Route(experiment, experiment.Control, shadow)], [1 - experiment.Arms[1].Weight, 1]);
    }

    private ArmRoute Route(ExperimentConfig experiment, string arm, ArmRoute? shadow = null) =>
        new(experiment, arm, models.Find(arm)!, _tallies.GetOrAdd((experiment.Name, arm), key => new ArmTally(key.Experiment, key.Arm))) { Shadow = shadow };

    private sealed record Split(byte[] Salt, ArmRoute[] Arms, double[] Ends);

    private sealed record Routes(IReadOnlyList<ExperimentConfig> Experiments, FrozenDictionary<string, Split>? ByModel, object Catalog);
}
