using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using Serilog;
using Serilog.Events;
using Ueq.Registry;
using Ueq.Versions;

namespace Ueq.Serving;

/// <summary>What a host calls to serve a model.</summary>
public static class UeqServing
{
    /// <summary>Adds the service of one model, under the name of its target.</summary>
    /// <exception cref="ArgumentException">The configuration is out of range, or the version cannot be served with it.</exception>
    public static IServiceCollection AddUeq(this IServiceCollection services, UeqServiceConfig config, ModelVersion version)
    {
        ArgumentNullException.ThrowIfNull(version);
        return services.AddUeq(config, [KeyValuePair.Create(version.Manifest.Target, version)]);
    }

    /// <summary>Adds the service of several models, by the references that requests use; the first answers requests that name none.</summary>
    /// <exception cref="ArgumentException">The configuration is out of range, there is no model, or a version cannot be served with the configuration.</exception>
    public static IServiceCollection AddUeq(this IServiceCollection services, UeqServiceConfig config, IEnumerable<KeyValuePair<string, ModelVersion>> models)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(models);
        config.Validate();
        services.TryAddSingleton(TimeProvider.System);
        TimeProvider time = services.Last(s => s.ServiceType == typeof(TimeProvider)).ImplementationInstance as TimeProvider ?? TimeProvider.System;
        ModelCatalog catalog = new(models, config, time);
        if (config.Experiments.Where(e => e.Enabled).Select(e => (e.Name, Fault: ExperimentRules.Fault(e, catalog))).FirstOrDefault(e => e.Fault is not null) is { Name: not null } wrong)
            throw new ArgumentException($"experiments: {wrong.Name}: {wrong.Fault}", nameof(config));
        if (config.Online.Models.FirstOrDefault(m => m != "*" && !catalog.Served.Any(s => s.Key == m || ModelCatalog.NameOf(s.Key) == m)) is { } unknown)
            throw new ArgumentException($"online.models: expected models that are served, got \"{unknown}\"; did you mean \"{Spelling.Nearest(unknown, catalog.Served.Select(s => s.Key))}\"?", nameof(config));
        services.AddSingleton(config);
        services.AddSingleton(new LiveConfig(config));
        services.AddSingleton<ILiveSetting, BodyLimit>();
        services.AddSingleton<ILiveSetting>(s => s.GetRequiredService<ReceiptIssuer>());
        services.AddSingleton<Guard>();
        services.AddSingleton<Packing>();
        services.AddSingleton<Draining>();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(config.ShutdownTimeoutSeconds));
        Traces.Export(services, config.Telemetry);
        services.AddSingleton<ILiveSetting>(s => s.GetRequiredService<Guard>());
        services.AddSingleton(catalog);
        services.AddSingleton<ServiceTally>();
        services.AddSingleton<ErrorStatistics>();
        services.AddSingleton<ProcessorUse>();
        services.AddSingleton<ServiceMeters>();
        services.AddSingleton<ReceiptIssuer>();
        services.AddSingleton<LabelLane>();
        services.AddSingleton<LabelKeeper>();
        services.AddHostedService(s => s.GetRequiredService<LabelKeeper>());
        services.AddSingleton<LabelIntake>();
        services.AddSingleton<ExperimentRouter>();
        services.AddSingleton<ShadowRunner>();
        services.AddSingleton<ExperimentDesk>();
        services.AddSingleton<ILiveSetting>(s => s.GetRequiredService<ExperimentDesk>());
        services.AddSingleton<ExperimentKeeper>();
        services.AddHostedService(s => s.GetRequiredService<ExperimentKeeper>());
        services.AddSingleton<ExperimentMeters>();
        services.AddSingleton<PredictionQueue>();
        services.AddSingleton<QueueMeters>();
        services.AddSingleton<SharedCache>();
        services.AddSingleton<CacheMeters>();
        services.AddSingleton<AnsweredLog>();
        services.AddSingleton<ServiceParts>();
        services.AddSingleton<BenchmarkEndpoint>();
        services.AddSingleton<InferenceCatalog>();
        services.AddSingleton<ModelLoading>();
        services.AddSingleton<InferRunner>();
        Inference.Rpc.RpcHosting.Add(services, config);
        services.AddSingleton<WatchMeters>();
        services.AddSingleton<StoreKeeper>();
        services.AddSingleton<IncidentDesk>();
        services.AddSingleton<WatchKeeper>();
        services.AddHostedService(provider => provider.GetRequiredService<WatchKeeper>());
        services.AddRouting();
        services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddMeter(ServiceMeters.MeterName).AddPrometheusExporter(exporter =>
        {
            // The instruments have the names that Prometheus is to show.
            exporter.TranslationStrategy = PrometheusAspNetCoreTranslationStrategy.UnderscoreEscapingWithoutSuffixes;
            exporter.ScopeInfoEnabled = false;
            exporter.TargetInfoEnabled = false;
        }));
        return services;
    }

    /// <summary>Reads the configuration again when its file changes or on SIGHUP; what can change while serving then does.</summary>
    /// <remarks>A file that is wrong changes nothing: the log and <c>/health</c> say what is the matter with it.</remarks>
    public static IServiceCollection AddUeqReload(this IServiceCollection services, ConfigSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        services.AddSingleton(source);
        return services.AddHostedService<ConfigReloader>();
    }

    /// <summary>Adds the service of models of a registry: those that the configuration names, or all. What its aliases point to is followed while it serves.</summary>
    /// <exception cref="ArgumentException">The configuration is out of range, or a version cannot be served with it.</exception>
    /// <exception cref="UnknownModelException">The registry has no such model, or none at all.</exception>
    /// <exception cref="InvalidDataException">A version is damaged: names the file.</exception>
    public static IServiceCollection AddUeq(this IServiceCollection services, UeqServiceConfig config, ModelRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(registry);
        config.Validate();
        RegistryModels models = RegistryModels.Load(config, registry);
        services.AddSingleton(models);
        services.AddSingleton<RegistryKeeper>();
        services.AddHostedService(provider => provider.GetRequiredService<RegistryKeeper>());
        return services.AddUeq(config, models.Loaded());
    }

    /// <summary>Ends the service so that no request is lost: on SIGTERM it is no longer ready, goes on answering for the configured while, and then stops.</summary>
    /// <remarks>It takes the place of the host's own handling of signals; a host that has its own leaves it out.</remarks>
    public static IServiceCollection AddUeqDraining(this IServiceCollection services) =>
        services.AddSingleton<IHostLifetime>(provider => provider.GetRequiredService<Draining>());

    /// <summary>Maps <c>/</c>, <c>/health</c>, <c>/health/live</c>, <c>/health/ready</c>, <c>/predict</c>, <c>/predict_large</c>, <c>/feedback</c>, <c>/coverage</c>, <c>/model_info</c>, <c>/benchmark</c>, <c>/metrics</c>, <c>/openapi/v1.json</c>, <c>/scalar</c> and the Open Inference Protocol under <c>/v2</c>.</summary>
    public static IEndpointRouteBuilder MapUeq(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        IEndpointRouteBuilder host = endpoints;
        // Whatever is mapped below stands behind the guard; what an address asks of its callers is in RouteAccess.
        RouteGroupBuilder guarded = endpoints.MapGroup("");
        Packing packing = endpoints.ServiceProvider.GetRequiredService<Packing>();
        Guard guard = endpoints.ServiceProvider.GetRequiredService<Guard>();
        ((IEndpointConventionBuilder)guarded).Finally(endpoint =>
        {
            packing.Wrap(endpoint);
            guard.Protect(endpoint);
        });
        endpoints = guarded;
        ServiceParts parts = endpoints.ServiceProvider.GetRequiredService<ServiceParts>();
        PredictEndpoint large = new(parts, ServiceCall.PredictLarge);
        StreamEndpoint streams = new(parts);
        endpoints.Map("/predict", new PredictEndpoint(parts, ServiceCall.Predict).Handle);
        endpoints.Map("/predict_large", http => HttpMethods.IsPost(http.Request.Method) && StreamFormats.Of(http.Request) != StreamFormat.None ? streams.Handle(http) : large.Handle(http));
        MapGet(endpoints, parts, "/", IndexEndpoint.Handle);
        MapGet(endpoints, parts, "/health", new HealthEndpoint(parts, endpoints.ServiceProvider.GetRequiredService<StoreKeeper>(), endpoints.ServiceProvider.GetRequiredService<IncidentDesk>(), endpoints.ServiceProvider.GetRequiredService<ExperimentDesk>(), endpoints.ServiceProvider.GetService<RegistryKeeper>()).Handle);
        ReadyEndpoints ready = new(endpoints.ServiceProvider.GetRequiredService<Draining>());
        MapGet(endpoints, parts, "/health/live", ReadyEndpoints.Live);
        MapGet(endpoints, parts, "/health/ready", ready.Ready);
        AdminRoutes.Map(endpoints, parts);
        LabelIntake labels = endpoints.ServiceProvider.GetRequiredService<LabelIntake>();
        endpoints.Map("/feedback", new FeedbackEndpoint(parts, labels).Handle);
        endpoints.Map("/benchmark", endpoints.ServiceProvider.GetRequiredService<BenchmarkEndpoint>().Handle);
        InferenceRoutes.Map(endpoints, parts);
        MapGet(endpoints, parts, "/coverage", new CoverageEndpoint(parts).Handle);
        MapGet(endpoints, parts, "/model_info", new ModelInfoEndpoint(parts).Handle);
        if (parts.Config.OpenApi)
        {
            OpenApiEndpoint api = new(parts);
            MapGet(endpoints, parts, "/openapi/v1.json", api.Document);
            MapGet(endpoints, parts, "/scalar", OpenApiEndpoint.Show);
            MapGet(endpoints, parts, "/scalar/{file}", api.File);
        }

        endpoints.MapPrometheusScrapingEndpoint("/metrics").WithMetadata(new HttpMethodMetadata(["GET"]));
        endpoints.Map("/metrics", http => parts.Errors.WrongVerb(http, "GET")).WithOrder(1);
        return host;
    }

    /// <summary>Answers every other address with an error in JSON; for hosts that serve nothing else.</summary>
    public static IEndpointRouteBuilder MapUeqNotFound(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        endpoints.MapFallback("{*path}", endpoints.ServiceProvider.GetRequiredService<ServiceParts>().Errors.NotFound);
        return endpoints;
    }

    /// <summary>Sets Kestrel's limits, addresses and certificate as configured.</summary>
    /// <exception cref="ArgumentException">The configuration is out of range.</exception>
    public static IWebHostBuilder ConfigureUeqKestrel(this IWebHostBuilder host, UeqServiceConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        config.Validate();
        host.UseUrls([.. config.Addresses]);
        if (config.Tls.Certificate is not null)
        {
            Certificates certificates = new(config.Tls);
            host.UseKestrelHttpsConfiguration();
            host.ConfigureServices(services => services.AddSingleton<ILiveSetting>(certificates));
            host.ConfigureKestrel(kestrel => kestrel.ConfigureHttpsDefaults(certificates.Use));
        }

        return host.ConfigureKestrel(kestrel =>
        {
            Inference.Rpc.RpcHosting.Listen(kestrel, config);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = config.MaxBodyBytes;
            kestrel.Limits.MaxConcurrentConnections = config.Limits.Connections;
            kestrel.Limits.MaxRequestHeadersTotalSize = config.Limits.HeaderBytes;
            kestrel.Limits.MaxRequestHeaderCount = config.Limits.HeaderCount;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(config.Limits.HeaderSeconds);
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(config.Limits.KeepAliveSeconds);
        });
    }

    /// <summary>Logs to standard output, and to the configured file if there is one, from the configured level on.</summary>
    /// <remarks>ASP.NET Core's own messages start at warnings, and nothing is written or prepared per request.</remarks>
    public static IHostApplicationBuilder UseUeqLogging(this IHostApplicationBuilder builder, UeqServiceConfig config)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(config);
        LogSwitch level = new(config);
        builder.Services.AddSingleton<ILiveSetting>(level);
        LoggerConfiguration logging = new LoggerConfiguration()
            .MinimumLevel.ControlledBy(level.Ours)
            .MinimumLevel.Override("Microsoft", level.Framework)
            .MinimumLevel.Override("System", level.Framework)
            .MinimumLevel.Override("Microsoft.Hosting.Lifetime", level.Ours)
            .MinimumLevel.Override("Microsoft.AspNetCore.Hosting.Diagnostics", LevelAlias.Off)
            .WriteTo.Console(formatProvider: CultureInfo.InvariantCulture);
        if (config.LogFile is { } file)
        {
            logging.WriteTo.File(
                file, formatProvider: CultureInfo.InvariantCulture, shared: true,
                rollingInterval: config.Telemetry.LogFileRoll == LogFileRoll.Day ? RollingInterval.Day : RollingInterval.Infinite,
                fileSizeLimitBytes: (long)config.Telemetry.LogFileMegabytes << 20, rollOnFileSizeLimit: true, retainedFileCountLimit: config.Telemetry.LogFilesKept);
        }

        builder.Services.AddSerilog(logging.CreateLogger(), dispose: true);
        return builder;
    }

    private static void MapGet(IEndpointRouteBuilder endpoints, ServiceParts parts, string address, Func<HttpContext, Task> handle) =>
        endpoints.Map(address, http => HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method)
            ? new AdminCall(parts).Run(http, handle)
            : parts.Errors.WrongVerb(http, "GET"));
}
