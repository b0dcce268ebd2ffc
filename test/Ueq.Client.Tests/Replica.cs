using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Ueq.Serving;
using Ueq.Versions;

namespace Ueq.Client.Tests;

/// <summary>One replica of the service on a real socket, which counts what it is asked.</summary>
internal sealed class Replica : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _predictions, _probes;

    private Replica(WebApplication app) => _app = app;

    public Uri Address { get; private set; } = null!;

    /// <summary>Requests for predictions, by stream or not.</summary>
    public int Predictions => Volatile.Read(ref _predictions);

    public int Probes => Volatile.Read(ref _probes);

    /// <summary>What is done before the service sees a request; <c>true</c>: it has been answered.</summary>
    public Func<HttpContext, Task<bool>>? Before { get; set; }

    public static Task<Replica> Start(ModelVersion? version = null, Uri? address = null, UeqServiceConfig? config = null)
    {
        version ??= Fakes.Sum();
        return Start([KeyValuePair.Create(version.Manifest.Target, version)], address, config);
    }

    public static async Task<Replica> Start(IEnumerable<KeyValuePair<string, ModelVersion>> models, Uri? address, UeqServiceConfig? config)
    {
        config = (config ?? new UeqServiceConfig()) with { Urls = [address?.GetLeftPart(UriPartial.Authority) ?? "http://127.0.0.1:0"] };
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureUeqKestrel(config);
        builder.Services.AddUeq(config, models);
        WebApplication app = builder.Build();
        Replica replica = new(app);
        app.Use(replica.Count);
        app.MapUeq().MapUeqNotFound();
        await app.StartAsync();
        replica.Address = new Uri(app.Urls.Single());
        return replica;
    }

    /// <summary>Ends at once; connections are cut.</summary>
    public Task Kill() => _app.StopAsync(new CancellationToken(true));

    public async ValueTask DisposeAsync()
    {
        await Kill();
        await _app.DisposeAsync();
    }

    private async Task Count(HttpContext http, RequestDelegate next)
    {
        if (http.Request.Path.StartsWithSegments("/health")) Interlocked.Increment(ref _probes);
        if (http.Request.Path.Value!.StartsWith("/predict", StringComparison.Ordinal)) Interlocked.Increment(ref _predictions);
        if (Before is { } before && await before(http)) return;
        await next(http);
    }
}
