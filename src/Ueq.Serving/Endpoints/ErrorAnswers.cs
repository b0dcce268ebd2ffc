using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Ueq.Ensembles;
using Ueq.Serving.Inference.Rpc;
using Ueq.Storage;

namespace Ueq.Serving.Endpoints;

/// <summary>What an error looks like.</summary>
internal enum ErrorShape
{
    /// <summary><c>{"error", "status", "request_id"}</c>.</summary>
    Guide,

    /// <summary><c>{"error"}</c> alone, as the Open Inference Protocol has it.</summary>
    Inference,
}

/// <summary>How whatever went wrong is answered: the one switch from exceptions to HTTP.</summary>
internal sealed partial class ErrorAnswers(ServiceTally tally, ErrorStatistics errors, ILogger log, ErrorShape shape = ErrorShape.Guide)
{
    /// <summary>Answers for an exception; returns the status, 499 when nobody is there to read it.</summary>
    public async Task<int> Write(HttpContext http, long id, Exception failure)
    {
        (int status, string message) = Say(http, id, failure);
        if (status == ServiceTally.StatusClientClosed) return status;
        if (status == StatusCodes.Status503ServiceUnavailable) http.Response.Headers.RetryAfter = http.Response.Headers.RetryAfter.Count > 0 ? http.Response.Headers.RetryAfter : "1";
        if (http.Response.HasStarted) http.Abort();
        else await Write(http, id, status, message);
        return status;
    }

    /// <summary>Status and words for an exception; one that is our own fault is logged.</summary>
    public (int Status, string Message) Say(HttpContext http, long id, Exception failure)
    {
        (int status, string message) = Describe(http, id, failure);
        // A store that fails is said once by its keeper, not once per request.
        if (status >= StatusCodes.Status500InternalServerError && failure is not RefusalException) errors.Count(failure);
        if (status is StatusCodes.Status500InternalServerError or StatusCodes.Status502BadGateway) Failed(log, failure, id, RequestId.OfCaller(http.Request) ?? "-", Activity.Current?.TraceId.ToString() ?? "-");
        return (status, message);
    }

    /// <summary>The words for a model's failure in a call that goes on; it is logged.</summary>
    public string Words(HttpContext http, long id, Exception failure)
    {
        errors.Count(failure);
        Failed(log, failure, id, RequestId.OfCaller(http.Request) ?? "-", Activity.Current?.TraceId.ToString() ?? "-");
        return OfModel(id, failure);
    }

    /// <summary>Answers an unknown address.</summary>
    public Task NotFound(HttpContext http) =>
        Refuse(http, StatusCodes.Status404NotFound, $"expected one of the addresses that GET / lists, got {http.Request.Path}");

    /// <summary>Answers a method that the address does not have.</summary>
    public Task WrongVerb(HttpContext http, string allowed)
    {
        http.Response.Headers.Allow = allowed;
        return Refuse(http, StatusCodes.Status405MethodNotAllowed, $"expected {allowed} {http.Request.Path}, got {http.Request.Method}");
    }

    /// <summary>Answers a request that is not even tried.</summary>
    public Task Refuse(HttpContext http, int status, string message)
    {
        tally.CountRefusal(status);
        return Write(http, tally.NextId(), status, message);
    }

    private Task Write(HttpContext http, long id, int status, string message)
    {
        if (IsRpc(http.Request))
        {
            RequestId.Write(http, id);
            RpcStatus.Write(http.Response, status, message);
            return Task.CompletedTask;
        }

        JsonBytes json = new();
        json.Raw("{\"error\":"u8);
        json.Text(message);
        if (shape == ErrorShape.Guide)
        {
            json.Raw(",\"status\":\"error\",\"request_id\":"u8);
            json.Number(id);
        }

        json.Raw("}"u8);
        HttpResponse response = http.Response;
        response.StatusCode = status;
        response.ContentType = "application/json";
        response.ContentLength = json.Length;
        RequestId.Write(http, id);

        // What is left of such a body is not worth reading.
        if (status == StatusCodes.Status413PayloadTooLarge) response.Headers.Connection = "close";
        return response.Body.WriteAsync(json.Written).AsTask();
    }

    private static bool IsRpc(HttpRequest request) =>
        HttpProtocol.IsHttp2(request.Protocol) && request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) == true && request.Path.StartsWithSegments("/inference.GRPCInferenceService", StringComparison.Ordinal);

    private static (int Status, string Message) Describe(HttpContext http, long id, Exception failure) => failure switch
    {
        RefusalException refusal => (refusal.Status, refusal.Message),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => (StatusCodes.Status413PayloadTooLarge, "the body is larger than the server allows"),
        _ when http.RequestAborted.IsCancellationRequested => (ServiceTally.StatusClientClosed, ""),
        BadHttpRequestException bad => (bad.StatusCode, $"the body could not be read: {bad.Message}"),
        // Kestrel says so of a chunk that is larger than a number can be.
        IOException { InnerException: OverflowException } => (StatusCodes.Status400BadRequest, "the body could not be read: Bad chunk size data."),
        ConnectionResetException or ConnectionAbortedException => (ServiceTally.StatusClientClosed, ""),
        StoreFullException => (StatusCodes.Status507InsufficientStorage, failure.Message),
        StoreUnavailableException => (StatusCodes.Status503ServiceUnavailable, failure.Message),
        ModelUnavailableException or EnsembleMemberException { InnerException: ModelUnavailableException } => (StatusCodes.Status502BadGateway, OfModel(id, failure)),
        _ => (StatusCodes.Status500InternalServerError, OfModel(id, failure)),
    };

    private static string OfModel(long id, Exception failure) => failure switch
    {
        ModelAnswerException or AssumptionException => failure.Message,
        // Where the server is, is nobody's business outside.
        ModelUnavailableException or EnsembleMemberException { InnerException: ModelUnavailableException } =>
            string.Create(CultureInfo.InvariantCulture, $"the server that the model is on does not answer as it should; the log says why under request {id}"),
        EnsembleMemberException member => string.Create(CultureInfo.InvariantCulture, $"the ensemble's member '{member.Member}' failed on this request; the log says why under request {id}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"the model failed on this request; the log says why under request {id}"),
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "Request {Id} failed (of the caller: {Caller}, trace: {Trace})")]
    private static partial void Failed(ILogger log, Exception failure, long id, string caller, string trace);
}
