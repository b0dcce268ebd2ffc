using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Ueq.Serving;
using Ueq.Versions;

namespace Ueq.Bench.Serving;

/// <summary>The two servers that are compared. Each prints its address and runs until its standard input ends.</summary>
internal static class BenchServer
{
    public const int Features = 10;

    /// <summary>The service as <c>ueq serve</c> hosts it: logging, routing, metrics and drift monitoring on.</summary>
    public static Task<int> ServeUeq(string[] args)
    {
        UeqServiceConfig config = new() { Urls = ["http://127.0.0.1:0"], Store = args is ["--store", string store] ? store : null, MonitorValuesPerSecond = args is ["--watch-all"] ? 0 : new UeqServiceConfig().MonitorValuesPerSecond, ReceiptKey = new string('k', 40) };
        return Serve(Service(config, LinearModel.Version(Features)));
    }

    /// <summary>The service with a model that takes a millisecond, one thread for it, and room for eight rows to wait.</summary>
    public static Task<int> ServeSlow(string[] args)
    {
        UeqServiceConfig config = new() { Urls = ["http://127.0.0.1:0"], Batching = new BatchingConfig { Models = ["*"], Rows = 1, MaxConcurrent = 1, MaxWaitingRows = 8 } };
        ModelVersion version = LinearModel.Version(Features);
        version = new ModelVersion(version.Manifest, new SlowModel(version.Regressor!, TimeSpan.FromMilliseconds(1)), version.Reference, version.Digest);
        return Serve(Service(config, version));
    }

    /// <summary>Kestrel alone: the body is read whole and written back.</summary>
    public static Task<int> ServeEcho(string[] args)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        WebApplication app = builder.Build();
        app.Run(async http =>
        {
            PipeReader reader = http.Request.BodyReader;
            ReadResult read = await reader.ReadAsync();
            while (!read.IsCompleted)
            {
                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                read = await reader.ReadAsync();
            }

            http.Response.ContentType = "application/json";
            http.Response.ContentLength = read.Buffer.Length;
            foreach (ReadOnlyMemory<byte> part in read.Buffer) http.Response.BodyWriter.Write(part.Span);
            await http.Response.BodyWriter.FlushAsync();
            reader.AdvanceTo(read.Buffer.End);
        });
        return Serve(app);
    }

    /// <summary>As <c>ueq serve</c> hosts it.</summary>
    internal static WebApplication Service(UeqServiceConfig config, ModelVersion version)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.UseUeqLogging(config with { LogLevel = LogLevel.Warning });
        builder.WebHost.ConfigureUeqKestrel(config);
        builder.Services.AddUeq(config, version);
        WebApplication app = builder.Build();
        app.MapUeq().MapUeqNotFound();
        return app;
    }

    internal static async Task<int> Serve(WebApplication app)
    {
        await app.StartAsync();
        Console.WriteLine(app.Urls.First());
        await Console.In.ReadToEndAsync();
        await app.StopAsync();
        return 0;
    }
}
