using System.Diagnostics;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Ueq.Serving.Inference.Rpc;

/// <summary>The Open Inference Protocol over gRPC.</summary>
internal sealed class InferenceService(ServiceParts parts, InferenceCatalog catalog, InferRunner runner, ModelLoading loading, ILogger<InferenceService> log) : GRPCInferenceService.GRPCInferenceServiceBase
{
    private readonly ErrorAnswers _errors = new(parts.Tally, parts.ErrorStatistics, log, ErrorShape.Inference);

    public override Task<ServerLiveResponse> ServerLive(ServerLiveRequest request, ServerCallContext context) => Task.FromResult(new ServerLiveResponse { Live = true });

    public override Task<ServerReadyResponse> ServerReady(ServerReadyRequest request, ServerCallContext context) => Task.FromResult(new ServerReadyResponse { Ready = !parts.IsStopping });

    public override Task<ModelReadyResponse> ModelReady(ModelReadyRequest request, ServerCallContext context) => Answer(context, () =>
    {
        catalog.Get(request.Name, request.Version);
        return new ModelReadyResponse { Ready = !parts.IsStopping };
    });

    public override Task<ServerMetadataResponse> ServerMetadata(ServerMetadataRequest request, ServerCallContext context) => Task.FromResult(new ServerMetadataResponse
    {
        Name = "ueq",
        Version = MetadataEndpoint.Version,
        Extensions = { MetadataEndpoint.Extensions },
    });

    public override Task<ModelMetadataResponse> ModelMetadata(ModelMetadataRequest request, ServerCallContext context) => Answer(context, () =>
    {
        AskedModel asked = catalog.Get(request.Name, request.Version);
        return new ModelMetadataResponse
        {
            Name = asked.Name,
            Versions = { asked.Version },
            Platform = asked.Model.Platform,
            Inputs = { asked.Model.Inputs.Select(Said) },
            Outputs = { asked.Model.Outputs.Select(Said) },
        };
    });

    public override async Task<ModelInferResponse> ModelInfer(ModelInferRequest request, ServerCallContext context)
    {
        long started = Stopwatch.GetTimestamp();
        HttpContext http = context.GetHttpContext();
        long id = parts.Tally.NextId();
        InferWork work = runner.Works.Get();
        AskedModel? asked = null;
        int status = StatusCodes.Status200OK;
        try
        {
            work.Begin(parts.Config.Coverage);
            if (parts.Queue.Runners > 0) parts.BeginWait(http.Request, work.Rows);
            asked = catalog.Get(request.ModelName, request.ModelVersion);
            RpcTensors.Take(request, work);
            asked = catalog.Choose(asked, request.ModelVersion, work, id);
            long running = Stopwatch.GetTimestamp();
            int rows = await asked.Model.Run(work, http);
            long ran = Stopwatch.GetTimestamp();
            ModelInferResponse response = RpcTensors.Answer(request, asked, work);
            runner.Count(asked, work, rows, started, running, ran, http, id);
            return response;
        }
#pragma warning disable CA1031 // The edge: whatever happened is answered here.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            asked?.Model.Statistics.Failed(parts.Time.GetUtcNow(), Stopwatch.GetElapsedTime(started));
            (status, string message) = _errors.Say(http, id, failure);
            throw new RpcException(new Status(RpcStatus.Of(status), message));
        }
        finally
        {
            runner.Works.Return(work);
            parts.Tally.Finish(ServiceCall.Infer, status);
            parts.Meters.Record(ServiceTally.Seconds(started));
        }
    }

    public override Task<ModelStatisticsResponse> ModelStatistics(ModelStatisticsRequest request, ServerCallContext context) => Answer(context, () => new ModelStatisticsResponse
    {
        ModelStats = { (request.Name.Length == 0 ? catalog.All : [catalog.Get(request.Name, request.Version)]).Select(RpcStatistics.Of) },
    });

    public override Task<RepositoryIndexResponse> RepositoryIndex(RepositoryIndexRequest request, ServerCallContext context) => Answer(context, () =>
    {
        RepositoryIndexResponse index = new();
        foreach (AskedModel model in catalog.All) index.Models.Add(new RepositoryIndexResponse.Types.ModelIndex { Name = model.Name, Version = model.Version, State = "READY" });
        if (!request.Ready)
            foreach ((string name, _) in catalog.Unloaded) index.Models.Add(new RepositoryIndexResponse.Types.ModelIndex { Name = name, State = "UNAVAILABLE", Reason = "unloaded" });
        return index;
    });

    public override Task<RepositoryModelLoadResponse> RepositoryModelLoad(RepositoryModelLoadRequest request, ServerCallContext context) => AnswerAsync(context, async http =>
    {
        AdminCall.RequireLocal(http);
        foreach (string parameter in request.Parameters.Keys) RepositoryEndpoint.RequireNoConfig(parameter);
        await loading.LoadAsync(http, request.ModelName);
        return new RepositoryModelLoadResponse();
    });

    public override Task<RepositoryModelUnloadResponse> RepositoryModelUnload(RepositoryModelUnloadRequest request, ServerCallContext context) => AnswerAsync(context, async http =>
    {
        await loading.UnloadAsync(http, request.ModelName);
        return new RepositoryModelUnloadResponse();
    });

    private Task<T> Answer<T>(ServerCallContext context, Func<T> answer) => AnswerAsync(context, _ => Task.FromResult(answer()));

    private async Task<T> AnswerAsync<T>(ServerCallContext context, Func<HttpContext, Task<T>> answer)
    {
        HttpContext http = context.GetHttpContext();
        try
        {
            return await answer(http);
        }
#pragma warning disable CA1031 // The edge: whatever happened is answered here.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            (int status, string message) = _errors.Say(http, parts.Tally.NextId(), failure);
            parts.Tally.CountRefusal(status);
            throw new RpcException(new Status(RpcStatus.Of(status), message));
        }
    }

    private static ModelMetadataResponse.Types.TensorMetadata Said(TensorSpec tensor) => new() { Name = tensor.Name, Datatype = tensor.Type.Name(), Shape = { tensor.Shape } };
}
