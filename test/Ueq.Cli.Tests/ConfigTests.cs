using Ueq.Cli.Tests.Support;

namespace Ueq.Cli.Tests;

/// <summary><c>ueq config</c>, and a service whose file changes.</summary>
public sealed class ConfigTests : IDisposable
{
    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task CheckNamesEveryFaultWithFileAndLine()
    {
        string file = _folder.Write("c.yaml", "batch_size: 10\nlimits:\n  conections: 5\n  header_count: 2\n");
        Answer answer = await UeqCommand.Run("config", "check", file);
        answer.Fails(2, $"ueq: {file}:3: unknown key \"limits.conections\"; did you mean \"limits.connections\"?", $"ueq: {file}:4: limits.header_count: expected");
        (await UeqCommand.Run("config", "check", _folder["none.yaml"])).Fails(2, "There is no file");
        (await UeqCommand.Run("config", "check", _folder.Root)).Fails(2);
        (await UeqCommand.Run("config", "check")).Fails(2, "See: ueq config check --help");
        (await UeqCommand.Run("config", "chek", file)).Fails(2, "Did you mean 'check'?");
    }

    [Fact]
    public async Task CheckWarnsOfWhatIsAllowedAndRisky()
    {
        string file = _folder.Write("c.yaml", "health_policy: guide\n");
        Answer answer = (await UeqCommand.Run("config", "check", file)).Succeeds();
        Assert.Contains($"warning: {file}:1: health_policy: ", answer.Error, StringComparison.Ordinal);
        Assert.Contains("nothing wrong, 1 to think about", answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ShowSaysWhereAValueCameFromAndNoSecret()
    {
        string file = _folder.Write("c.yaml", $"batch_size: 7\nreceipt_key: {new string('s', 40)}\n");
        Answer text = (await UeqCommand.Run("config", "show", "--config", file)).Succeeds();
        Assert.Contains($"{file}:1 (live)", text.Output, StringComparison.Ordinal);
        Answer json = (await UeqCommand.Run("config", "show", "--config", file, "--all", "--json")).Succeeds();
        Assert.Equal("(set)", (string)json.Json.AsArray().Single(s => (string)s!["name"]! == "receipt_key")!["value"]!);
        Assert.Equal(("file", "live"), json.Json.AsArray().Where(s => (string)s!["name"]! == "batch_size").Select(s => ((string)s!["origin"]!, (string)s["effect"]!)).Single());
        Assert.DoesNotContain("ssss", text.All + json.All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatShowWritesAsAFileIsReadAsTheSameWithoutSecrets()
    {
        string file = _folder.Write("c.yaml", $"batch_size: 7\nmodel_params:\n  n_models: 100\nlog_file: \"a: b # c\"\nlimits:\n  connections: 9\nurls: [http://127.0.0.1:1, http://127.0.0.1:2]\nreceipt_key: {new string('s', 40)}\nstore: Host=db;Password=hunter2\n");
        Answer shown = (await UeqCommand.Run("config", "show", "--config", file, "--yaml")).Succeeds();
        Assert.Contains("# receipt_key is set and holds a secret, which is not shown\n", shown.Output, StringComparison.Ordinal);
        Assert.Contains("# store is set", shown.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("ssss", shown.All, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", shown.All, StringComparison.Ordinal);
        string again = _folder.Write("again.yaml", shown.Output);
        Assert.Equal(await Values(file), await Values(again));
        string none = _folder.Write("none.yaml", (await UeqCommand.Run("config", "show", "--yaml")).Succeeds().Output);
        Assert.Empty(await Values(none));
        (await UeqCommand.Run("config", "show", "--yaml", "--json")).Fails(2, "leave --json and --all out");

        static async Task<string[]> Values(string of) => [.. (await UeqCommand.Run("config", "show", "--config", of, "--json")).Succeeds().Json.AsArray()
            .Where(s => (string)s!["name"]! is not ("receipt_key" or "store")).Select(s => $"{s!["name"]} {s["value"]}")];
    }

    [Fact]
    public async Task HangupReadsTheFileAgainAndTheServiceGoesOn()
    {
        string file = _folder.Write("c.yaml", "max_rows: 1\n");
        using ServeProcess server = await ServeProcess.Start(_folder, file, "--urls", "http://127.0.0.1:0");
        string two = $"{{\"X\": [{ServeProcess.Row},{ServeProcess.Row}]}}";
        Assert.Equal(413, (await server.Send(HttpMethod.Post, "/predict", two)).Status);
        UeqCommand.Signal(server.Process, "HUP");
        await server.Until("/health", health => (int)health["config"]!["reloads"]! > 0);
        _folder.Write("c.yaml", "max_rows: 1\nbatch_size: x\n");
        UeqCommand.Signal(server.Process, "HUP");
        await server.Until("/health", health => (string?)health["config"]!["problem"] == "c.yaml:2: batch_size: expected a whole number from 1 to 10000000, got x");
        _folder.Write("c.yaml", "max_rows: 2\n");
        UeqCommand.Signal(server.Process, "HUP");
        await server.Until("/health", health => (string?)health["config"]!["state"] == "in_force");
        Assert.Equal(200, (await server.Send(HttpMethod.Post, "/predict", two)).Status);
        Assert.Equal(0, await server.Stop());
    }
}
