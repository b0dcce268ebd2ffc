using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Ueq.Serving.Security;

namespace Ueq.Serving.Telemetry;

/// <summary>Tells the inference log, where there is one, what was answered.</summary>
internal sealed class AnsweredLog
{
    private readonly IInferenceLog? _log;

    public AnsweredLog(UeqServiceConfig config, IMeterFactory meters, IInferenceLog? log = null)
    {
        if (config.InferenceLog.Folder is not null && log is null)
            throw new InvalidOperationException("inference_log.folder: nothing here writes an inference log; add the package Ueq.InferenceLog and services.AddUeqInferenceLog(config), or leave the key out");
        _log = log;
        if (log is null) return;
        Meter meter = meters.Create(ServiceMeters.MeterName);
        meter.CreateObservableCounter("ueq_inference_log_rows_total", () => log.Read().Written, null, "Rows in closed files of the inference log");
        meter.CreateObservableCounter("ueq_inference_log_dropped_total", () => log.Read().Dropped, null, "Rows that the inference log had no room for or could not write");
    }

    public bool IsOn => _log is not null;

    /// <summary>Takes all rows of a request that was answered.</summary>
    public void Add(ServedModel model, PredictWork work, HttpContext http, long id)
    {
        if (_log is not null && work.Rows > 0) Add(model, work, http, id, 0, 0, work.Rows);
    }

    /// <summary>Takes some rows.</summary>
    /// <param name="model">The model that answered.</param>
    /// <param name="work">The answers.</param>
    /// <param name="http">The request.</param>
    /// <param name="id">The request's number.</param>
    /// <param name="first">Number of the first of the rows within its request.</param>
    /// <param name="start">Its place among the rows of the work.</param>
    /// <param name="count">How many.</param>
    public void Add(ServedModel model, PredictWork work, HttpContext http, long id, long first, int start, int count)
    {
        int width = model.Schema.Width, classes = model.Classes, words = LabelSet.WordsFor(classes), end = start + count;
        _log!.Add(new AnsweredRows
        {
            Version = model.Version,
            Model = model.Name,
            RequestId = RequestId.OfCaller(http.Request) ?? id.ToString(CultureInfo.InvariantCulture),
            First = first,
            Features = new FeatureMatrix(work.Features.Memory(end * width)[(start * width)..], width),
            Predictions = work.Predictions.Span(end)[start..],
            Intervals = classes == 0 ? work.Intervals.Span(end)[start..] : default,
            Probabilities = work.Probabilities.Span(classes * end)[(classes * start)..],
            Sets = classes == 0 ? default : work.Sets.Span(words * end)[(words * start)..],
            Coverage = work.Coverage,
            Experiment = work.Arm?.Experiment.Name,
            Arm = work.Arm?.Arm,
            Caller = Caller.Of(http)?.Name,
        });
    }
}
