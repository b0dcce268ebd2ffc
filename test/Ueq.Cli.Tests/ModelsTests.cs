using System.Text.Json.Nodes;
using Ueq.Cli.Tests.Support;

namespace Ueq.Cli.Tests;

public sealed class ModelsTests : IDisposable
{
    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Registry => _folder["models"];

    private Task<Answer> Models(string command, params string[] more) => UeqCommand.Run(["models", command, .. more, "--registry", Registry]);

    private async Task Fit(int seed, params string[] more)
    {
        string table = File.Exists(_folder["t.csv"]) ? _folder["t.csv"] : _folder.Write("t.csv", Folder.Line(120));
        (await UeqCommand.Run(["fit", "--data", table, "--target", "y", "--model", "linear", "--method", "conformal", "--seed", $"{seed}", .. more])).Succeeds();
    }

    [Fact]
    public async Task AModelIsFittedPublishedPointedToRolledBackAndPruned()
    {
        await Fit(1, "--registry", Registry, "--name", "line", "--alias", "champion");
        Assert.Equal(["models", "t.csv"], _folder.Others());
        await Fit(2, "--output", _folder["v2"]);
        await Fit(3, "--output", _folder["v3"], "--registry", Registry, "--name", "line");
        JsonNode published = (await Models("publish", _folder["v2"], "--name", "line", "--note", "more rows", "--who", "ann", "--json")).Succeeds().Json;
        Assert.Equal((3, "ann", "more rows"), ((int)published["version"]!, (string)published["who"]!, (string)published["note"]!));
        Assert.Equal(3, (int)(await Models("publish", _folder["v2"], "--name", "line", "--json")).Succeeds().Json["version"]!);

        Assert.Contains("line@champion is version 3, was 1", (await Models("alias", "line", "champion", "3")).Succeeds().Output, StringComparison.Ordinal);
        string list = (await Models("list")).Succeeds().Output;
        Assert.All(list.Split('\n'), line => Assert.InRange(line.Length, 0, 80));
        Assert.Contains("line:3", list, StringComparison.Ordinal);
        Assert.Contains("more rows", (await Models("show", "line")).Succeeds().Output, StringComparison.Ordinal);
        Assert.Equal(3, (int)(await Models("rollback", "line", "--json")).Succeeds().Json["before"]!);
        Assert.Equal(1, (int)(await Models("show", "line@champion", "--json")).Succeeds().Json["version"]!);
        Assert.Equal("line:1", (string)(await Models("list", "line", "--json")).Succeeds().Json[0]!["name"]! + ":" + (await Models("list", "--json")).Json[0]!["versions"]![0]!["version"]);

        Assert.Equal("line:2", (string)(await Models("prune", "line", "--keep", "1", "--dry-run", "--json")).Succeeds().Json["versions"]![0]!);
        Assert.StartsWith("Removed line:2;", (await Models("prune", "--keep", "1")).Succeeds().Output, StringComparison.Ordinal);
        Assert.All((await Models("verify", "--json")).Succeeds().Json.AsArray(), found => Assert.Null(found!["fault"]));
        Assert.Equal(["publish", "alias", "publish", "publish", "alias", "rollback", "prune"],
            (await Models("log", "--json")).Succeeds().Json.AsArray().Select(entry => (string)entry!["action"]!));
        Assert.Contains("removed", (await Models("alias", "line", "champion", "--remove")).Succeeds().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ADamagedVersionIsSaidAndKeepsItsAliasAway()
    {
        await Fit(1, "--registry", Registry, "--name", "line", "--alias", "champion");
        await Fit(2, "--registry", Registry, "--name", "line");
        string digest = (string)(await Models("show", "line:2", "--json")).Json["digest"]!;
        string blob = Path.Combine(Registry, "blobs", digest[..2], digest);
        await File.WriteAllTextAsync(blob, "damage", TestContext.Current.CancellationToken);
        (await Models("alias", "line", "champion", "2")).Fails(ExitCode.RunFailed, "line:2", digest);
        Assert.Equal(1, (int)(await Models("show", "line", "--json")).Succeeds().Json["version"]!);
        Assert.Contains($"line:2 is refused: {blob}", (await Models("list")).Succeeds().Output, StringComparison.Ordinal);
        Answer verified = await Models("verify");
        Assert.Equal(ExitCode.RunFailed, verified.Code);
        Assert.Contains("line:1  sound", verified.Output, StringComparison.Ordinal);
        Assert.Contains("line:2  refused", verified.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WrongCallsSayWhatIsExpected()
    {
        (await Models("list")).Fails(ExitCode.CallIsWrong, "no registry in");
        Assert.False(Directory.Exists(Registry));
        (await UeqCommand.Run("models", "list")).Fails(ExitCode.CallIsWrong, "--registry");
        await Fit(1, "--registry", Registry, "--name", "line");
        (await Models("show", "lime")).Fails(ExitCode.CallIsWrong, "lime", "line");
        (await Models("show", "../line")).Fails(ExitCode.CallIsWrong, "../line", "name@alias");
        (await Models("log", "lime")).Fails(ExitCode.CallIsWrong, "lime", "line");
        (await Models("alias", "line", "champion")).Fails(ExitCode.CallIsWrong, "--remove");
        (await Models("alias", "line", "champion", "0")).Fails(ExitCode.CallIsWrong, "version", "'0'");
        (await Models("alias", "line", "a/b", "1")).Fails(ExitCode.CallIsWrong, "alias", "a/b");
        (await Models("rollback", "line")).Fails(ExitCode.CallIsWrong, "no alias 'champion'");
        (await Models("publish", _folder["nowhere"], "--name", "line")).Fails(ExitCode.CallIsWrong, "nowhere");
        (await Models("publish", Registry, "--name", "line")).Fails(ExitCode.RunFailed, "not a model version");
        (await Models("prune", "line", "--keep", "0")).Fails(ExitCode.CallIsWrong, "--keep");
        (await Models("lst")).Fails(ExitCode.CallIsWrong, "list");
        string table = _folder["t.csv"];
        (await UeqCommand.Run("fit", "--data", table, "--target", "y")).Fails(ExitCode.CallIsWrong, "--output", "--registry");
        (await UeqCommand.Run("fit", "--data", table, "--target", "y", "--registry", Registry)).Fails(ExitCode.CallIsWrong, "--name");
        (await UeqCommand.Run("fit", "--data", table, "--target", "y", "--registry", _folder.Root, "--name", "line")).Fails(ExitCode.RunFailed, "not a registry");
    }
}
