using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Ueq.Cli.Tests.Support;

/// <summary><c>ueq serve</c> with settings of a file, as the program that was built.</summary>
internal sealed class ServeProcess : IDisposable
{
    public const string Row = "[59,2,32.1,101,157,93.2,38,4,4.8598,87]";

    private readonly StringBuilder _said;

    private ServeProcess(Process process, string address, StringBuilder said)
    {
        Process = process;
        _said = said;
        Client = new HttpClient { BaseAddress = new Uri(address), Timeout = TimeSpan.FromSeconds(60) };
    }

    public Process Process { get; }

    public HttpClient Client { get; }

    /// <summary>All that the program has written so far.</summary>
    public string Said
    {
        get
        {
            lock (_said) return _said.ToString();
        }
    }

    public static Task<ServeProcess> Start(Folder folder, string config, params string[] options) =>
        StartWith(folder, new() { ["UEQ_STORE"] = "none" }, ["serve", "--demo", "--config", config, .. options]);

    /// <summary>The same with whatever models and store the file names.</summary>
    public static Task<ServeProcess> StartConfigured(Folder folder, string config) => StartWith(folder, [], ["serve", "--config", config]);

    private static async Task<ServeProcess> StartWith(Folder folder, Dictionary<string, string> environment, string[] arguments)
    {
        environment["XDG_DATA_HOME"] = environment["LOCALAPPDATA"] = folder.Root;
        Process process = UeqCommand.Start(environment, arguments);
        const string Before = "Listening on ";
        StringBuilder said = new();
        TaskCompletionSource<string?> address = new(TaskCreationOptions.RunContinuationsAsynchronously);
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) =>
        {
            Take(line.Data);
            if (line.Data is null) address.TrySetResult(null);
            else if (line.Data.StartsWith(Before, StringComparison.Ordinal)) address.TrySetResult(line.Data[Before.Length..].Split(' ')[0]);
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return await address.Task is { } found ? new ServeProcess(process, found, said) : throw new InvalidOperationException($"the server ended before it listened: {said}");

        void Take(string? line)
        {
            lock (said) said.AppendLine(line);
        }
    }

    public async Task<(int Status, JsonNode? Body, HttpResponseHeaders Headers)> Send(HttpMethod verb, string path, string? body = null, params (string Name, string Value)[] headers)
    {
        using HttpRequestMessage request = new(verb, new Uri(path, UriKind.Relative));
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        foreach ((string name, string value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using HttpResponseMessage answer = await Client.SendAsync(request);
        string text = await answer.Content.ReadAsStringAsync();
        return ((int)answer.StatusCode, text.StartsWith('{') ? JsonNode.Parse(text) : null, answer.Headers);
    }

    /// <summary>Asks again and again, for a minute, until the answer is as hoped for.</summary>
    public async Task<JsonNode> Until(string path, Predicate<JsonNode> hoped)
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            JsonNode body = (await Send(HttpMethod.Get, path)).Body!;
            if (hoped(body)) return body;
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(60), $"after a minute {path} still answers {body}; the program said {Said}");
            await Task.Delay(20);
        }
    }

    public async Task<int> Stop(string signal = "TERM")
    {
        UeqCommand.Signal(Process, signal);
        await Process.WaitForExitAsync();
        return Process.ExitCode;
    }

    public void Dispose()
    {
        if (!Process.HasExited) Process.Kill();
        Process.WaitForExit();
        Process.Dispose();
        Client.Dispose();
    }
}
