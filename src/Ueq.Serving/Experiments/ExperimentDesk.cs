using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Ueq.Storage;

namespace Ueq.Serving.Experiments;

/// <summary>Which experiments there are: those of the configuration, and those that the store holds and calls change.</summary>
internal sealed partial class ExperimentDesk : ILiveSetting
{
    private readonly StoreKeeper _keeper;
    private readonly ModelCatalog _models;
    private readonly ExperimentRouter _router;
    private readonly TimeProvider _time;
    private readonly ILogger<ExperimentDesk> _log;
    private readonly Lock _gate = new();
    private IReadOnlyList<ExperimentConfig> _configured;
    private IReadOnlyList<(ExperimentConfig Config, long Revision)> _stored = [];

    public ExperimentDesk(UeqServiceConfig config, StoreKeeper keeper, ModelCatalog models, ExperimentRouter router, TimeProvider time, ILogger<ExperimentDesk> log)
    {
        _keeper = keeper;
        _models = models;
        _router = router;
        _time = time;
        _log = log;
        _configured = config.Experiments;
        Publish();
    }

    /// <summary>All experiments, the configuration's first.</summary>
    public IReadOnlyList<KnownExperiment> Known
    {
        get
        {
            lock (_gate) return Together();
        }
    }

    public KnownExperiment? Find(string name) => Known.FirstOrDefault(e => e.Config.Name == name);

    /// <exception cref="InvalidDataException">An experiment names a model that is not served; the others run.</exception>
    public void Apply(UeqServiceConfig config)
    {
        lock (_gate) _configured = config.Experiments;
        Publish();
        if (Known.FirstOrDefault(e => e is { Source: ExperimentSource.Config, State: "waiting" }) is { } waiting) throw new InvalidDataException($"experiments: {waiting.Config.Name}: {waiting.Problem}");
    }

    /// <summary>Looks at what the store holds, which other replicas may have changed.</summary>
    /// <exception cref="IOException">The store failed.</exception>
    public async Task RefreshAsync(CancellationToken cancellation)
    {
        IReadOnlyList<StoredExperiment> all = await _keeper.UseAsync(store => store.ListExperimentsAsync(cancellation));
        List<(ExperimentConfig, long)> stored = [];
        foreach (StoredExperiment one in all)
        {
            try
            {
                stored.Add((ExperimentJson.Read(one.Body), one.Revision));
            }
            catch (FormatException problem)
            {
                Damaged(_log, one.Name, problem.Message);
            }
        }

        lock (_gate)
        {
            if (stored.SequenceEqual(_stored)) return;
            _stored = stored;
        }

        Publish();
    }

    /// <summary>Makes an experiment.</summary>
    /// <exception cref="RefusalException">It cannot be, or there is one of the name or for the model.</exception>
    public async Task<KnownExperiment> CreateAsync(ExperimentConfig experiment, string who, CancellationToken cancellation)
    {
        await RefreshAsync(cancellation);
        if (Find(experiment.Name) is { } known)
            throw Conflict($"$.name: there is an experiment {experiment.Name} already ({Where(known)}); its labels would be mixed with others, so take another name");
        if (Known.Count(e => e.Source == ExperimentSource.Store) >= 4 * ExperimentRules.Most) throw Conflict($"expected at most {4 * ExperimentRules.Most} experiments, got one more");
        RequireRoom(experiment);
        await SaveAsync(experiment, 0, "start_experiment", null, who, cancellation);
        return Find(experiment.Name)!;
    }

    /// <summary>Changes an experiment of the store.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="action">What the audit log calls it.</param>
    /// <param name="who">Who does it.</param>
    /// <param name="change">The experiment as it is to be.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="RefusalException">There is no such experiment, or the configuration fixes it, or it cannot be so.</exception>
    public async Task<KnownExperiment> ChangeAsync(string name, string action, string who, Func<ExperimentConfig, ExperimentConfig> change, CancellationToken cancellation)
    {
        await RefreshAsync(cancellation);
        KnownExperiment known = Find(name) ?? throw NoSuch(name);
        if (known.Source == ExperimentSource.Config) throw Conflict($"the experiment {name} is of the configuration, which alone can change it: its file is read again when it changes");
        ExperimentConfig next = change(known.Config);
        if (next == known.Config) return known;
        if (next.Enabled) RequireRoom(next);
        await SaveAsync(next, known.Revision, action, known.Config, who, cancellation);
        return Find(name)!;
    }

    /// <summary>The refusal of a name that there is not.</summary>
    public RefusalException NoSuch(string name)
    {
        string nearest = Spelling.Nearest(name, Known.Select(e => e.Config.Name));
        return new(StatusCodes.Status404NotFound, $"expected an experiment, got \"{JsonWords.Short(System.Text.Encoding.UTF8.GetBytes(name))}\"{(nearest.Length > 0 ? $"; did you mean \"{nearest}\"?" : ", of which there is none")}");
    }

    private static RefusalException Conflict(string message) => new(StatusCodes.Status409Conflict, message);

    private static string Where(KnownExperiment known) => known.Source == ExperimentSource.Config ? "in the configuration" : known.State;

    private void RequireRoom(ExperimentConfig experiment)
    {
        if (ExperimentRules.Fault(experiment, _models) is { } fault) throw RefusalException.BadRequest($"$.{fault}");
        if (Known.FirstOrDefault(e => e.Config.Enabled && e.Config.Name != experiment.Name && e.Config.Model == experiment.Model) is { } other)
            throw Conflict($"$.model: requests for {experiment.Model} are in the experiment {other.Config.Name} already; stop it first");
    }

    private async Task SaveAsync(ExperimentConfig experiment, long revision, string action, ExperimentConfig? before, string who, CancellationToken cancellation)
    {
        AuditEntry audit = new(_time.GetUtcNow(), who, action, experiment.Name, before is null ? null : ExperimentJson.Write(before), ExperimentJson.Write(experiment));
        if (!await _keeper.UseAsync(store => store.SaveExperimentAsync(experiment.Name, ExperimentJson.Write(experiment), revision, audit, cancellation)))
            throw Conflict($"somebody else has changed the experiment {experiment.Name} at the same time; look at it and try again");
        await RefreshAsync(cancellation);
    }

    private List<KnownExperiment> Together()
    {
        List<KnownExperiment> all = [.. _configured.Select(e => new KnownExperiment(e, ExperimentSource.Config, 0, ExperimentRules.Fault(e, _models)))];
        foreach ((ExperimentConfig stored, long revision) in _stored)
        {
            // The configuration has the last word on names and models.
            if (all.Any(e => e.Config.Name == stored.Name)) continue;
            string? problem = all.FirstOrDefault(e => e.Config.Enabled && e.Config.Model == stored.Model) is { } first && stored.Enabled
                ? $"requests for {stored.Model} are in the experiment {first.Config.Name}"
                : ExperimentRules.Fault(stored, _models);
            all.Add(new KnownExperiment(stored, ExperimentSource.Store, revision, problem));
        }

        return all;
    }

    private void Publish()
    {
        lock (_gate) _router.Set([.. Together().Select(e => e.Config)]);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The experiment {Name} of the store cannot be read and is passed over: {Problem}")]
    private static partial void Damaged(ILogger log, string name, string problem);
}
