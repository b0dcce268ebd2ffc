using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Ueq.Serving.Telemetry;

/// <summary>Traces: one span per request with the caller's trace, and one for the model's part of it.</summary>
/// <remarks>While nobody listens, asking for a span costs a comparison.</remarks>
internal static class Traces
{
    public const string Name = "Ueq.Serving";

    private static readonly ActivitySource Source = new(Name);

    /// <summary>A span of the model's part; <c>null</c> when nobody listens.</summary>
    public static Activity? Predict(ServedModel model, int rows)
    {
        if (!Source.HasListeners()) return null;
        Activity? span = Source.StartActivity("predict");
        span?.SetTag("ueq.model", model.Name);
        span?.SetTag("ueq.version", model.Key);
        span?.SetTag("ueq.rows", rows);
        return span;
    }

    /// <summary>Sends spans where the configuration says.</summary>
    public static void Export(IServiceCollection services, TelemetryConfig config)
    {
        if (config.OtlpEndpoint is not { } endpoint) return;
        services.AddOpenTelemetry().WithTracing(traces => traces
            .SetResourceBuilder(ResourceBuilder.CreateDefault().AddService(config.ServiceName))
            .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(config.TraceShare)))
            .AddSource(Name)
            .AddAspNetCoreInstrumentation(web => web.Filter = http => !(http.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal) || http.Request.Path.StartsWithSegments("/metrics", StringComparison.Ordinal)))
            .AddOtlpExporter(exporter =>
            {
                bool isHttp = config.OtlpProtocol == TraceProtocol.Http;
                exporter.Protocol = isHttp ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
                exporter.Endpoint = isHttp && new Uri(endpoint).AbsolutePath == "/" ? new Uri(new Uri(endpoint), "v1/traces") : new Uri(endpoint);
                if (config.OtlpHeaders is { } headers) exporter.Headers = headers;
            }));
    }
}
