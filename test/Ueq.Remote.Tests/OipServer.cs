using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ueq.Remote.Tests;

/// <summary>One request for inference, and the n-th of them.</summary>
internal sealed record Asked(HttpContext Context, JsonElement Body, int Number)
{
    /// <summary>The rows of the one input.</summary>
    public double[][] Rows
    {
        get
        {
            JsonElement input = Body.GetProperty("inputs")[0];
            double[] values = [.. input.GetProperty("data").EnumerateArray().Select(v => v.GetDouble())];
            int rows = input.GetProperty("shape")[0].GetInt32();
            return [.. values.Chunk(Math.Max(1, values.Length / Math.Max(1, rows)))];
        }
    }

    public Task Answer(params (string Name, string Datatype, long[] Shape, object Data)[] outputs) => Context.Response.WriteAsJsonAsync(new
    {
        model_name = "m",
        outputs = outputs.Select(o => new { name = o.Name, datatype = o.Datatype, shape = o.Shape, data = o.Data }),
    });

    /// <summary>One number per row.</summary>
    public Task Answer(Func<double[], double> row) => Answer(("y", "FP64", [Rows.Length], Rows.Select(row).ToArray()));

    public Task Fail(int status, string text = "")
    {
        Context.Response.StatusCode = status;
        return Context.Response.WriteAsync(text);
    }
}

/// <summary>A server over a real socket that speaks the Open Inference Protocol v2, as badly as it is told to.</summary>
internal sealed class OipServer : IAsyncDisposable
{
    public const string Point = """{"name":"m","versions":["1"],"platform":"test","inputs":[{"name":"x","datatype":"FP32","shape":[-1,2]}],"outputs":[{"name":"y","datatype":"FP64","shape":[-1]}]}""";

    private readonly WebApplication _app;
    private int _number;

    private OipServer(WebApplication app) => _app = app;

    public Uri Address { get; private set; } = null!;

    public int Requests => _number;

    /// <summary>Paths and the value of the header X-Key, in the order of the requests.</summary>
    public ConcurrentQueue<(string Path, string? Key)> Seen { get; } = [];

    public static async Task<OipServer> Start(Func<Asked, Task> infer, string metadata = Point)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(options => options.Limits.MaxRequestBodySize = null);
        WebApplication app = builder.Build();
        OipServer server = new(app);
        app.Use(async (context, next) =>
        {
            server.Seen.Enqueue((context.Request.Path, context.Request.Headers["X-Key"]));
            await next(context);
        });
        foreach (string place in (string[])["/v2/models/m", "/v2/models/m/versions/7"])
        {
            app.MapGet(place, () => Results.Text(metadata, "application/json"));
            app.MapPost(place + "/infer", async context =>
            {
                int number = Interlocked.Increment(ref server._number);
                using JsonDocument body = await JsonDocument.ParseAsync(context.Request.Body);
                await infer(new Asked(context, body.RootElement, number));
            });
        }

        await app.StartAsync();
        server.Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return server;
    }

    public RemoteModel Connect(Func<RemoteOptions, RemoteOptions>? change = null) =>
        RemoteModel.Connect(Address, (change ?? (options => options))(new RemoteOptions { Model = "m", RetryDelay = TimeSpan.FromMilliseconds(1) }));

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
