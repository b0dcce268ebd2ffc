using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Ueq.Serving.Telemetry;

/// <summary>The calls that are counted apart: the label <c>method</c> of the metrics.</summary>
internal enum ServiceCall
{
    Predict,
    PredictLarge,
    Infer,
}

/// <summary>How a call ended: the label <c>status</c> of the metrics.</summary>
internal enum CallOutcome
{
    Success,
    Refused,
    Error,
    Cancelled,
}

/// <summary>What the service has done since its start.</summary>
/// <remarks>An error is a request that we failed; one refused, for what the caller sent or since too many wait, is counted apart and makes nothing unhealthy.</remarks>
internal sealed class ServiceTally(UeqServiceConfig config, TimeProvider time)
{
    public const int StatusClientClosed = 499;

    private const int Outcomes = 4;
    private const int Calls = 3;
    private const int LowestStatus = 400;

    private readonly long[] _calls = new long[Calls * Outcomes];
    private readonly long[] _refused = new long[200];
    private readonly long _started = time.GetTimestamp();
    private long _requestIds, _rows, _unbounded;

    public InferenceWindow Inference { get; } = new(config.PerfWindowSize);

    public TimeSpan Uptime => time.GetElapsedTime(_started);

    public double Now => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;

    public long Rows => Interlocked.Read(ref _rows);

    public long Unbounded => Interlocked.Read(ref _unbounded);

    public long Requests
    {
        get
        {
            long sum = 0;
            for (int i = 0; i < _calls.Length; i++) sum += Interlocked.Read(ref _calls[i]);
            return sum;
        }
    }

    public long Errors => Count(ServiceCall.Predict, CallOutcome.Error) + Count(ServiceCall.PredictLarge, CallOutcome.Error) + Count(ServiceCall.Infer, CallOutcome.Error);

    /// <summary>Errors over requests; 0 before the first request.</summary>
    public double ErrorRate => Errors / (double)Math.Max(Requests, 1);

    /// <summary>The next number of a request, counted from 1 in this process.</summary>
    public long NextId() => Interlocked.Increment(ref _requestIds);

    public long Count(ServiceCall call, CallOutcome outcome) => Interlocked.Read(ref _calls[(int)call * Outcomes + (int)outcome]);

    public long Refused(int status) => Interlocked.Read(ref _refused[status - LowestStatus]);

    public static IEnumerable<int> RefusedStatuses => Enumerable.Range(LowestStatus, StatusClientClosed - LowestStatus)
        .Append(StatusCodes.Status503ServiceUnavailable).Append(StatusCodes.Status504GatewayTimeout);

    /// <summary>Counts rows that were answered.</summary>
    public void Answered(int rows, int unbounded)
    {
        Interlocked.Add(ref _rows, rows);
        if (unbounded > 0) Interlocked.Add(ref _unbounded, unbounded);
    }

    /// <summary>Counts a refusal outside the predicting calls, such as an unknown route.</summary>
    public void CountRefusal(int status)
    {
        if (status is >= LowestStatus and < LowestStatus + 200) Interlocked.Increment(ref _refused[status - LowestStatus]);
    }

    public void Finish(ServiceCall call, int status)
    {
        CallOutcome outcome = status switch
        {
            < LowestStatus => CallOutcome.Success,
            StatusClientClosed => CallOutcome.Cancelled,
            < StatusCodes.Status500InternalServerError or StatusCodes.Status503ServiceUnavailable or StatusCodes.Status504GatewayTimeout => CallOutcome.Refused,
            _ => CallOutcome.Error,
        };
        Interlocked.Increment(ref _calls[(int)call * Outcomes + (int)outcome]);
        if (outcome == CallOutcome.Refused) CountRefusal(status);
    }

    public static double Seconds(long from) => Stopwatch.GetElapsedTime(from).TotalSeconds;
}
