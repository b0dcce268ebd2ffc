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
        LiveConfig config, ModelCatalog models, ServiceTally tally, ServiceMeters meters, ReceiptIssuer receipts, PredictionQueue queue, QueueMeters queueMeters, SharedCache shared, CacheMeters cacheMeters, TimeProvider time, Draining draining,
        ILogger<ServiceParts> log)
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
        _cached = new CachedPrediction(this, shared);
        Time = time;
        Errors = new ErrorAnswers(tally, log);
        if (Config.ModelParams.Count > 0) ParamsUnused(log, string.Join(", ", Config.ModelParams.Keys));
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
    public ServedModel Read(ReadOnlySpan<byte> body, string? asked, PredictWork work)
    {
        string? named = RequestRoute.ModelOf(body);
        if (named is not null && asked is not null) throw RefusalException.BadRequest("$.model: expected the model once, got it in the query too");
        ServedModel model = Model(named ?? asked, named is null ? "?model" : "$.model");
        work.SaysModel = (named ?? asked) is not null;
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

    /// <summary>Answers the rows of a request, from the cache where answers are kept, in its turn where requests wait; else at once.</summary>
    /// <exception cref="RefusalException">There is no room to wait, or its time is up.</exception>
    public ValueTask Predict(ServedModel model, PredictWork work, int batchSize, int jobs, HttpContext http) =>
        model.Cache is not null && work.Rows <= RowCache.MostRows && !work.IsStream
            ? _cached.Run(model, work, batchSize, jobs, http)
            : Compute(model, work, batchSize, jobs, http);

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
