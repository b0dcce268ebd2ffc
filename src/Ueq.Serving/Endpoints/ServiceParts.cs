using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.ObjectPool;

namespace Ueq.Serving.Endpoints;

/// <summary>What the endpoints share.</summary>
internal sealed partial class ServiceParts
{
    private readonly IHostApplicationLifetime _lifetime;

    public ServiceParts(
        UeqServiceConfig config, ModelSlot slot, ServiceTally tally, ServiceMeters meters, ReceiptIssuer receipts, TimeProvider time, IHostApplicationLifetime lifetime,
        ILogger<ServiceParts> log)
    {
        _lifetime = lifetime;
        Config = config;
        Slot = slot;
        Tally = tally;
        Meters = meters;
        Receipts = receipts;
        Time = time;
        Errors = new ErrorAnswers(tally, log);
        Jobs = config.JobCount == -1 ? Environment.ProcessorCount : config.JobCount;
        if (config.ModelParams.Count > 0) ParamsUnused(log, string.Join(", ", config.ModelParams.Keys));
    }

    public UeqServiceConfig Config { get; }

    public ModelSlot Slot { get; }

    public ServiceTally Tally { get; }

    public ServiceMeters Meters { get; }

    public TimeProvider Time { get; }

    public ReceiptIssuer Receipts { get; }

    public ErrorAnswers Errors { get; }

    public ObjectPool<PredictWork> Works { get; } = new DefaultObjectPool<PredictWork>(new WorkPolicy());

    public bool IsStopping => _lifetime.ApplicationStopping.IsCancellationRequested;

    public int Jobs { get; }

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
