using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Ueq.Registry;
using Ueq.Serving.Configuration;
using Ueq.Versions;

namespace Ueq.Serving.Tests;

/// <summary>The service on a real socket.</summary>
internal sealed class Server : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Server(WebApplication app)
    {
        _app = app;
        Address = new Uri(app.Urls.First().Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal));
        GrpcAddress = new Uri(app.Urls.Last().Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal));
        Client = new HttpClient { BaseAddress = Address };
    }

    public Uri Address { get; }

    /// <summary>The second address; the first where there is one.</summary>
    public Uri GrpcAddress { get; }

    public HttpClient Client { get; }

    public ModelCatalog Models => _app.Services.GetRequiredService<ModelCatalog>();

    public T Service<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public IHostApplicationLifetime Lifetime => _app.Lifetime;

    public static Task<Server> Start(ModelVersion version, UeqServiceConfig? config = null, ILoggerProvider? log = null, ConfigSource? source = null) =>
        Start([KeyValuePair.Create(version.Manifest.Target, version)], config, log, source);

    public static Task<Server> Start(IReadOnlyList<KeyValuePair<string, ModelVersion>> models, UeqServiceConfig? config = null, ILoggerProvider? log = null, ConfigSource? source = null) =>
        Start((services, settings) => services.AddUeq(settings, models), config, log, source);

    public static Task<Server> Start(ModelRegistry registry, UeqServiceConfig config) => Start((services, settings) => services.AddUeq(settings, registry), config, null, null);

    private static async Task<Server> Start(Action<IServiceCollection, UeqServiceConfig> add, UeqServiceConfig? config, ILoggerProvider? log, ConfigSource? source)
    {
        config = (config ?? new UeqServiceConfig()) with { Urls = config?.Urls is [var url] && url.EndsWith(":0", StringComparison.Ordinal) ? [url] : ["http://127.0.0.1:0"] };
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (log is not null) builder.Logging.AddProvider(log);
        builder.WebHost.ConfigureUeqKestrel(config);
        add(builder.Services, config);
        builder.Services.AddSingleton<System.Diagnostics.Metrics.IMeterFactory, OwnMeters>();
        if (source is not null) builder.Services.AddUeqReload(source);
        WebApplication app = builder.Build();
        app.MapUeq().MapUeqNotFound();
        await app.StartAsync();
        return new Server(app);
    }

    /// <summary>Asks again and again, for a minute, until the answer is as hoped for.</summary>
    public async Task<JsonElement> Until(string path, Predicate<JsonElement> hoped)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(1));
        while (true)
        {
            JsonElement body = (await Get(path)).Body;
            if (hoped(body)) return body;
            Assert.False(limit.IsCancellationRequested, $"after a minute {path} still answers {body}");
            await Task.Delay(10);
        }
    }

    public async Task<(int Status, string Body)> Post(string path, byte[] body, string? type = "application/json")
    {
        using ByteArrayContent content = new(body);
        if (type is not null) content.Headers.TryAddWithoutValidation("Content-Type", type);
        using HttpResponseMessage response = await Client.PostAsync(new Uri(path, UriKind.Relative), content);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public Task<(int Status, string Body)> Post(string path, string body, string? type = "application/json") => Post(path, Encoding.UTF8.GetBytes(body), type);

    /// <summary>Sends a request with headers as they are given.</summary>
    public async Task<(int Status, string Body, HttpResponseMessage Answer)> Send(HttpMethod verb, string path, string? body, params (string Name, string Value)[] headers)
    {
        using HttpRequestMessage request = new(verb, new Uri(path, UriKind.Relative));
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        foreach ((string name, string value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        HttpResponseMessage answer = await Client.SendAsync(request);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(), answer);
    }

    public async Task<JsonElement> Predict(string body, string path = "/predict")
    {
        (int status, string text) = await Post(path, body);
        Assert.True(status == 200, $"{status}: {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    public async Task<(int Status, JsonElement Body)> Get(string path)
    {
        using HttpResponseMessage response = await Client.GetAsync(new Uri(path, UriKind.Relative));
        return ((int)response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement);
    }

    /// <summary>Sends bytes as they are and reads until the server closes or the answer is as long as it says.</summary>
    public async Task<string> Raw(string request)
    {
        using TcpClient tcp = new(Address.Host, Address.Port);
        NetworkStream stream = tcp.GetStream();
        try
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        }
        catch (IOException)
        {
            // The server may answer and close before it has read everything.
        }

        StringBuilder answer = new();
        byte[] buffer = new byte[8192];
        for (int read; !IsComplete(answer.ToString()) && (read = await stream.ReadAsync(buffer)) > 0;)
            answer.Append(Encoding.UTF8.GetString(buffer, 0, read));
        return answer.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static bool IsComplete(string answer)
    {
        int end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        int at = answer.IndexOf("Content-Length: ", StringComparison.Ordinal);
        return end >= 0 && at >= 0 && answer.Length - end - 4 >= int.Parse(answer[(at + 16)..answer.IndexOf('\r', at)], null);
    }
}
