using System.Globalization;
using System.Text.Json.Nodes;
using Ueq.Cli.Tests.Support;

namespace Ueq.Cli.Tests.Faults;

/// <summary><c>ueq serve</c> with a registry of models, a store, an experiment, a cache, micro-batches and gRPC: all that can meet a fault.</summary>
internal static class FaultService
{
    /// <summary>A sound request for a model that nothing else asks for, and so is never moved or unloaded.</summary>
    public const string SteadyBody = """{"model": "steady", "X": [[0.25, 0.75]], "return_uncertainty": true}""";

    public static async Task<ServeProcess> Start(Folder folder, string more = "")
    {
        string table = folder.Write("t.csv", Folder.Line(200)), registry = folder["models"];
        foreach ((string name, int seed) in new[] { ("line", 1), ("line", 2), ("steady", 3) })
            (await UeqCommand.Run("fit", "--data", table, "--target", "y", "--model", "linear", "--method", "conformal", "--seed", $"{seed}", "--registry", registry, "--name", name)).Succeeds();
        (await UeqCommand.Run("models", "alias", "line", "champion", "1", "--registry", registry)).Succeeds();
        (await UeqCommand.Run("models", "alias", "line", "challenger", "2", "--registry", registry)).Succeeds();
        return await ServeProcess.StartConfigured(folder, folder.Write("service.yaml", $$"""
            registry: {{registry}}
            models: [line, line@challenger, steady]
            store: {{folder["ueq.db"]}}
            receipt_key: {{new string('k', 40)}}
            urls: http://127.0.0.1:0
            grpc_urls: http://127.0.0.1:0
            log_level: ERROR
            {{more}}
            """));
    }

    public static async Task<string> Predictions(ServeProcess server, string body = SteadyBody)
    {
        (int status, JsonNode? answer, _) = await server.Send(HttpMethod.Post, "/predict", body);
        Assert.True(status == 200, $"expected 200, got {status}: {answer}; the service said {server.Said}");
        return answer!["predictions"]!.ToJsonString() + answer["uncertainty"]!.ToJsonString();
    }

    /// <summary>Bytes of the process in memory, and how many files and sockets it has open.</summary>
    public static (long Bytes, int Handles) Holds(ServeProcess server)
    {
        string proc = string.Create(CultureInfo.InvariantCulture, $"/proc/{server.Process.Id}");
        Assert.SkipUnless(Directory.Exists(proc), "Memory and handles of another process are read from /proc.");
        string resident = File.ReadLines(Path.Combine(proc, "status")).First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return (long.Parse(resident.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10, Directory.GetFileSystemEntries(Path.Combine(proc, "fd")).Length);
    }
}
