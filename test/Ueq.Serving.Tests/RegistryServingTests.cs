using System.Text.Json;
using Ueq.Bayesian;
using Ueq.Registry;
using Ueq.Serving.Registry;
using Ueq.Versions;

namespace Ueq.Serving.Tests;

/// <summary>Models of a registry in a service: followed, swapped while requests run, refused when damaged.</summary>
public sealed class RegistryServingTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("ueq-served-").FullName;
    private readonly ModelRegistry _registry;

    public RegistryServingTests() => _registry = ModelRegistry.Open(Path.Combine(_root, "models"), [], TimeProvider.System);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    // The model of version n answers n where all features are 0.
    private void Publish(string model, int n)
    {
        FeatureSchema schema = FeatureSchema.Numeric(2);
        float[] x = new float[40];
        double[] y = new double[20];
        Rng rng = Rng.Stream(5, 0);
        for (int i = 0; i < y.Length; i++)
        {
            (x[2 * i], x[2 * i + 1]) = ((float)rng.NextUniform(), (float)rng.NextUniform());
            y[i] = x[2 * i] + x[2 * i + 1] + n + 0.001 * rng.NextUniform();
        }

        BayesianLinearRegression fitted = BayesianLinearRegression.Fit(new FeatureMatrix(x, 2), y);
        string place = Path.Combine(_root, $"{model}-{n}");
        VersionDirectory.Publish(place, new Manifest
        {
            Task = ModelTask.Regression,
            Method = "bayesian_linear",
            Model = "none",
            Target = "y",
            Columns = schema.Columns,
            SchemaDigest = schema.Digest,
            Created = DateTimeOffset.UnixEpoch,
            Seed = (ulong)n,
            Guarantee = ManifestGuarantee.From(fitted.Guarantee(default)),
        }, fitted, default);
        _registry.Publish(model, place, "ann");
    }

    private static async Task<int> Ask(Server server, string? model = null)
    {
        string named = model is null ? "" : $"\"model\":\"{model}\",";
        return (int)Math.Round((await server.Predict($"{{{named}\"X\":[[0,0]]}}")).GetProperty("predictions")[0].GetDouble());
    }

    private Task<Server> Serve(params string[] models) => Server.Start(_registry, new UeqServiceConfig { Models = models });

    [Fact]
    public async Task EveryReferenceIsServedAndAMovedAliasIsFollowed()
    {
        for (int n = 1; n <= 3; n++) Publish("houses", n);
        Publish("flats", 7);
        _registry.SetAlias("houses", "champion", 1, "ann");
        _registry.SetAlias("houses", "challenger", 2, "ann");
        await using Server server = await Serve("houses", "houses@challenger", "houses:3", "flats");
        Assert.Equal((int[])[1, 1, 2, 3, 7], (int[])[await Ask(server), await Ask(server, "houses"), await Ask(server, "houses@challenger"), await Ask(server, "houses:3"), await Ask(server, "flats")]);
        Assert.Equal(404, (await server.Post("/predict", """{"model":"houses@champion","X":[[0,0]]}""")).Status);

        // Somebody else's process moves the alias; the service finds out by itself.
        ModelRegistry other = ModelRegistry.Open(_registry.Place, [], TimeProvider.System);
        other.SetAlias("houses", "champion", 2, "bob");
        string digest = other.Find(ModelReference.Parse("houses:2")).Digest;
        await server.Until("/models", models => Served(models, "houses") == digest);
        Assert.Equal((int[])[2, 2, 3, 7], (int[])[await Ask(server), await Ask(server, "houses@challenger"), await Ask(server, "houses:3"), await Ask(server, "flats")]);
    }

    private static string? Served(JsonElement models, string reference) =>
        models.GetProperty("served").EnumerateArray().Single(each => each.GetProperty("reference").GetString() == reference).GetProperty("digest").GetString();

    [Fact]
    public async Task WhatIsOutOfServiceStaysOutAndComesBackToItsPlaceAsWhatItMeansNow()
    {
        Publish("houses", 1);
        Publish("flats", 7);
        await using Server server = await Serve("houses", "flats");
        await server.Until("/health", health => health.GetProperty("store").GetProperty("state").GetString() is "none" or "open");
        Assert.Equal(200, (await server.Post("/v2/repository/models/houses/unload", "")).Status);
        Publish("houses", 2);
        server.Service<RegistryKeeper>().Follow();
        Assert.Equal(404, (await server.Post("/predict", """{"model":"houses","X":[[0,0]]}""")).Status);
        JsonElement index = JsonDocument.Parse((await server.Post("/v2/repository/index", "")).Body).RootElement;
        Assert.Equal(["flats READY", "houses UNAVAILABLE"], index.EnumerateArray().Select(m => $"{m.GetProperty("name").GetString()} {m.GetProperty("state").GetString()}"));
        Assert.Equal(200, (await server.Post("/v2/repository/models/houses/load", "")).Status);
        // Requests that name none are the first model's again, and it is the version that its name means by now.
        Assert.Equal((int[])[2, 2, 7], (int[])[await Ask(server), await Ask(server, "houses"), await Ask(server, "flats")]);
    }

    [Fact]
    public async Task WithoutNamesEveryModelIsServedByItsName()
    {
        Publish("flats", 7);
        Publish("houses", 1);
        await using Server server = await Serve();
        Assert.Equal((int[])[7, 7, 1], (int[])[await Ask(server), await Ask(server, "flats"), await Ask(server, "houses")]);
    }

    [Fact]
    public async Task AnAliasIsMovedAndRolledBackOverHttp()
    {
        Publish("houses", 1);
        Publish("houses", 2);
        _registry.SetAlias("houses", "champion", 1, "ann");
        await using Server server = await Serve("houses");
        (int status, string text) = await server.Post("/models/houses/aliases/champion", """{"version":"2","who":"bob"}""");
        Assert.True(status == 200, text);
        Assert.Equal((2, 1), (Field(text, "version"), Field(text, "before")));
        // The answer means that it is served.
        Assert.Equal(2, await Ask(server));
        (status, text) = await server.Post("/models/houses/rollback", """{"who":"bob"}""");
        Assert.Equal((200, 1), (status, Field(text, "version")));
        Assert.Equal(1, await Ask(server));
        // As a number too, as the document of the interface says.
        (status, text) = await server.Post("/models/houses/aliases/champion", """{"version":2,"who":"bob"}""");
        Assert.Equal((200, 2), (status, Field(text, "version")));
        Assert.Equal(2, await Ask(server));
        Assert.Equal(["ann", "bob", "bob", "bob"], _registry.Audit().Where(entry => entry.Alias is not null).Select(entry => entry.Who));
        JsonElement model = (await server.Get("/models/houses")).Body;
        Assert.Equal(2, model.GetProperty("aliases").GetProperty("champion").GetInt32());
        Assert.Equal(["houses"], model.GetProperty("versions")[1].GetProperty("served").EnumerateArray().Select(reference => reference.GetString()));
    }

    private static int Field(string text, string name) => JsonDocument.Parse(text).RootElement.GetProperty(name).GetInt32();

    [Theory]
    [InlineData("/models/houses/aliases/champion", """{"version":"9","who":"bob"}""", 404, "houses:9")]
    [InlineData("/models/flats/aliases/champion", """{"version":"1","who":"bob"}""", 404, "flats")]
    [InlineData("/models/houses/aliases/champion", """{"version":"0","who":"bob"}""", 400, "$.version")]
    [InlineData("/models/houses/aliases/champion", """{"version":1.5,"who":"bob"}""", 400, "$.version")]
    [InlineData("/models/houses/aliases/champion", """{"version":1,"version":"1","who":"bob"}""", 400, "once")]
    [InlineData("/models/houses/aliases/champion", """{"version":"1","who":1}""", 400, "$.who")]
    [InlineData("/models/houses/aliases/champion", """{"version":"1"}""", 400, "$.who")]
    [InlineData("/models/houses/aliases/champion", """{"version":"1","who":"bob","path":"/etc"}""", 400, "$.path")]
    [InlineData("/models/..%2F..%2Fetc/aliases/champion", """{"version":"1","who":"bob"}""", 400, "name of 1 to 64")]
    [InlineData("/models/houses/aliases/a%20b", """{"version":"1","who":"bob"}""", 400, "alias of 1 to 64")]
    [InlineData("/models/houses/rollback", """{"who":"bob","alias":"../x"}""", 400, "$.alias")]
    [InlineData("/models/houses/rollback", """{"who":"bob","alias":"nobody"}""", 404, "nobody")]
    [InlineData("/models/houses/rollback", """{"who":"bob"}""", 409, "no other version")]
    [InlineData("/models/houses/publish", """{"directory":"/etc"}""", 404, "")]
    public async Task AWrongCallIsRefusedAndChangesNothing(string path, string body, int status, string said)
    {
        Publish("houses", 1);
        _registry.SetAlias("houses", "champion", 1, "ann");
        string stamp = _registry.Stamp;
        await using Server server = await Serve("houses");
        (int code, string text) = await server.Post(path, body);
        Assert.True(code == status, text);
        Assert.Contains(said, JsonDocument.Parse(text).RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal((stamp, 1), (_registry.Stamp, await Ask(server)));
    }

    [Fact]
    [Trait("Suite", "Faults")]
    public async Task ADamagedVersionIsRefusedAndTheOldOneGoesOnUntilItIsMended()
    {
        Publish("houses", 1);
        Publish("houses", 2);
        _registry.SetAlias("houses", "champion", 1, "ann");
        await using Server server = await Serve("houses");
        string digest = _registry.Find(ModelReference.Parse("houses:2")).Digest, blob = Path.Combine(_registry.Place, "blobs", digest[..2], digest);
        byte[] sound = await File.ReadAllBytesAsync(blob);
        await File.WriteAllTextAsync(blob, "damage");
        _registry.RemoveAlias("houses", "champion", "ann");
        JsonElement health = await server.Until("/health", body => body.GetProperty("registry").GetProperty("state").GetString() == "refused");
        JsonElement refused = health.GetProperty("registry").GetProperty("refused")[0];
        Assert.Equal("houses", refused.GetProperty("reference").GetString());
        Assert.Contains(digest, refused.GetProperty("problem").GetString(), StringComparison.Ordinal);
        Assert.True(health.GetProperty("is_healthy").GetBoolean());
        Assert.Equal(1, await Ask(server));
        Assert.Equal(409, (await server.Post("/models/houses/aliases/champion", """{"version":"2","who":"bob"}""")).Status);
        await File.WriteAllBytesAsync(blob, sound);
        _registry.SetAlias("houses", "champion", 2, "ann");
        await server.Until("/health", body => body.GetProperty("registry").GetProperty("state").GetString() == "followed");
        Assert.Equal(2, await Ask(server));
    }

    [Fact]
    [Trait("Suite", "Faults")]
    public async Task NoRequestFailsWhileVersionsAreSwappedAndTheirMemoryComesBack()
    {
        Publish("houses", 1);
        Publish("houses", 2);
        _registry.SetAlias("houses", "champion", 1, "ann");
        await using Server server = await Serve("houses");
        RegistryKeeper keeper = server.Service<RegistryKeeper>();
        using CancellationTokenSource enough = new();
        Task<int>[] callers = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            int asked = 0;
            for (; !enough.IsCancellationRequested; asked++) Assert.InRange(await Ask(server), 1, 2);
            return asked;
        }))];
        List<WeakReference> served = [];
        for (int i = 0; i < 20; i++)
        {
            _registry.SetAlias("houses", "champion", 2 - i % 2, "ann");
            keeper.Follow();
            served.Add(Current(server));
        }

        await enough.CancelAsync();
        foreach (Task<int> caller in callers) Assert.True(await caller > 0);
        for (int i = 0; i < 20 && served.SkipLast(1).Any(version => version.IsAlive); i++)
        {
            await Task.Delay(50);
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        // A request's pooled work may hold the last one or two it met.
        Assert.InRange(served.SkipLast(1).Count(version => version.IsAlive), 0, 3);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static WeakReference Current(Server server) => new(server.Models.Default);

    [Fact]
    public void ARegistryWithoutWhatIsAskedForDoesNotBegin()
    {
        Assert.Contains("no model to serve", Assert.Throws<UnknownModelException>(() => Serve().GetAwaiter().GetResult()).Message, StringComparison.Ordinal);
        Publish("houses", 1);
        Assert.Contains("flats", Assert.Throws<UnknownModelException>(() => Serve("flats").GetAwaiter().GetResult()).Message, StringComparison.Ordinal);
        Assert.Contains("models", Assert.Throws<ArgumentException>(() => Serve("../houses").GetAwaiter().GetResult()).Message, StringComparison.Ordinal);
    }
}
