using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Ueq.Serving;

namespace Ueq.Bench.Serving;

/// <summary>The two servers that are compared. Each prints its address and runs until its standard input ends.</summary>
internal static class BenchServer
{
    public const int Features = 10;

    /// <summary>The service as <c>ueq serve</c> hosts it: logging, routing, metrics and drift monitoring on.</summary>
    public static Task<int> ServeUeq(string[] args)
    {
        UeqServiceConfig config = new() { Urls = ["http://127.0.0.1:0"], Store = args is ["--store", string store] ? store : null, ReceiptKey = new string('k', 40) };
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.UseUeqLogging(config with { LogLevel = LogLevel.Warning });
        builder.WebHost.ConfigureUeqKestrel(config);
        builder.Services.AddUeq(config, LinearModel.Version(Features));
        WebApplication app = builder.Build();
        app.MapUeq().MapUeqNotFound();
        return Serve(app);
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

    internal static async Task<int> Serve(WebApplication app)
    {
        await app.StartAsync();
        Console.WriteLine(app.Urls.First());
        await Console.In.ReadToEndAsync();
        await app.StopAsync();
        return 0;
    }
}
