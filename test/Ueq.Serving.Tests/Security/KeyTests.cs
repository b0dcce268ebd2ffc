using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.Logging;
using Ueq.Serving.Configuration;
using Ueq.Serving.Security;

namespace Ueq.Serving.Tests.Security;

/// <summary>Keys: who may do what, and what a caller may try.</summary>
public sealed class KeyTests
{
    private const string Row = "{\"X\": [[1, 2, 3]]}";
    private const string Labels = "{\"labels\": [{\"receipt\": \"x\", \"y\": 1}]}";

    private static readonly Dictionary<string, string> Secrets = [];
    private static readonly SecurityConfig Four = new()
    {
        Keys = new[] { AccessScopes.Predict, AccessScopes.Feedback, AccessScopes.Read, AccessScopes.Admin }.ToDictionary(
            scope => scope.ToString(),
            scope =>
            {
                ApiKey key = ApiKey.Create(scope, out string secret);
                Secrets[scope.ToString()] = secret;
                return key;
            }),
    };

    [Theory]
    [InlineData("POST", "/predict", Row, "Predict", "predict")]
    [InlineData("POST", "/predict_large", Row, "Predict", "predict")]
    [InlineData("GET", "/model_info", null, "Predict", "predict")]
    [InlineData("GET", "/coverage", null, "Read Admin", "read")]
    [InlineData("GET", "/monitoring", null, "Read Admin", "read")]
    [InlineData("POST", "/feedback", Labels, "Feedback", "feedback")]
    [InlineData("POST", "/monitoring/freeze", "{}", "Admin", "admin")]
    [InlineData("POST", "/v2/models/y/infer", "{}", "Predict", "predict")]
    [InlineData("POST", "/v2/repository/index", "", "Read Admin", "read")]
    [InlineData("POST", "/v2/repository/models/y/unload", "", "Admin", "admin")]
    public async Task AKeyOpensWhatItsScopeSays(string verb, string path, string? body, string able, string missing)
    {
        await using Server server = await Server.Start(Fakes.Sum(reference: true), new UeqServiceConfig { Security = Four });
        foreach (string holder in Four.Keys.Keys)
        {
            (int status, string text, HttpResponseMessage answer) = await server.Send(new HttpMethod(verb), path, body, ("Authorization", "Bearer " + Secrets[holder]));
            if (able.Split(' ').Contains(holder))
            {
                Assert.True(status is not (401 or 403), $"{holder} {status} {text}");
                continue;
            }

            Assert.Equal(403, status);
            Assert.Contains($"expected the scope {missing}", JsonDocument.Parse(text).RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
            Assert.Equal($"Bearer realm=\"ueq\", error=\"insufficient_scope\", scope=\"{missing}\"", answer.Headers.GetValues("WWW-Authenticate").Single());
        }

        (int none, string said, HttpResponseMessage refused) = await server.Send(new HttpMethod(verb), path, body);
        Assert.Equal(401, none);
        Assert.Equal("error", JsonDocument.Parse(said).RootElement.GetProperty("status").GetString());
        Assert.Equal("Bearer realm=\"ueq\"", refused.Headers.GetValues("WWW-Authenticate").Single());
    }

    [Fact]
    public async Task NoAddressIsForgotten()
    {
        await using Server server = await Server.Start(Fakes.Sum(), new UeqServiceConfig { Security = Four });
        RouteEndpoint[] all = [.. server.Service<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(e => e.RoutePattern.RawText != "{*path}")];
        Assert.True(all.Length > 15);
        foreach (string path in all.Select(e => "/" + e.RoutePattern.RawText!.Trim('/')).Distinct())
        {
            foreach (HttpMethod verb in new[] { HttpMethod.Get, HttpMethod.Post, HttpMethod.Put, HttpMethod.Delete })
            {
                bool open = RouteAccess.Of(path, verb.Method) is Access.Open or Access.Health or Access.Metrics;
                (int status, string _, HttpResponseMessage _) = await server.Send(verb, path.Replace("{id}", "1", StringComparison.Ordinal), null);
                Assert.True(open ? status != 401 : status == 401, $"{verb} {path}: {status}");
            }
        }
    }

    [Fact]
    public async Task WhatACallerMayTryOpensNothing()
    {
        await using Server server = await Server.Start(Fakes.Sum(), new UeqServiceConfig { Security = Four });
        string secret = Secrets["Predict"];
        (string Name, string Value)[][] tries =
        [
            [("Authorization", "Bearer " + secret[..^1])],
            [("Authorization", "Bearer " + secret + "A")],
            [("Authorization", "Bearer " + secret.ToUpperInvariant())],
            [("Authorization", "Basic " + secret)],
            [("Authorization", secret)],
            [("Authorization", "Bearer")],
            [("Authorization", "Bearer " + Four.Keys["Predict"].Sha256)],
            [("Authorization", "Bearer sha256:" + Four.Keys["Predict"].Sha256)],
            [("Authorization", "Bearer " + new string('a', 10_000))],
            [("Authorization", "Bearer " + secret + ", Bearer " + secret)],
            [("X-API-Key", secret), ("Authorization", "Bearer " + secret)],
            [("X-API-Key", "")],
            [("X-Scopes", "admin"), ("X-Scope", "admin"), ("X-User", "ops")],
            [("Cookie", "Authorization=Bearer " + secret)],
        ];
        foreach ((string, string)[] headers in tries)
            Assert.Equal(401, (await server.Send(HttpMethod.Post, "/predict", Row, headers)).Status);
        Assert.Equal(401, (await server.Send(HttpMethod.Post, $"/predict?api_key={secret}&access_token={secret}", Row)).Status);
        Assert.StartsWith("HTTP/1.1 401", await server.Raw($"POST /predict HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {secret}\r\nAuthorization: Bearer {Secrets["Admin"]}\r\nContent-Length: 0\r\n\r\n"), StringComparison.Ordinal);
        Assert.Equal(401, (await server.Send(HttpMethod.Post, "/PREDICT/", Row)).Status);
        Assert.Equal(403, (await server.Send(HttpMethod.Post, "/monitoring/freeze", "{}", ("Authorization", "Bearer " + secret), ("X-Scopes", "admin"))).Status);
        Assert.Equal(200, (await server.Send(HttpMethod.Post, "/predict", Row, ("Authorization", "bearer  " + secret))).Status);
        Assert.Equal(200, (await server.Send(HttpMethod.Post, "/predict", Row, ("x-api-key", secret))).Status);
    }

    [Fact]
    public async Task HealthAndMetricsAreOpenAsConfigured()
    {
        await using (Server server = await Server.Start(Fakes.Sum(), new UeqServiceConfig { Security = Four }))
        {
            Assert.Equal(200, (await server.Send(HttpMethod.Get, "/health", null)).Status);
            Assert.Equal(200, (await server.Send(HttpMethod.Get, "/metrics", null)).Status);
            Assert.Equal(401, (await server.Send(HttpMethod.Get, "/metrics", null, ("X-Forwarded-For", "127.0.0.1"))).Status);
        }

        UeqServiceConfig closed = new() { Security = Four with { Health = HealthAccess.Scope, Metrics = MetricsAccess.Scope } };
        await using Server strict = await Server.Start(Fakes.Sum(), closed);
        foreach (string path in new[] { "/health", "/metrics" })
        {
            Assert.Equal(401, (await strict.Send(HttpMethod.Get, path, null)).Status);
            Assert.Equal(403, (await strict.Send(HttpMethod.Get, path, null, ("X-API-Key", Secrets["Predict"]))).Status);
            Assert.Equal(200, (await strict.Send(HttpMethod.Get, path, null, ("X-API-Key", Secrets["Read"]))).Status);
        }
    }

    [Fact]
    public async Task TheAuditLogHasTheHolderOfTheKey()
    {
        await using Server server = await Server.Start(Fakes.Sum(reference: true), new UeqServiceConfig { Security = Four });
        (string, string) admin = ("X-API-Key", Secrets["Admin"]);
        await server.Until("/health", health => health.GetProperty("store").GetProperty("state").GetString() == "none");
        Assert.Equal(403, (await server.Send(HttpMethod.Post, "/monitoring/freeze", "{\"who\": \"eve\"}", admin)).Status);
        Assert.Equal(200, (await server.Send(HttpMethod.Post, "/monitoring/freeze", "{}", admin)).Status);
        Assert.Equal(200, (await server.Send(HttpMethod.Post, "/monitoring/resume", "{\"who\": \"Admin\"}", admin, ("Origin", "https://example.com"), ("X-Forwarded-For", "10.1.1.1"))).Status);
        (int _, string text, HttpResponseMessage _) = await server.Send(HttpMethod.Get, "/audit", null, admin);
        JsonElement audit = JsonDocument.Parse(text).RootElement.GetProperty("audit");
        Assert.Equal(2, audit.GetArrayLength());
        Assert.All(audit.EnumerateArray(), entry => Assert.Equal("Admin", entry.GetProperty("who").GetString()));
    }

    [Fact]
    public async Task ABucketThatIsEmptyIs429()
    {
        ApiKey slow = ApiKey.Create(AccessScopes.Predict, out string secret) with { RequestsPerSecond = 0.001 };
        ApiKey fast = ApiKey.Create(AccessScopes.Predict, out string other);
        UeqServiceConfig config = new() { Security = new SecurityConfig { Keys = new Dictionary<string, ApiKey> { ["slow"] = slow, ["fast"] = fast } }, Limits = new LimitsConfig { KeyBurst = 3 } };
        await using Server server = await Server.Start(Fakes.Sum(), config);
        for (int i = 0; i < 3; i++) Assert.Equal(200, (await server.Send(HttpMethod.Post, "/predict", Row, ("X-API-Key", secret))).Status);
        (int status, string text, HttpResponseMessage answer) = await server.Send(HttpMethod.Post, "/predict", Row, ("X-API-Key", secret));
        Assert.Equal(429, status);
        Assert.Contains("more often than it may", text, StringComparison.Ordinal);
        Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 1000);
        Assert.Equal(200, (await server.Send(HttpMethod.Post, "/predict", Row, ("X-API-Key", other))).Status);
    }

