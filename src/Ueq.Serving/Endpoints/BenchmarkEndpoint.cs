using System.Globalization;
using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Ueq.Serving.Endpoints;

/// <summary><c>POST /benchmark</c>: what the rows of a request cost this service, method by method.</summary>
/// <remarks>
/// A method is everything between the request's bytes and those of the answer, from the features to the finished JSON, with the model itself: past
/// the cache, the queue and the monitors, as in the guide. One benchmark runs at a time, on a thread of its own.
/// </remarks>
internal sealed class BenchmarkEndpoint(ServiceParts parts) : IDisposable
{
    private const string WithUncertainty = "predict_with_uncertainty";
    private const string WithoutUncertainty = "predict";
    private const double MostSeconds = 10;

    private readonly SemaphoreSlim _one = new(1);

    public Task Handle(HttpContext http) => HttpMethods.IsPost(http.Request.Method) ? new AdminCall(parts).Run(http, Measure) : parts.Errors.WrongVerb(http, "POST");

    public void Dispose() => _one.Dispose();

    private async Task Measure(HttpContext http)
    {
        AdminCall.RequireQuery(http, "model", "seconds", "warmup_runs");
        ProfilerOptions options = new()
        {
            Duration = TimeSpan.FromSeconds(Seconds(http) / 2),
            WarmupRuns = (int)(AdminCall.Number(http, "warmup_runs", 0, 1000) ?? 3),
            LongestWarmup = TimeSpan.FromSeconds(MostSeconds / 2),
        };
        PredictWork work = parts.Works.Get();
        try
        {
            ServedModel model = await Read(http.Request, work);
            if (!_one.Wait(0)) throw new RefusalException(StatusCodes.Status503ServiceUnavailable, "expected one benchmark at a time, got another while one runs");
            IReadOnlyList<ProfiledMethod> methods;
            try
            {
                methods = await Task.Factory.StartNew(
                    () => Measure(model, work, options, http.RequestAborted), http.RequestAborted, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            }
            finally
            {
                _one.Release();
            }

            long id = parts.Tally.NextId();
            RequestId.Write(http, id);
            await JsonAnswers.Write(http, StatusCodes.Status200OK, json => Write(json, http, model, work.Rows, methods, id));
        }
        finally
        {
            parts.Works.Return(work);
        }
    }

    private async Task<ServedModel> Read(HttpRequest request, PredictWork work)
    {
        int limit = parts.Config.MaxBodyBytes;
        work.Begin(parts.Config.Coverage, parts.Config.BatchSize);
        RequestBody.RequireJson(request, "application/json");
        RequestBody.RequireLength(request.ContentLength, limit);
        PipeReader reader = request.BodyReader;
        int length = await RequestBody.Collect(reader, await reader.ReadAsync(), work.Body, limit);
        ServedModel model = parts.Read(work.Body.Span(length), ServiceParts.InQuery(request), work);
        work.Level = model.Online?.At(work.Coverage);
        work.WantsMonitoring = false;
        work.WantsReceipts = false;
        return model;
    }

    private IReadOnlyList<ProfiledMethod> Measure(ServedModel model, PredictWork work, ProfilerOptions options, CancellationToken cancelled) =>
        new PerformanceProfiler(options, parts.Time).BenchmarkMethods(
        [
            new(WithoutUncertainty, () => Run(model, work, uncertainty: false)),
            new(WithUncertainty, () => Run(model, work, uncertainty: true)),
        ], cancelled);

    private static void Run(ServedModel model, PredictWork work, bool uncertainty)
    {
        work.WantsUncertainty = uncertainty;
        work.Json.Clear();
        Prediction.Run(model, work, int.MaxValue, 1, default);
        AnswerWriter.WriteRows(model, work);
        AnswerWriter.WriteRest(model, work, 0, 0);
    }

    private void Write(Utf8JsonWriter json, HttpContext http, ServedModel model, int rows, IReadOnlyList<ProfiledMethod> methods, long id)
    {
        json.WriteStartObject();
        foreach (ProfiledMethod method in methods)
        {
            json.WriteStartObject(method.Name);
            json.WriteBoolean("success", method.Reading is not null);
            if (method.Reading is { } reading) WriteTiming(json, reading, rows);
            else json.WriteString("error", parts.Errors.Words(http, id, method.Error!));
            json.WriteEndObject();
        }

        json.WriteNumber("rows", rows);
        json.WriteString("model", model.Name);
        json.WriteString("version", model.Version.Digest);
        json.WriteNumber("request_id", id);
        json.WriteString("status", methods.All(m => m.Error is null) ? "success" : "error");
        json.WriteEndObject();
    }

    private static void WriteTiming(Utf8JsonWriter json, ProfilerReading reading, int rows)
    {
        json.WriteStartObject("timing");
        json.WriteNumber("execution_time", reading.Median.TotalSeconds);
        json.WriteNumber("timestamp", reading.Ended.ToUnixTimeMilliseconds() / 1000.0);
        json.WriteNumber("median", reading.Median.TotalSeconds);
        json.WriteNumber("p99", reading.P99.TotalSeconds);
        json.WriteNumber("fastest", reading.Fastest.TotalSeconds);
        json.WriteNumber("allocated_bytes", reading.AllocatedBytes);
        json.WriteNumber("runs", reading.Runs);
        json.WriteNumber("warmup_runs", reading.WarmupRuns);
        json.WriteEndObject();
        json.WriteNumber("rows_per_second", rows / Math.Max(1e-9, reading.Median.TotalSeconds));
    }

    private static double Seconds(HttpContext http)
    {
        if (!http.Request.Query.TryGetValue("seconds", out var text)) return 1;
        return text.Count == 1 && double.TryParse(text[0], NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && seconds is >= 0.01 and <= MostSeconds
            ? seconds
            : throw RefusalException.BadRequest(FormattableString.Invariant($"?seconds: expected a number from 0.01 to {MostSeconds}, got \"{text}\""));
    }
}
