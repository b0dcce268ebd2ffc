using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Ueq.Registry;
using Ueq.Versions;

namespace Ueq.Serving.Registry;

/// <summary>Follows a registry: what an alias comes to point to is loaded and swapped in; what cannot be is refused, and the old version stays.</summary>
internal sealed partial class RegistryKeeper : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    // A version that is refused may be mended in its place, which moves no alias.
    private const int TicksBetweenTries = 30;

    private readonly RegistryModels _models;
    private readonly ModelCatalog _catalog;
    private readonly InferenceCatalog _tensors;
    private readonly TimeProvider _time;
    private readonly ILogger<RegistryKeeper> _log;
    private readonly Lock _gate = new();
    private volatile IReadOnlyList<(string Reference, string Problem)> _refused = [];
    private string _stamp;
    private int _ticks;

    public RegistryKeeper(RegistryModels models, ModelCatalog catalog, InferenceCatalog tensors, TimeProvider time, ILogger<RegistryKeeper> log)
    {
        (_models, _catalog, _tensors, _time, _log) = (models, catalog, tensors, time, log);
        _stamp = models.Stamp;
    }

    public ModelRegistry Registry => _models.Registry;

    /// <summary>The references that mean a version which cannot be served, and why; what they meant before is still served.</summary>
    public IReadOnlyList<(string Reference, string Problem)> Refused => _refused;

    /// <summary>Takes up what has changed, if anything has.</summary>
    public void Follow()
    {
        lock (_gate)
        {
            string stamp = Registry.Stamp;
            bool isLate = _refused.Count > 0 && ++_ticks % TicksBetweenTries == 0;
            if (stamp == _stamp && !isLate) return;
            List<(string, string)> refused = [];
            Dictionary<(string, string), ModelVersion> loaded = [];
            foreach (ModelReference reference in _models.References)
            {
                if (Take(reference, loaded) is { } problem) refused.Add((reference.ToString(), problem));
            }

            // What moved meanwhile has another stamp, and is taken up next time.
            _stamp = stamp;
            _refused = refused;
        }
    }

    /// <summary>The same although nothing may have changed: what was out of service knows nothing of what happened meanwhile.</summary>
    public void FollowAnew()
    {
        lock (_gate)
        {
            _stamp = "";
            Follow();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(Tick, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                // Loading takes its time, which no request shares.
                await Task.Run(Follow, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The service ends.
        }
    }

    private string? Take(ModelReference reference, Dictionary<(string, string), ModelVersion> loaded)
    {
        string said = reference.ToString();
        // Somebody wants it out of service, whatever it comes to mean.
        if (_tensors.IsUnloaded(said)) return null;
        try
        {
            RegisteredVersion meant = Registry.Find(reference);
            if (meant.Fault is { } fault) throw new InvalidDataException(fault);
            ModelVersion? served = _catalog.Served.FirstOrDefault(each => each.Key == said).Value;
            if (served?.Digest == meant.Digest) return null;
            if (!loaded.TryGetValue((reference.Name, meant.Digest), out ModelVersion? version))
                loaded[(reference.Name, meant.Digest)] = version = Registry.Load(ModelReference.Of(reference.Name, meant.Number));
            _catalog.Serve(version, said);
            Swapped(_log, said, meant.Number, version.Digest, served?.Digest);
            return null;
        }
#pragma warning disable CA1031 // Whatever is wrong with a version, the one before it goes on answering.
        catch (Exception problem)
#pragma warning restore CA1031
        {
            if (_refused.All(known => known != (said, problem.Message))) NotServed(_log, said, problem.Message);
            return problem.Message;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Reference} is version {Number} ({Digest}) from now on; it was {Before}")]
    private static partial void Swapped(ILogger log, string reference, int number, string digest, string? before);

    [LoggerMessage(Level = LogLevel.Error, Message = "What {Reference} points to now is refused, and the version before it goes on answering: {Problem}")]
    private static partial void NotServed(ILogger log, string reference, string problem);
}
