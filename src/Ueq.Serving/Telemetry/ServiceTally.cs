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
internal sealed class ServiceTally : IDisposable
{
    public const int StatusClientClosed = 499;

    private const int Outcomes = 4;
    private const int Calls = 3;
    private const int LowestStatus = 400;

    private readonly long[] _calls = new long[Calls * Outcomes];
    private readonly long[] _refused = new long[200];
    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly RecentErrors _recent;
    private long _requestIds, _rows, _unbounded;

    public ServiceTally(UeqServiceConfig config, TimeProvider time)
    {
        _time = time;
        _started = time.GetTimestamp();
        _recent = new RecentErrors(
            () =>
            {
                // In this order: there are never more errors than requests.
                long errors = Errors;
                return (Requests, errors);
            },
            time);
        Inference = new InferenceWindow(config.PerfWindowSize);
    }

    public InferenceWindow Inference { get; }

    public TimeSpan Uptime => _time.GetElapsedTime(_started);

    public double Now => (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;

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

    /// <summary>Errors over requests of the latest five minutes; 0 where there was none.</summary>
    public double ErrorRate => _recent.Rate;

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

    public void Dispose() => _recent.Dispose();

    public static double Seconds(long from) => Stopwatch.GetElapsedTime(from).TotalSeconds;
}