    [Fact]
    public async Task AnAddressWithoutAKeyHasABucketToo()
    {
        LimitsConfig limits = new() { AddressRequestsPerSecond = 0.001, AddressBurst = 2 };
        await using (Server open = await Server.Start(Fakes.Sum(), new UeqServiceConfig { Limits = limits }))
        {
            for (int i = 0; i < 2; i++) Assert.Equal(200, (await open.Send(HttpMethod.Post, "/predict", Row)).Status);
            Assert.Equal(429, (await open.Send(HttpMethod.Post, "/predict", Row)).Status);
            Assert.Equal(200, (await open.Send(HttpMethod.Get, "/health", null)).Status);
        }

        await using Server closed = await Server.Start(Fakes.Sum(), new UeqServiceConfig { Limits = limits, Security = Four });
        for (int i = 0; i < 2; i++) Assert.Equal(401, (await closed.Send(HttpMethod.Post, "/predict", Row, ("X-API-Key", "wrong"))).Status);
        Assert.Equal(429, (await closed.Send(HttpMethod.Post, "/predict", Row, ("X-API-Key", "wrong"))).Status);
        Assert.Equal(200, (await closed.Send(HttpMethod.Post, "/predict", Row, ("X-API-Key", Secrets["Predict"]))).Status);
    }

