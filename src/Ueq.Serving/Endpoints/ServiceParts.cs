using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.ObjectPool;

namespace Ueq.Serving.Endpoints;

/// <summary>What the endpoints share.</summary>
internal sealed partial class ServiceParts
{
    private readonly Draining _draining;
    private readonly LiveConfig _config;
    private readonly CachedPrediction _cached;

    public ServiceParts(
        LiveConfig config, ModelCatalog models, ServiceTally tally, ErrorStatistics errors, ServiceMeters meters, ReceiptIssuer receipts, PredictionQueue queue, QueueMeters queueMeters, SharedCache shared, CacheMeters cacheMeters, ExperimentRouter experiments, ShadowRunner shadows, AnsweredLog log, TimeProvider time, Draining draining,
        ILogger<ServiceParts> logger)
    {
        _draining = draining;
        _config = config;
        Models = models;
        Tally = tally;
        Meters = meters;
        Receipts = receipts;
        Queue = queue;
        QueueMeters = queueMeters;
        Shared = shared;
        CacheMeters = cacheMeters;
        Experiments = experiments;
        Shadows = shadows;
        _cached = new CachedPrediction(this, shared);
        Log = log;
        Time = time;
        ErrorStatistics = errors;
        Errors = new ErrorAnswers(tally, errors, logger);
        if (Config.ModelParams.Count > 0) ParamsUnused(logger, string.Join(", ", Config.ModelParams.Keys));
    }

    /// <summary>The configuration in force now.</summary>
    public UeqServiceConfig Config => _config.Current;

    /// <summary>What became of the configuration's file since the start.</summary>
    public ConfigState ConfigState => _config.State;

    public ModelCatalog Models { get; }

    /// <summary>The model that a reference means.</summary>
    /// <exception cref="RefusalException">Nothing is served by it.</exception>
    public ServedModel Model(string? reference, string place) => reference is null ? Models.Current
        : Models.Find(reference) ?? throw new RefusalException(
            StatusCodes.Status404NotFound, $"{place}: expected a model that is served, got \"{JsonWords.Short(System.Text.Encoding.UTF8.GetBytes(reference))}\"; did you mean \"{Spelling.Nearest(reference, Models.Served.Select(s => s.Key))}\"?");

    /// <summary>The model that the query's <c>model</c> names.</summary>
    /// <exception cref="RefusalException">Nothing is served by it.</exception>
    public ServedModel Asked(HttpContext http) => Model(InQuery(http.Request), "?model");

    /// <summary>What the query's <c>model</c> says; <c>null</c> when it says nothing.</summary>
    public static string? InQuery(HttpRequest request) =>
        !request.QueryString.HasValue || !request.Query.TryGetValue("model", out Microsoft.Extensions.Primitives.StringValues named) ? null
        : named.Count == 1 ? named[0]
        : throw RefusalException.BadRequest($"?model: expected one value, got {named.Count}");

    /// <summary>Reads the body of a prediction request for the model that it names, or that the query does.</summary>
    /// <exception cref="RefusalException">The body is not what it should be; says where.</exception>
    public ServedModel Read(ReadOnlySpan<byte> body, string? asked, PredictWork work) => Read(body, asked, work, out _);

    /// <summary>The same, and the model is an arm's where the one that is asked is in an experiment.</summary>
    public ServedModel Choose(ReadOnlySpan<byte> body, string? asked, PredictWork work, long request)
    {
        ServedModel model = Read(body, asked, work, out string? reference);
        return Experiments.Choose(reference, model, work, request);
    }

    private ServedModel Read(ReadOnlySpan<byte> body, string? asked, PredictWork work, out string? reference)
    {
        string? named = RequestRoute.ModelOf(body);
        if (named is not null && asked is not null) throw RefusalException.BadRequest("$.model: expected the model once, got it in the query too");
        reference = named ?? asked;
        ServedModel model = Model(reference, named is null ? "?model" : "$.model");
        work.SaysModel = reference is not null;
        PredictReader.Read(body, model.Schema, Config.MaxRows, work);
        return model;
    }

    public ServiceTally Tally { get; }

    public ServiceMeters Meters { get; }

    public TimeProvider Time { get; }

    public ReceiptIssuer Receipts { get; }

    /// <summary>Where requests wait, of models whose requests do.</summary>
    public PredictionQueue Queue { get; }

    public QueueMeters QueueMeters { get; }

    /// <summary>The answers that replicas share.</summary>
    public SharedCache Shared { get; }

    public CacheMeters CacheMeters { get; }

    /// <summary>Which requests are split between which models.</summary>
    public ExperimentRouter Experiments { get; }

    /// <summary>What computes rows again that were answered.</summary>
    public ShadowRunner Shadows { get; }

    /// <summary>What is told of every answer.</summary>
    public AnsweredLog Log { get; }

    /// <summary>Counts a request that an arm has answered, and has its shadow compute the same.</summary>
    public void Exposed(PredictWork work)
    {
        work.Arm!.Tally.Count(work);
        if (work.Arm.Shadow is not null) Shadows.Take(work);
    }

    /// <summary>Answers the rows of a request, from the cache where answers are kept, in its turn where requests wait; else at once.</summary>
    /// <exception cref="RefusalException">There is no room to wait, or its time is up.</exception>
    public ValueTask Predict(ServedModel model, PredictWork work, int batchSize, int jobs, HttpContext http)
    {
        work.Level = model.Online?.At(work.Coverage);
        return model.Cache is not null && work.Rows <= RowCache.MostRows && !work.IsStream
            ? _cached.Run(model, work, batchSize, jobs, http)
            : Compute(model, work, batchSize, jobs, http);
    }

    /// <summary>The same without the cache.</summary>
    public ValueTask Compute(ServedModel model, PredictWork work, int batchSize, int jobs, HttpContext http)
    {
        if (model.IsQueued) return Queue.Run(model, work, batchSize, jobs, http.RequestAborted);
        Prediction.Run(model, work, batchSize, jobs, work.Rows > batchSize ? http.RequestAborted : default);
        return ValueTask.CompletedTask;
    }

    /// <summary>What a request may say about waiting, and when it came.</summary>
    public void BeginWait(HttpRequest request, PredictWork work)
    {
        work.Started = Time.GetTimestamp();
        RequestTerms.Read(request.Headers, work);
    }

    public ErrorAnswers Errors { get; }

    public ErrorStatistics ErrorStatistics { get; }

    public ObjectPool<PredictWork> Works { get; } = new DefaultObjectPool<PredictWork>(new WorkPolicy());

    /// <summary>Whether no new traffic is wanted.</summary>
    public bool IsStopping => _draining.IsDraining;

    public int Jobs => Config.JobCount == -1 ? Environment.ProcessorCount : Config.JobCount;

    [LoggerMessage(Level = LogLevel.Warning, Message = "model_params ({Names}) matter when fitting; the served model is fitted already and does not use them")]
    private static partial void ParamsUnused(ILogger log, string names);

    private sealed class WorkPolicy : PooledObjectPolicy<PredictWork>
    {
        public override PredictWork Create() => new();

        public override bool Return(PredictWork obj)
        {
            obj.Trim();
            return true;
        }
    }
}
