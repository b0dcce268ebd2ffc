using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Ueq.Serving.Security;

namespace Ueq.Serving.Tests.Security;

/// <summary>Tokens of an identity provider, made by hand so that they can be wrong.</summary>
public sealed class TokenTests : IDisposable
{
    private const string Row = "{\"X\": [[1, 2, 3]]}";
    private const string Issuer = "https://issuer.example", Audience = "ueq";

    private readonly string _folder = Directory.CreateTempSubdirectory("ueq-jwt-").FullName;
    private readonly RSA _rsa = RSA.Create(2048);

    private string KeyFile => Path.Combine(_folder, "key.pem");

    [Fact]
    public async Task ATokenOpensWhatItsScopesSay()
    {
        await using Server server = await Start();
        Assert.Equal(200, await Predict(server, Sign(Claims("predict feedback"))));
        Assert.Equal(200, await Predict(server, Sign(Claims(new[] { "other", "predict" }))));
        Assert.Equal(403, await Predict(server, Sign(Claims("feedback"))));
        Assert.Equal(403, await Predict(server, Sign(Claims(""))));
        (int status, string text, HttpResponseMessage _) = await server.Send(HttpMethod.Post, "/monitoring/freeze", "{\"who\": \"eve\"}", ("Authorization", "Bearer " + Sign(Claims("admin"))));
        Assert.Equal(403, status);
        Assert.Contains("alice", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ATokenThatIsWrongIs401AndSaysWhy()
    {
        await using Server server = await Start();
        Dictionary<string, object> good = Claims("predict");
        string token = Sign(good);
        string[] parts = token.Split('.');
        string publicPem = File.ReadAllText(KeyFile);
        (string Token, string Said)[] tries =
        [
            (Sign(With(good, "exp", Now(-3600))), "expired"),
            (Sign(With(With(good, "nbf", Now(3600)), "exp", Now(7200))), "not valid yet"),
            (Sign(With(good, "aud", "another")), "somebody else"),
            (Sign(With(good, "iss", "https://evil.example")), "another issuer"),
            (Sign(Without(good, "exp")), "when it expires"),
            (Sign(Without(good, "aud")), "somebody else"),
            (Part(new { alg = "none", typ = "JWT" }) + "." + parts[1] + ".", "signature"),
            (Part(new { alg = "none" }) + "." + parts[1] + "." + parts[2], ""),
            (Hmac(good, Encoding.UTF8.GetBytes(publicPem)), ""),
            (Hmac(good, _rsa.ExportSubjectPublicKeyInfo()), ""),
            (Sign(good, "RS384", HashAlgorithmName.SHA384), "not by an algorithm"),
            (Sign(good, "RS256", HashAlgorithmName.SHA256, RSA.Create(2048)), "signature"),
            (parts[0] + "." + Part(With(good, "scope", "admin predict")) + "." + parts[2], "signature"),
            (parts[0] + "." + parts[1] + ".", ""),
            (parts[0] + "." + parts[1] + "." + parts[2] + ".x", ""),
            (Sign(good, "RS256", HashAlgorithmName.SHA256, extensions: ["urn:example:unknown"]), "extensions that are not known"),
            ("a.b.c", ""),
            ("..", ""),
            (new string('a', 9000) + "." + parts[1] + "." + parts[2], ""),
        ];
        foreach ((string wrong, string said) in tries)
        {
            (int status, string text, HttpResponseMessage answer) = await server.Send(HttpMethod.Post, "/predict", Row, ("Authorization", "Bearer " + wrong));
            Assert.True(status == 401, $"{status} {text} for {wrong}");
            Assert.Contains(said, text, StringComparison.Ordinal);
            Assert.DoesNotContain("IDX", text, StringComparison.Ordinal);
            Assert.Contains("invalid_token", answer.Headers.GetValues("WWW-Authenticate").Single(), StringComparison.Ordinal);
        }

        Assert.Equal(401, (await server.Send(HttpMethod.Post, "/predict", Row, ("X-API-Key", token))).Status);
        Assert.Equal(401, (await server.Send(HttpMethod.Post, "/predict?access_token=" + token, Row)).Status);
        Assert.Equal(200, await Predict(server, token));
    }

    [Fact]
    public async Task KeysOfAnAuthorityAreFoundAndAnAbsentAuthorityIs503()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using WebApplication provider = builder.Build();
        provider.Urls.Add("http://127.0.0.1:0");
        provider.MapGet("/.well-known/openid-configuration", (HttpContext http) => http.Response.WriteAsync(
            $"{{\"issuer\": \"{Issuer}\", \"jwks_uri\": \"http://{http.Request.Host}/keys\"}}"));
        RSAParameters key = _rsa.ExportParameters(false);
        provider.MapGet("/keys", (HttpContext http) => http.Response.WriteAsync(
            $"{{\"keys\": [{{\"kty\": \"RSA\", \"use\": \"sig\", \"kid\": \"k1\", \"n\": \"{Base64Url.EncodeToString(key.Modulus)}\", \"e\": \"{Base64Url.EncodeToString(key.Exponent)}\"}}]}}"));
        await provider.StartAsync();
        await using (Server server = await Server.Start(Fakes.Sum(), new UeqServiceConfig { Security = new SecurityConfig { Jwt = new JwtConfig { Authority = provider.Urls.Single(), Audience = Audience } } }))
        {
            Assert.Equal(200, await Predict(server, Sign(Claims("predict"))));
            Assert.Equal(401, await Predict(server, Sign(With(Claims("predict"), "iss", "https://evil.example"))));
        }

        string address = provider.Urls.Single();
        await provider.StopAsync();
        await using Server alone = await Server.Start(Fakes.Sum(), new UeqServiceConfig { Security = new SecurityConfig { Jwt = new JwtConfig { Authority = address, Audience = Audience } } });
        (int status, string text, HttpResponseMessage answer) = await alone.Send(HttpMethod.Post, "/predict", Row, ("Authorization", "Bearer " + Sign(Claims("predict"))));
        Assert.Equal(503, status);
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.DoesNotContain(address, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ATokenThatIsCheckedWhileTheRulesChangeIsAnsweredByTheNewOnes()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using WebApplication provider = builder.Build();
        provider.Urls.Add("http://127.0.0.1:0");
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously), answers = new(TaskCreationOptions.RunContinuationsAsynchronously);
        provider.MapGet("/.well-known/openid-configuration", (HttpContext http) => http.Response.WriteAsync($"{{\"issuer\": \"{Issuer}\", \"jwks_uri\": \"http://{http.Request.Host}/keys\"}}"));
        RSAParameters key = _rsa.ExportParameters(false);
        provider.MapGet("/keys", async (HttpContext http) =>
        {
            asked.TrySetResult();
            await answers.Task;
            await http.Response.WriteAsync($"{{\"keys\": [{{\"kty\": \"RSA\", \"use\": \"sig\", \"kid\": \"k1\", \"n\": \"{Base64Url.EncodeToString(key.Modulus)}\", \"e\": \"{Base64Url.EncodeToString(key.Exponent)}\"}}]}}");
        });
        await provider.StartAsync();
        UeqServiceConfig config = new()
        {
            Limits = new LimitsConfig { KeyRequestsPerSecond = 1000, AddressRequestsPerSecond = 1000 },
            Security = new SecurityConfig { Jwt = new JwtConfig { Authority = provider.Urls.Single(), Audience = Audience } },
        };
        await using Server server = await Server.Start(Fakes.Sum(), config);
        Task<int> known = Predict(server, Sign(Claims("predict"))), unknown = Predict(server, Sign(With(Claims("predict"), "aud", "another")));
        await asked.Task;
        for (int i = 0; i < 3; i++) server.Service<Guard>().Apply(config);
        answers.SetResult();
        Assert.Equal((200, 401), (await known, await unknown));
    }

    [Fact]
    public async Task ATokenConfigurationThatCannotBeSafeIsRefused()
    {
        foreach (JwtConfig bad in new[]
        {
            new JwtConfig { Authority = "https://issuer.example" },
            new JwtConfig { PublicKeyFile = Pem(), Audience = Audience },
            new JwtConfig { PublicKeyFile = Pem(), Audience = Audience, Issuer = Issuer, Authority = "https://issuer.example" },
            new JwtConfig { PublicKeyFile = Pem(), Audience = Audience, Issuer = Issuer, Algorithms = ["HS256"] },
            new JwtConfig { PublicKeyFile = Pem(), Audience = Audience, Issuer = Issuer, Algorithms = ["none"] },
            new JwtConfig { PublicKeyFile = Pem(_rsa.ExportPkcs8PrivateKeyPem()), Audience = Audience, Issuer = Issuer },
            new JwtConfig { PublicKeyFile = Pem("hello"), Audience = Audience, Issuer = Issuer },
            new JwtConfig { Authority = "http://issuer.example", Audience = Audience },
            new JwtConfig { Audience = Audience },
        })
        {
            await Assert.ThrowsAsync<ArgumentException>(() => Server.Start(Fakes.Sum(), new UeqServiceConfig { Security = new SecurityConfig { Jwt = bad } }));
        }
    }

    public void Dispose()
    {
        _rsa.Dispose();
        Directory.Delete(_folder, true);
    }

    private static async Task<int> Predict(Server server, string token) => (await server.Send(HttpMethod.Post, "/predict", Row, ("Authorization", "Bearer " + token))).Status;

    private static long Now(int seconds) => TimeProvider.System.GetUtcNow().AddSeconds(seconds).ToUnixTimeSeconds();

    private static Dictionary<string, object> Claims(object scope) => new()
    {
        ["iss"] = Issuer,
        ["aud"] = Audience,
        ["sub"] = "alice",
        ["exp"] = Now(600),
        ["scope"] = scope,
    };

    private static Dictionary<string, object> With(Dictionary<string, object> claims, string name, object value) => new(claims) { [name] = value };

    private static Dictionary<string, object> Without(Dictionary<string, object> claims, string name) => new(claims.Where(c => c.Key != name));

    private static string Part(object content) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(content));

