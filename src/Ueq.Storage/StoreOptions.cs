namespace Ueq.Storage;

/// <summary>Where a store lies and how long it waits.</summary>
public sealed record StoreOptions
{
    /// <summary>A store that lives as long as it is open: for a service that is to leave nothing behind.</summary>
    public const string Memory = ":memory:";

    /// <summary>Path of a SQLite file, a connection string of PostgreSQL (<c>Host=…;Database=…</c>), or <see cref="Memory"/>. Default <c>ueq.db</c>.</summary>
    public string Store { get; init; } = "ueq.db";

    /// <summary>Longest wait for a lock that another process holds, or for an answer of the server: 10 ms to 10 minutes. Default 5 s.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Tries after the first when PostgreSQL is away and trying again is safe: 0 to 20. Default 3.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>Whether the store is gone when it is closed.</summary>
    public bool IsMemory => Store == Memory;

    /// <summary>Whether the store is a server, which replicas may share.</summary>
    public bool IsServer => Store.Split(';').Select(part => part.Split('=')[0].Trim()).Any(key =>
        key.Equals("Host", StringComparison.OrdinalIgnoreCase) || key.Equals("Server", StringComparison.OrdinalIgnoreCase));

    internal void Validate()
    {
        if (string.IsNullOrWhiteSpace(Store))
            throw new ArgumentException("Expected the path of a file or a connection string of PostgreSQL, got nothing.", nameof(Store));
        if (Store.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase) || Store.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException("Expected a connection string such as Host=db;Database=ueq;Username=ueq, got an address that begins with postgres.", nameof(Store));
        if (Patience < TimeSpan.FromMilliseconds(10) || Patience > TimeSpan.FromMinutes(10))
            throw new ArgumentOutOfRangeException(nameof(Patience), Patience, "Expected 10 ms to 10 minutes.");
        if (Retries is < 0 or > 20) throw new ArgumentOutOfRangeException(nameof(Retries), Retries, "Expected 0 to 20.");
    }
}
