using System.Diagnostics;
using Ueq.Cli.Tests.Support;

namespace Ueq.Cli.Tests;

/// <summary><c>ueq keys create</c>, and a service that asks for what it made.</summary>
public sealed class KeysTests : IDisposable
{
    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AKeyIsMadeAndOpensTheServiceWhoseFileHasItsLine()
    {
        Answer made = (await UeqCommand.Run("keys", "create", "--name", "web", "--scopes", "predict,read", "--rate", "50")).Succeeds();
        string secret = made.Output.Trim(), lines = made.Error[made.Error.IndexOf("security:", StringComparison.Ordinal)..];
        Assert.StartsWith("ueq_", secret, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, made.Error, StringComparison.Ordinal);
        Assert.Contains("predict,read 50/s", lines, StringComparison.Ordinal);
        using ServeProcess server = await ServeProcess.Start(_folder, _folder.Write("c.yaml", lines), "--urls", "http://127.0.0.1:0");
        string body = $"{{\"X\": [{ServeProcess.Row}]}}";
        Assert.Equal(401, (await server.Send(HttpMethod.Post, "/predict", body)).Status);
        Assert.Equal(200, (await server.Send(HttpMethod.Post, "/predict", body, ("Authorization", "Bearer " + secret))).Status);
        Assert.Equal(403, (await server.Send(HttpMethod.Post, "/monitoring/freeze", "{}", ("X-API-Key", secret))).Status);
        Assert.Equal(0, await server.Stop());
        Assert.DoesNotContain(secret, server.Said, StringComparison.Ordinal);
    }

    /// <summary>By a header, or by the environment, which no list of processes shows.</summary>
    [Fact]
    public async Task CommandsThatAskAServiceShowAKey()
    {
        Answer made = (await UeqCommand.Run("keys", "create", "--name", "ops", "--scopes", "predict,read,admin", "--json")).Succeeds();
        string secret = (string)made.Json["key"]!;
        using ServeProcess server = await ServeProcess.Start(_folder, _folder.Write("c.yaml", $"security:\n  keys:\n    ops: {made.Json["config"]}\n"), "--urls", "http://127.0.0.1:0");
        string url = server.Client.BaseAddress!.ToString();
        (await UeqCommand.Run("experiment", "list", "--url", url)).Fails(1, "401");
        (await UeqCommand.Run("experiment", "list", "--url", url, "--header", $"X-API-Key: {secret}")).Succeeds();
        (await UeqCommand.Run("load", "--url", url, "--rate", "20", "--seconds", "1")).Fails(1);
        using Process load = UeqCommand.Start(new Dictionary<string, string> { ["UEQ_KEY"] = secret }, "load", "--url", url, "--rate", "20", "--seconds", "1");
        string said = await load.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await load.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(load.ExitCode == 0, said);
        Assert.DoesNotContain(secret, server.Said + said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TwoKeysAreNeverTheSameAndJsonHasWhatIsNeeded()
    {
        Answer one = (await UeqCommand.Run("keys", "create", "--name", "a", "--scopes", "admin", "--json")).Succeeds();
        Answer two = (await UeqCommand.Run("keys", "create", "--name", "a", "--scopes", "admin", "--json")).Succeeds();
        Assert.NotEqual((string)one.Json["key"]!, (string)two.Json["key"]!);
        Assert.StartsWith("sha256:", (string)one.Json["config"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("keys create --name a --scopes everything", "expected scopes out of predict, feedback, read, admin", "everything")]
    [InlineData("keys create --name a:b --scopes admin", "--name: expected 1 to 64 letters")]
    [InlineData("keys create --scopes admin", "--name")]
    [InlineData("keys create --name a --scopes admin --rate 0", "--rate: expected a number from 0.001")]
    public async Task AWrongCallIsSaid(string line, params string[] words) => (await UeqCommand.Run(line.Split(' '))).Fails(2, words);

    [Fact]
    public async Task AServiceBeyondItsMachineWithoutKeysWarnsAtItsStart()
    {
        using ServeProcess server = await ServeProcess.Start(_folder, _folder.Write("c.yaml", "urls: http://0.0.0.0:0\n"));
        Assert.Contains("c.yaml:1: urls: http://0.0.0.0:0 is reached from other machines and nobody is asked who they are", server.Said, StringComparison.Ordinal);
    }
}