    private static string Hmac(object claims, byte[] key)
    {
        string content = Part(new { alg = "HS256", typ = "JWT" }) + "." + Part(claims);
        return content + "." + Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(content)));
    }

    private string Sign(object claims) => Sign(claims, "RS256", HashAlgorithmName.SHA256);

    private string Sign(object claims, string name, HashAlgorithmName hash, RSA? key = null, string[]? extensions = null)
    {
        string content = Part(extensions is null ? new { alg = name, typ = "JWT", kid = "k1" } : (object)new { alg = name, typ = "JWT", kid = "k1", crit = extensions }) + "." + Part(claims);
        return content + "." + Base64Url.EncodeToString((key ?? _rsa).SignData(Encoding.ASCII.GetBytes(content), hash, RSASignaturePadding.Pkcs1));
    }

    private string Pem(string? text = null)
    {
        string file = Path.Combine(_folder, RandomNumberGenerator.GetHexString(8));
        File.WriteAllText(file, text ?? _rsa.ExportSubjectPublicKeyInfoPem());
        return file;
    }

    private Task<Server> Start()
    {
        File.WriteAllText(KeyFile, _rsa.ExportSubjectPublicKeyInfoPem());
        return Server.Start(Fakes.Sum(reference: true), new UeqServiceConfig { Security = new SecurityConfig { Jwt = new JwtConfig { PublicKeyFile = KeyFile, Issuer = Issuer, Audience = Audience } } });
    }
}
