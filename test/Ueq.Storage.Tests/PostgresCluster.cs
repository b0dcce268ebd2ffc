using System.Diagnostics;
using Npgsql;

[assembly: AssemblyFixture(typeof(Ueq.Storage.Tests.PostgresCluster))]

namespace Ueq.Storage.Tests;

/// <summary>A PostgreSQL server of the tests' own, in a folder of its own on a socket of its own; none where PostgreSQL is not installed.</summary>
public sealed class PostgresCluster : IAsyncLifetime
{
    private static int _databases;

    private readonly SemaphoreSlim _gate = new(1);
    private readonly string _folder = Directory.CreateTempSubdirectory("ueq-pg-").FullName;
    private Process? _server;
    private string? _why;

    private static bool IsRoot => Environment.UserName == "root";

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>A connection string of an empty database. Skips the test where there is no PostgreSQL.</summary>
    public async Task<string> Fresh()
    {
        await _gate.WaitAsync();
        try
        {
            if (_server is null && _why is null) await Start();
        }
        finally
        {
            _gate.Release();
        }

        Assert.SkipWhen(_why is not null, _why ?? "");
        string name = $"t{Interlocked.Increment(ref _databases)}";
        await Run("postgres", $"CREATE DATABASE {name}");
        return To(name);
    }

    /// <summary>Runs a statement as the owner.</summary>
    public async Task Run(string database, string sql)
    {
        await using NpgsqlConnection connection = new(To(database) + ";Pooling=false");
        await connection.OpenAsync();
#pragma warning disable CA2100 // The tests' own words.
        await using NpgsqlCommand command = new(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Stops the server as a power cut would.</summary>
    public async Task Crash()
    {
        if (_server is null) return;
        await _server.StandardInput.WriteLineAsync("stop");
        await _server.WaitForExitAsync();
        _server.Dispose();
        _server = null;
    }

    /// <summary>Starts the server again.</summary>
    public async Task Start()
    {
        if (Binaries() is not { } binaries)
        {
            _why = "PostgreSQL is not installed (apt-get install postgresql).";
            return;
        }

        if (IsRoot) await Must("chown", "postgres", _folder);
        string data = Path.Combine(_folder, "data");
        if (!Directory.Exists(data)) await Must("sh", "-c", Unprivileged($"'{binaries}/initdb' -D '{data}' -A trust -U ueq --no-sync > '{_folder}/initdb.log' 2>&1"));
        // It ends with this process however that ends: then its input is closed.
        string server = $"'{binaries}/postgres' -D '{data}' -k '{_folder}' -c listen_addresses= -c shared_buffers=8MB > '{_folder}/server.log' 2>&1";
        ProcessStartInfo start = new("sh") { RedirectStandardInput = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(Unprivileged($"{server} & server=$!; read -r line; kill -QUIT $server; wait $server"));
        _server = Process.Start(start)!;
        Stopwatch waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await Run("postgres", "SELECT 1");
                return;
            }
            catch (NpgsqlException e) when (waited.Elapsed < TimeSpan.FromSeconds(60) && !_server.HasExited)
            {
                _ = e;
                using PeriodicTimer pause = new(TimeSpan.FromMilliseconds(50));
                await pause.WaitForNextTickAsync();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Crash();
        NpgsqlConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
        _gate.Dispose();
    }

    private string To(string database) => $"Host={_folder};Database={database};Username=ueq";

    // PostgreSQL refuses to run as root; Debian's package brings a user for it.
    private static string Unprivileged(string command) => IsRoot ? $"cd / && exec setpriv --reuid postgres --regid postgres --clear-groups sh -c \"{command.Replace("$", "\\$", StringComparison.Ordinal)}\"" : command;

    private static string? Binaries()
    {
        IEnumerable<string> folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        if (Directory.Exists("/usr/lib/postgresql"))
            folders = folders.Concat(Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(d => d.Length).ThenByDescending(d => d).Select(d => Path.Combine(d, "bin")));
        return folders.FirstOrDefault(f => File.Exists(Path.Combine(f, "initdb")) && File.Exists(Path.Combine(f, "postgres")));
    }

    private static async Task Must(string command, params string[] arguments)
    {
        using Process process = Process.Start(command, arguments);
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{command} {string.Join(' ', arguments)} ended with {process.ExitCode}");
    }
}
