using System.Text.Json;
using Ueq.Serving.Configuration;
using Ueq.Serving.Endpoints;

namespace Ueq.Serving.Tests;

/// <summary>A configuration that changes under a service that runs.</summary>
public sealed class ReloadTests : IDisposable
{
    private const string Urls = "urls: http://127.0.0.1:0\n";
    private const string TwoRows = "{\"X\": [[1, 2, 3], [4, 5, 6]]}";

    private readonly string _folder = Directory.CreateTempSubdirectory("ueq-reload-").FullName;

    private string File => Path.Combine(_folder, "config.yaml");

    [Fact]
    public async Task WhatIsLiveChangesAndWhatIsNotWaits()
    {
        LogLines log = new();
        await using Server server = await Start("max_rows: 1\nwindow_size: 50\n", log);
        Assert.Equal(413, (await server.Post("/predict", TwoRows)).Status);
        Write("max_rows: 2\nwindow_size: 60\n");
        JsonElement config = await Config(server, c => c.GetProperty("reloads").GetInt64() == 1);
        Assert.Equal("window_size", config.GetProperty("restart_needed")[0].GetString());
        Assert.Equal(200, (await server.Post("/predict", TwoRows)).Status);
        Assert.Equal(50, server.Service<ServiceParts>().Config.WindowSize);
        // What is in force is in force before it is told.
        for (int tries = 0; tries < 500 && log.Count("needs a restart") == 0; tries++) await Task.Delay(20);
        Assert.Equal(1, log.Count("changed: max_rows"));
        Assert.Equal(1, log.Count("needs a restart and stays as it was until then: window_size"));
        Write("max_rows: 1\nwindow_size: 50\n");
        Assert.Equal(0, (await Config(server, c => c.GetProperty("reloads").GetInt64() == 2)).GetProperty("restart_needed").GetArrayLength());
        Assert.Equal(413, (await server.Post("/predict", TwoRows)).Status);
    }

    [Fact]
    public async Task ABadFileChangesNothingAndIsShown()
    {
        LogLines log = new();
        await using Server server = await Start("max_rows: 1\n", log);
        Write("max_rows: 2\nbatch_size: none\n");
        JsonElement config = await Config(server, c => c.GetProperty("state").GetString() == "refused");
        Assert.StartsWith("config.yaml:3: batch_size: expected a whole number", config.GetProperty("problem").GetString(), StringComparison.Ordinal);
        Assert.Equal(413, (await server.Post("/predict", TwoRows)).Status);
        for (int tries = 0; tries < 500 && log.Count("the one in force stays") == 0; tries++) await Task.Delay(20);
        Assert.Equal(1, log.Count("the one in force stays: config.yaml:3"));
        System.IO.File.Delete(File);
        config = await Config(server, c => c.GetProperty("problem").GetString()?.Contains("not find", StringComparison.Ordinal) == true);
        Assert.DoesNotContain(_folder, config.ToString(), StringComparison.Ordinal);
        Write("max_rows: 2\n");
        await Config(server, c => c.GetProperty("state").GetString() == "in_force");
        Assert.Equal(200, (await server.Post("/predict", TwoRows)).Status);
    }

    [Fact]
    public async Task WhereAFileLiesIsNotToldByHealthHoweverItWasNamed()
    {
        Write("max_rows: 1\n");
        ConfigSource source = new(Path.GetRelativePath(Environment.CurrentDirectory, File), [], []);
        await using Server server = await Server.Start(Fakes.Sum(), source.Read().Config, null, source);
        System.IO.File.Delete(File);
        JsonElement config = await Config(server, c => c.GetProperty("state").GetString() == "refused");
        Assert.DoesNotContain(Path.GetFileName(_folder), config.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ALargerBodyIsTakenWithoutARestart()
    {
        await using Server server = await Start("max_body_bytes: 64\n");
        string body = "{\"X\": [[1, 2, 3]]" + new string(' ', 5000) + "}";
        Assert.Equal(413, (await server.Post("/predict", body)).Status);
        Write("max_body_bytes: 10000\n");
        await Config(server, c => c.GetProperty("reloads").GetInt64() > 0);
        Assert.Equal(200, (await server.Post("/predict", body)).Status);
    }

    [Fact]
    public async Task ReceiptKeysRotateWithoutLosingAReceipt()
    {
        string secret = Path.Combine(_folder, "secret");
        System.IO.File.WriteAllText(secret, new string('a', 40) + "\n");
        await using Server server = await Start($"receipt_key_file: {secret}\nstore: none\n");
        string old = await Receipt(server);
        System.IO.File.WriteAllText(secret, new string('b', 40) + "\n");
        Write($"receipt_key_file: {secret}\nstore: none\nprevious_receipt_keys: [{new string('a', 40)}]\n");
        await Config(server, c => c.GetProperty("reloads").GetInt64() > 0);
        string young = await Receipt(server);
        foreach (string receipt in new[] { old, young })
            Assert.Equal(200, (await server.Post("/feedback", $"{{\"labels\": [{{\"receipt\": \"{receipt}\", \"y\": 6}}]}}")).Status);
        Write($"receipt_key_file: {secret}\nstore: none\n");
        string older = await Receipt(server);
        await server.Until("/health", h => server.Post("/feedback", $"{{\"labels\": [{{\"receipt\": \"{old}\", \"y\": 6}}]}}").Result.Status == 422);
        Assert.Equal(200, (await server.Post("/feedback", $"{{\"labels\": [{{\"receipt\": \"{older}\", \"y\": 6}}]}}")).Status);
    }

    [Fact]
    public async Task AFileBehindALinkThatIsSwappedIsReadAgain()
    {
        // As Kubernetes changes a mounted ConfigMap.
        string first = Directory.CreateDirectory(Path.Combine(_folder, "first")).FullName, second = Directory.CreateDirectory(Path.Combine(_folder, "second")).FullName;
        string data = Path.Combine(_folder, "..data");
        System.IO.File.WriteAllText(Path.Combine(first, "config.yaml"), Urls + "max_rows: 1\n");
        System.IO.File.WriteAllText(Path.Combine(second, "config.yaml"), Urls + "max_rows: 2\n");
        Directory.CreateSymbolicLink(data, first);
        System.IO.File.CreateSymbolicLink(File, Path.Combine("..data", "config.yaml"));
        ConfigSource source = new(File, [], []);
        await using Server server = await Server.Start(Fakes.Sum(), source.Read().Config, null, source);
        Directory.CreateSymbolicLink(data + "_tmp", second);
        Directory.Delete(data);
        Directory.Move(data + "_tmp", data);
        await server.Until("/health", _ => server.Post("/predict", TwoRows).Result.Status == 200);
    }

    public void Dispose() => Directory.Delete(_folder, true);

    private static async Task<JsonElement> Config(Server server, Predicate<JsonElement> hoped) =>
        (await server.Until("/health", health => hoped(health.GetProperty("config")))).GetProperty("config");

    private static async Task<string> Receipt(Server server) =>
        (await server.Predict("{\"X\": [[1, 2, 3]], \"receipts\": true}")).GetProperty("receipts")[0].GetString()!;

    private void Write(string yaml) => System.IO.File.WriteAllText(File, Urls + yaml);

    private async Task<Server> Start(string yaml, LogLines? log = null)
    {
        Write(yaml);
        ConfigSource source = new(File, [], []);
        return await Server.Start(Fakes.Sum(), source.Read().Config, log, source);
    }
}
