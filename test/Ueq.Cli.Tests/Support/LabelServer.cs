using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Ueq.Cli.Tests.Support;

/// <summary><c>ueq serve --demo</c> as the program that was built, asked for receipts and told labels.</summary>
internal sealed class LabelServer : IDisposable
{
    private const string Row = "[59,2,32.1,101,157,93.2,38,4,4.8598,87]";

    private readonly Process _process;
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(60) };

    private LabelServer(Process process, string address)
    {
        _process = process;
        _client.BaseAddress = new Uri(address);
    }

    public static async Task<LabelServer> Start(Folder folder, string? store = null) => await Begin(UeqCommand.Start(Settings(folder, store), "serve", "--demo", "--urls", "http://127.0.0.1:0"));

    /// <summary>The same with an online level, which it follows already.</summary>
    public static async Task<LabelServer> StartOnline(Folder folder)
    {
        Dictionary<string, string> settings = Settings(folder, null);
        settings["UEQ_ONLINE__MODELS"] = "*";
        LabelServer server = await Begin(UeqCommand.Start(settings, "serve", "--demo", "--urls", "http://127.0.0.1:0"));
        while (!(bool)(await server.Online())["following"]!) await Task.Delay(20);
        return server;
    }

    /// <summary>The same with its store on a disk of three megabytes, half of it taken until a line is written to standard input.</summary>
    public static async Task<LabelServer> StartOnASmallDisk(Folder folder)
    {
        const string Mount = """
            mount -t tmpfs -o size=3m ueq "$0" && head -c 1500000 /dev/zero > "$0/ballast" && echo mounted && exec 3<&0 && { { read x <&3; rm "$0/ballast"; } & } && exec "$@"
            """;
        Directory.CreateDirectory(folder["disk"]);
        ProcessStartInfo start = new("unshare", ["-rm", "sh", "-c", Mount, folder["disk"], "dotnet", Path.Combine(AppContext.BaseDirectory, "ueq.dll"), "serve", "--demo", "--urls", "http://127.0.0.1:0"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach ((string name, string value) in Settings(folder, Path.Combine(folder["disk"], "ueq.db"))) start.Environment[name] = value;
        Process? process = null;
        try
        {
            process = Process.Start(start);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("There is no unshare command to make a small disk with.");
        }

        Assert.SkipUnless(await process!.StandardOutput.ReadLineAsync() == "mounted", "A small disk could not be mounted here.");
        return await Begin(process);
    }

    public async Task<string[]> Receipts(int rows)
    {
        string x = string.Join(',', Enumerable.Repeat(Row, rows));
        (int status, JsonNode answer) = await Post("/predict", $"{{\"X\":[{x}],\"receipts\":true,\"monitor\":false}}");
        Assert.Equal(200, status);
        return [.. answer["receipts"]!.AsArray().Select(r => (string)r!)];
    }

    public Task<(int Status, JsonNode Answer)> Feedback(IEnumerable<string> receipts) =>
        Post("/feedback", $"{{\"labels\":[{string.Join(',', receipts.Select(r => $"{{\"receipt\":\"{r}\",\"y\":200}}"))}]}}");

    public async Task<(int Status, JsonNode Answer)> Post(string path, string body)
    {
        using HttpResponseMessage answer = await _client.PostAsync(new Uri(path, UriKind.Relative), new StringContent(body, Encoding.UTF8, "application/json"));
        return ((int)answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }

    /// <summary>The number of labels that coverage counts, once it stands at what is expected or a minute is over.</summary>
    public async Task<long> Counted(long expected)
    {
        long started = Stopwatch.GetTimestamp(), labels;
        do
        {
            labels = (long)JsonNode.Parse(await _client.GetStringAsync(new Uri("/coverage", UriKind.Relative)))!["labels"]!;
            await Task.Delay(20);
        }
        while (labels != expected && Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(60));
        return labels;
    }

    /// <summary>The online level once that many labels have moved it.</summary>
    public async Task<string> Level(long updates)
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            JsonNode level = (await Online())["levels"]![0]!;
            if ((long)level["updates"]! == updates || Stopwatch.GetElapsedTime(started) > TimeSpan.FromSeconds(60)) return level.ToJsonString();
            await Task.Delay(20);
        }
    }

    private async Task<JsonNode> Online() => JsonNode.Parse(await _client.GetStringAsync(new Uri("/coverage", UriKind.Relative)))!["online"]!;

    public void Kill() => _process.Kill();

    public async Task FreeDisk() => await _process.StandardInput.WriteLineAsync("go");

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _client.Dispose();
    }

    private static Dictionary<string, string> Settings(Folder folder, string? store) => new()
    {
        ["XDG_DATA_HOME"] = folder.Root,
        ["LOCALAPPDATA"] = folder.Root,
        ["UEQ_STORE"] = store ?? folder["ueq.db"],
        ["UEQ_RECEIPT_KEY"] = new string('k', 40),
    };

    private static async Task<LabelServer> Begin(Process process)
    {
        const string Before = "Listening on ";
        StringBuilder said = new();
        _ = process.StandardOutput.ReadToEndAsync();
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            said.AppendLine(CultureInfo.InvariantCulture, $"{line}");
            if (!line.StartsWith(Before, StringComparison.Ordinal)) continue;
            _ = process.StandardError.ReadToEndAsync();
            return new LabelServer(process, line[Before.Length..].Split(' ')[0]);
        }

        throw new InvalidOperationException($"the server ended before it listened: {said}");
    }
}