    [Fact]
    public async Task AServiceThatListensBeyondItsMachineWithoutKeysChangesNothing()
    {
        await using Server server = await Server.Start(Fakes.Sum(reference: true), new UeqServiceConfig { Urls = ["http://0.0.0.0:0"] });
        (int status, string text, HttpResponseMessage _) = await server.Send(HttpMethod.Post, "/monitoring/freeze", "{\"who\": \"me\"}");
        Assert.Equal(403, status);
        Assert.Contains("ueq keys create", text, StringComparison.Ordinal);
        Assert.Equal(200, (await server.Send(HttpMethod.Post, "/predict", Row)).Status);
        Assert.Equal(200, (await server.Send(HttpMethod.Get, "/monitoring", null)).Status);
    }

    [Theory]
    [InlineData("127.0.0.1", 200)]
    [InlineData("localhost:5000", 200)]
    [InlineData("[::1]:5000", 200)]
    [InlineData("rebound.example", 403)]
    [InlineData("rebound.example:5000", 403)]
    [InlineData("localhost.example", 403)]
    public async Task ANameThatAPageHasMeanThisMachineChangesNothing(string host, int expected)
    {
        await using Server server = await Server.Start(Fakes.Sum(reference: true));
        await server.Until("/health", health => health.GetProperty("store").GetProperty("state").GetString() == "none");
        (int status, string text, HttpResponseMessage _) = await server.Send(HttpMethod.Post, "/monitoring/freeze", "{\"who\": \"me\"}", ("Host", host));
        Assert.True(expected == status, text);
        if (status != 200) Assert.Contains("(Host)", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task KeysChangeWithTheFileAndTheLastOneStays()
    {
        string folder = Directory.CreateTempSubdirectory("ueq-keys-").FullName, file = Path.Combine(folder, "c.yaml");
        ApiKey one = ApiKey.Create(AccessScopes.Predict, out string first), two = ApiKey.Create(AccessScopes.Predict, out string second);
        File.WriteAllText(file, $"urls: http://127.0.0.1:0\nsecurity:\n  keys:\n    one: {one}\n");
        ConfigSource source = new(file, [], []);
        await using Server server = await Server.Start(Fakes.Sum(), source.Read().Config, null, source);
        Assert.Equal(200, (await server.Send(HttpMethod.Post, "/predict", Row, ("X-API-Key", first))).Status);
        File.WriteAllText(file, $"urls: http://127.0.0.1:0\nsecurity:\n  keys:\n    two: {two}\n");
        await server.Until("/health", _ => server.Send(HttpMethod.Post, "/predict", Row, ("X-API-Key", second)).Result.Status == 200);
        Assert.Equal(401, (await server.Send(HttpMethod.Post, "/predict", Row, ("X-API-Key", first))).Status);
        File.WriteAllText(file, "urls: http://127.0.0.1:0\n");
        await server.Until("/health", health => health.GetProperty("config").GetProperty("problem").GetString()?.Contains("needs a restart", StringComparison.Ordinal) == true);
        Assert.Equal(401, (await server.Send(HttpMethod.Post, "/predict", Row)).Status);
        Assert.Equal(200, (await server.Send(HttpMethod.Post, "/predict", Row, ("X-API-Key", second))).Status);
        File.WriteAllText(file, "");
        await server.Until("/health", health => health.GetProperty("config").GetProperty("problem").GetString()?.Contains("empty file", StringComparison.Ordinal) == true);
        Assert.Equal(401, (await server.Send(HttpMethod.Post, "/predict", Row)).Status);
        Directory.Delete(folder, true);
    }

    [Fact]
    public async Task AKeyCostsARequestNoAllocation()
    {
        ApiKey limited = ApiKey.Create(AccessScopes.Predict, out string secret) with { RequestsPerSecond = 1e6 };
        UeqServiceConfig config = new() { Security = Four with { Keys = new Dictionary<string, ApiKey>(Four.Keys) { ["limited"] = limited } }, Limits = new LimitsConfig { KeyBurst = 1_000_000 } };
        await using Server server = await Server.Start(Fakes.Sum(), config);
        int handled = 0;
        RouteEndpointBuilder endpoint = new(_ =>
        {
            handled++;
            return Task.CompletedTask;
        }, RoutePatternFactory.Parse("/predict"), 0);
        server.Service<Guard>().Protect(endpoint);
        foreach (string key in new[] { Secrets["Predict"], secret })
        {
            DefaultHttpContext http = new();
            http.Request.Method = "POST";
            http.Request.Headers.Authorization = "Bearer " + key;
            for (int i = 0; i < 2000; i++) await endpoint.RequestDelegate!(http);
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 1000; i++) _ = endpoint.RequestDelegate!(http);
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(6000, handled);
    }

    [Fact]
    public async Task APageGetsItsHeaders()
    {
        await using Server server = await Server.Start(Fakes.Sum(), new UeqServiceConfig());
        RouteEndpointBuilder endpoint = new(http =>
        {
            http.Response.ContentType = "text/html; charset=utf-8";
            return http.Response.WriteAsync("<p>");
        }, RoutePatternFactory.Parse("/page"), 0);
        server.Service<Guard>().Protect(endpoint);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using WebApplication app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.Run(endpoint.RequestDelegate!);
        await app.StartAsync();
        using HttpResponseMessage answer = await server.Client.GetAsync(new Uri(app.Urls.Single()));
        Assert.Contains("frame-ancestors 'none'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("DENY", answer.Headers.GetValues("X-Frame-Options").Single());
        using HttpResponseMessage plain = await server.Client.GetAsync(new Uri("/monitoring", UriKind.Relative));
        Assert.False(plain.Headers.Contains("Content-Security-Policy"));
    }
}
