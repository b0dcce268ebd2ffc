using System.Data.Common;
using Npgsql;
using NpgsqlTypes;

namespace Ueq.Storage;

/// <summary>A database of a PostgreSQL server, which any number of replicas share.</summary>
internal sealed class PostgresDatabase : Database
{
    // "UEQ", and what is locked.
    private const string SchemaLock = "SELECT pg_advisory_xact_lock(5588305, 1)", LedgerLock = "SELECT pg_advisory_xact_lock(5588305, 2)";

    private readonly NpgsqlDataSource _source;

    public PostgresDatabase(StoreOptions options) : base(options)
    {
        NpgsqlConnectionStringBuilder connection;
        try
        {
            connection = new NpgsqlConnectionStringBuilder(options.Store);
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new ArgumentException($"Expected a connection string of PostgreSQL such as Host=db;Database=ueq;Username=ueq: {e.Message}", nameof(options), e);
        }

        int seconds = Math.Max(1, (int)Math.Ceiling(options.Patience.TotalSeconds));
        if (!connection.ContainsKey("Timeout")) connection.Timeout = seconds;
        if (!connection.ContainsKey("Command Timeout")) connection.CommandTimeout = seconds;
        if (string.IsNullOrEmpty(connection.ApplicationName)) connection.ApplicationName = "ueq";
        Place = $"PostgreSQL {connection.Host}:{connection.Port}/{connection.Database}";
        _source = NpgsqlDataSource.Create(connection);
    }

    public override string Place { get; }

    public override async Task PrepareAsync(CancellationToken cancellation) =>
        await RunAsync(Access.Write, async (connection, token) =>
        {
            await using DbTransaction transaction = await connection.BeginTransactionAsync(token);
            await connection.ExecuteAsync(SchemaLock, transaction, token);
            await connection.ExecuteAsync("CREATE TABLE IF NOT EXISTS ueq_schema (version bigint NOT NULL)", transaction, token);
            long version = await connection.NumberAsync("SELECT max(version) FROM ueq_schema", transaction, token);
            if (version > Schema.Postgres.Count)
                throw new InvalidDataException($"The store {Place} has schema {version}; this program knows {Schema.Postgres.Count}. A newer program made it: run that one.");
            for (int step = (int)version; step < Schema.Postgres.Count; step++)
                await connection.ExecuteAsync($"{Schema.Postgres[step]} INSERT INTO ueq_schema VALUES ({step + 1});", transaction, token);
            await transaction.CommitAsync(token);
            return 0;
        }, cancellation);

    // The lock makes sequences visible in their order: who has read to n misses nothing below n later.
    public override async Task<bool[]> AppendAsync(DbConnection connection, IReadOnlyList<LabelRecord> labels, CancellationToken cancellation)
    {
        NpgsqlConnection postgres = (NpgsqlConnection)connection;
        await using NpgsqlTransaction transaction = await postgres.BeginTransactionAsync(cancellation);
        await connection.ExecuteAsync(
            $"{LedgerLock}; SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'", transaction, cancellation);
        HashSet<Guid> added = [];
        await using (NpgsqlCommand insert = new(
            """
            INSERT INTO ueq_labels (receipt, model, version, label_group, issued, arrived, prediction, lower, upper, y, score, covered, coverage, online_miss)
            SELECT receipt, model, version, label_group, issued, arrived, prediction, lower, upper, y, score, covered, coverage, online_miss
            FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) WITH ORDINALITY
                AS t (receipt, model, version, label_group, issued, arrived, prediction, lower, upper, y, score, covered, coverage, online_miss, place)
            ORDER BY place
            ON CONFLICT (receipt) DO NOTHING RETURNING receipt
            """, postgres, transaction))
        {
            Column(insert, NpgsqlDbType.Uuid, labels, l => l.ReceiptId);
            Column(insert, NpgsqlDbType.Text, labels, l => l.Model);
            Column(insert, NpgsqlDbType.Text, labels, l => l.Version);
            Column(insert, NpgsqlDbType.Text, labels, l => l.Group);
            Column(insert, NpgsqlDbType.Bigint, labels, l => Moments.Stored(l.IssuedAt));
            Column(insert, NpgsqlDbType.Bigint, labels, l => Moments.Stored(l.ArrivedAt));
            Column(insert, NpgsqlDbType.Double, labels, l => l.Prediction);
            Column(insert, NpgsqlDbType.Double, labels, l => l.Lower);
            Column(insert, NpgsqlDbType.Double, labels, l => l.Upper);
            Column(insert, NpgsqlDbType.Double, labels, l => l.Y);
            Column(insert, NpgsqlDbType.Double, labels, l => l.Score);
            Column(insert, NpgsqlDbType.Boolean, labels, l => l.Covered);
            Column(insert, NpgsqlDbType.Double, labels, l => l.Coverage);
            Column(insert, NpgsqlDbType.Double, labels, l => l.OnlineMiss);
            await using NpgsqlDataReader rows = await insert.ExecuteReaderAsync(cancellation);
            while (await rows.ReadAsync(cancellation)) added.Add(rows.GetGuid(0));
        }

        // A receipt that stands twice in these labels is new the first time.
        bool[] isNew = [.. labels.Select(l => added.Remove(l.ReceiptId))];
        await Outcomes.AddLabelsAsync(connection, transaction, labels, isNew, cancellation);
        await CommitOnceAsync(transaction, cancellation);
        return isNew;
    }

    public override bool IsDuplicate(DbException failure) => failure is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation };

    public override ValueTask DisposeAsync() => _source.DisposeAsync();

    protected override async Task<T> OnConnection<T>(Access access, Func<DbConnection, CancellationToken, Task<T>> work, CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await _source.OpenConnectionAsync(cancellation);
        return await work(connection, cancellation);
    }

    protected override Exception? Explain(Exception failure) => failure switch
    {
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } e =>
            new StoreFullException($"The disk of the store {Place} is full: free some space; until then nothing more is stored.", e),
        PostgresException { SqlState: PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted } e =>
            new InvalidDataException($"The store {Place} is damaged: {e.MessageText}. Restore it from a backup.", e),
        PostgresException { SqlState: var state } e when IsPassing(state) =>
            new StoreUnavailableException($"The store {Place} is not available now: {e.MessageText}", e),
        PostgresException e => new IOException($"The store {Place} failed: {e.MessageText} (SQLSTATE {e.SqlState})", e),
        NpgsqlException e => new StoreUnavailableException($"The store {Place} cannot be reached: {e.InnerException?.Message ?? e.Message}", e),
        TimeoutException e => new StoreUnavailableException($"The store {Place} did not answer in time.", e),
        System.Net.Sockets.SocketException e => new StoreUnavailableException($"The store {Place} cannot be reached: {e.Message}", e),
        _ => null,
    };

    // Connections, shut-downs, too many clients, and conflicts of transactions.
    private static bool IsPassing(string state) =>
        state is "55P03" or "40001" or "40P01" || state.StartsWith("57P", StringComparison.Ordinal)
        || state.StartsWith("08", StringComparison.Ordinal) || state.StartsWith("53", StringComparison.Ordinal);

    private static void Column<T>(NpgsqlCommand command, NpgsqlDbType type, IReadOnlyList<LabelRecord> labels, Func<LabelRecord, T> value) =>
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | type, Value = labels.Select(value).ToArray() });
}
