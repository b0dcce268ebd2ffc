using System.Diagnostics;
using System.Text.Json.Nodes;
using Ueq.Cli.Output;

namespace Ueq.Cli.Tests.Support;

/// <summary>What a call of the command answered.</summary>
internal sealed record Answer(int Code, string Output, string Error)
{
    public JsonNode Json => JsonNode.Parse(Output)!;

    public string All => Output + Error;

    public Answer Succeeds()
    {
        Assert.True(Code == 0, $"expected success, got {Code}: {All}");
        return this;
    }

    /// <summary>Asserts the code, that the message has the words, that standard output is empty and that no stack trace is shown.</summary>
    public Answer Fails(int code, params string[] words)
    {
        Assert.True(Code == code, $"expected {code}, got {Code}: {All}");
        Assert.Equal("", Output);
        Assert.StartsWith("ueq: ", Error[Error.IndexOf("ueq: ", StringComparison.Ordinal)..], StringComparison.Ordinal);
        foreach (string word in words) Assert.Contains(word, Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", Error, StringComparison.Ordinal);
        Assert.DoesNotContain("(Parameter", Error, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", Error, StringComparison.Ordinal);
        return this;
    }
}

/// <summary>Calls the command: in this process, or as the program that was built.</summary>
internal static class UeqCommand
{
    public static async Task<Answer> Run(params string[] args)
    {
        StringWriter output = new(), error = new();
        int code = await CommandLine.RunAsync(args, new Terminal(output, error), TestContext.Current.CancellationToken);
        return new Answer(code, output.ToString(), error.ToString());
    }

    public static Process Start(IReadOnlyDictionary<string, string>? environment, params string[] args)
    {
        ProcessStartInfo start = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "ueq.dll"), .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    public static async Task<Answer> RunProgram(params string[] args)
    {
        using Process process = Start(null, args);
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new Answer(process.ExitCode, await output, await error);
    }

    public static void Signal(Process process, string signal)
    {
        using Process kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} {process.Id}"]);
        kill.WaitForExit();
    }
}
