using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Ueq.Deploy.Tests.Support;

namespace Ueq.Deploy.Tests;

/// <summary>The image: its steps are run here as the builder would run them, in folders instead of layers.</summary>
public sealed partial class DockerfileTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("ueq-image-");
    private readonly Dockerfile _file = new(Repository.Read("deploy", "docker", "Dockerfile"));

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public async Task TheStepsMakeAnImageThatServesAndEnds()
    {
        string source = Path.Combine(_root.FullName, "source");
        CopyContext(source);
        foreach (string command in _file.Commands("build")) await Shell(command, source, []);
        // The layers of the final image; packages are the machine's own here.
        foreach (string command in _file.Commands("final").Where(c => !c.StartsWith("apt-get", StringComparison.Ordinal)))
            await Shell(command, _root.FullName, new() { ["APP_UID"] = await Own("-u") });

        string ueq = Rooted(Exec(_file.Only("final", "ENTRYPOINT"))[0]);
        (int code, string output, string error) = await Tool.Run(new ProcessStartInfo(ueq, ["fit", "--data", Repository.Of("data", "reg-diabetes", "data.csv.gz"), "--target", "target", "--model", "linear", "--output", Rooted("/models/current")]));
        Assert.True(code == 0, output + error);

        ProcessStartInfo start = new(ueq, Exec(_file.Only("final", "CMD"))) { WorkingDirectory = Rooted(_file.Only("final", "WORKDIR")) };
        foreach ((string name, string value) in _file.Environment("final")) start.Environment[name] = Rooted(value);
        Assert.Equal("http://0.0.0.0:5000", start.Environment["UEQ_URLS"]);
        start.Environment["UEQ_URLS"] = "http://127.0.0.1:0";
        using UeqServer server = await UeqServer.Start(start);
        using HttpClient client = new() { BaseAddress = server.Address };
        JsonNode schema = JsonNode.Parse(await client.GetStringAsync(new Uri("/model_info", UriKind.Relative)))!;
        string row = string.Join(',', Enumerable.Repeat("0", schema["features"]!.AsArray().Count));
        using StringContent body = new($"{{\"X\":[[{row}]]}}", System.Text.Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await client.PostAsync(new Uri("/predict", UriKind.Relative), body);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        Assert.True(File.Exists(Rooted("/state/ueq.db")));

        Assert.Equal((0, true), await Healthy(server.Address));
        Assert.Equal(0, await server.Terminate());
        Assert.Equal((1, false), await Healthy(server.Address));
    }

    [Fact]
    public void TheImageRunsAsNobodyAndItsBasesAreNamedByVersion()
    {
        Assert.Equal("$APP_UID", _file.Only("final", "USER"));
        foreach (string stage in new[] { "build", "final" }) Assert.Matches(@"mcr\.microsoft\.com/dotnet/(sdk|aspnet):\d+\.\d+ ", _file.Only(stage, "FROM"));
        string target = System.Xml.Linq.XDocument.Load(Repository.Of("Directory.Build.props")).Descendants("TargetFramework").First().Value;
        Assert.All(new[] { "build", "final" }, stage => Assert.Contains($":{target[3..]} ", _file.Only(stage, "FROM"), StringComparison.Ordinal));
    }

    private async Task<(int Code, bool SaidHealthy)> Healthy(Uri address)
    {
        string[] command = Exec(_file.Only("final", "HEALTHCHECK").Split("CMD ", 2)[1]);
        string[] arguments = [.. command[1..].Select(a => a.Replace("http://127.0.0.1:5000", address.ToString().TrimEnd('/'), StringComparison.Ordinal))];
        (int code, string output, string error) = await Tool.Run(new ProcessStartInfo(Rooted(command[0]), arguments));
        return (code, (output + error).Contains("ready", StringComparison.Ordinal) && code == 0);
    }

    private async Task Shell(string command, string folder, Dictionary<string, string> variables)
    {
        ProcessStartInfo start = new("sh", ["-c", Absolute().Replace(command, m => m.Groups[1].Value + Rooted(m.Groups[2].Value))]) { WorkingDirectory = folder };
        foreach ((string name, string value) in variables) start.Environment[name] = value;
        // The runner's own settings of MSBuild are not the image's.
        foreach (string inherited in start.Environment.Keys.Where(k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray()) start.Environment.Remove(inherited);
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        (int code, string output, string error) = await Tool.Run(start);
        Assert.True(code == 0, $"{command}\n{output}\n{error}");
    }

    private static async Task<string> Own(string what) => (await Tool.Run("id", what)).Output.Trim();

    private static string[] Exec(string json) => JsonSerializer.Deserialize<string[]>(json)!;

    // A path of the image is a path in our folder; an address is none.
    private string Rooted(string path) => path.StartsWith('/') ? _root.FullName + path : path;

    private void CopyContext(string source)
    {
        string[] ignored = [.. Repository.Read(".dockerignore").Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => !l.StartsWith('#')).Select(l => l.TrimEnd('/'))];
        bool IsIgnored(string path) => ignored.Any(i => i.StartsWith("**/", StringComparison.Ordinal) ? Path.GetFileName(path) == i[3..] : Path.GetRelativePath(Repository.Root, path) == i);
        void Copy(string from, string to)
        {
            Directory.CreateDirectory(to);
            foreach (string file in Directory.EnumerateFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
            foreach (string folder in Directory.EnumerateDirectories(from).Where(f => !IsIgnored(f))) Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
        }

        Copy(Repository.Root, source);
    }

    [GeneratedRegex(@"(^|\s)(/(?:app|models|state)\b)")]
    private static partial Regex Absolute();
}
