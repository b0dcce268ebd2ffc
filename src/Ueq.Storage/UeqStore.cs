using System.Data.Common;
using System.Runtime.CompilerServices;

namespace Ueq.Storage;

/// <summary>What must survive a restart: the ledger of labels, the states of monitors, incidents, silences and the audit log.</summary>
/// <remarks>
/// One SQLite file (write-ahead log, <c>synchronous=FULL</c>, readable by its owner only) or a PostgreSQL database. Safe to use from
/// several threads, and by several processes on one store. Fails with <see cref="StoreFullException"/> when there is no room,
/// <see cref="StoreUnavailableException"/> when the store is locked or away, <see cref="InvalidDataException"/> when it is damaged,
/// and other <see cref="IOException"/>s for the rest.
/// </remarks>
public sealed partial class UeqStore : IAsyncDisposable
{
    private const int Page = 4096;
    private const int Forgotten = 10_000;

    private readonly Database _database;
    private readonly TimeProvider _time;
    private readonly LabelQueue _labels;

    private UeqStore(Database database, TimeProvider time)
    {
        _database = database;
        _time = time;
        _labels = new LabelQueue(labels => database.RunAsync(Access.Write, (c, token) => database.AppendAsync(c, labels, token), CancellationToken.None));
    }

    /// <summary>The file or the server in words for people, without a password.</summary>
    public string Place => _database.Place;

    /// <summary>Operations that were repeated since the store was away for a moment.</summary>
    public long Retries => _database.Retries;

    /// <summary>Whether what is stored is gone when the store is closed.</summary>
    public bool IsMemory { get; private init; }

    /// <summary>Opens a store, which is made or brought up to date when it has to be.</summary>
    /// <exception cref="ArgumentException">The options are out of range.</exception>
    /// <exception cref="InvalidDataException">The store is damaged, of another program or of a newer one.</exception>
    /// <exception cref="StoreUnavailableException">It is locked by another process, or the server is away.</exception>
    public static async Task<UeqStore> OpenAsync(StoreOptions options, TimeProvider time, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        options.Validate();
        Database database = options.IsServer ? Server(options) : new SqliteDatabase(options);
        try
        {
            await database.PrepareAsync(cancellation);
            return new UeqStore(database, time) { IsMemory = options.IsMemory };
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <summary>Writes labels to the ledger; they are on the disk when the task ends.</summary>
    /// <remarks>Labels of callers that wait at the same time share a transaction. Cancelling ends the wait; what was begun may still be written.</remarks>
    /// <returns>Per label: <c>true</c> when it is new, <c>false</c> when its receipt was counted before.</returns>
    public async Task<IReadOnlyList<bool>> AppendLabelsAsync(IReadOnlyList<LabelRecord> labels, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(labels);
        cancellation.ThrowIfCancellationRequested();
        for (int i = 0; i < labels.Count; i++)
            if (labels[i] is not { Model: not null, Version: not null }) throw new ArgumentException($"Expected a model and a version, got null at label {i}.", nameof(labels));
        return labels.Count == 0 ? [] : await _labels.AddAsync(labels).WaitAsync(cancellation);
    }

    /// <summary>The labels of a model version after a place in the ledger, in order, those that come while reading included.</summary>
    public async IAsyncEnumerable<StoredLabel> ReadLabelsAsync(
        string model, string version, long afterSequence, [EnumeratorCancellation] CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(version);
        while (true)
        {
            // Page by page, so that no reader holds back the write-ahead log.
            long after = afterSequence;
            List<StoredLabel> page = await _database.RunAsync(Access.Read, (c, token) => ReadPage(c, model, version, after, token), cancellation);
            foreach (StoredLabel label in page) yield return label;
            if (page.Count < Page) yield break;
            afterSequence = page[^1].Sequence;
        }
    }

    /// <summary>Forgets the labels whose predictions were made before a time; their receipts would count again.</summary>
    /// <returns>Number of labels forgotten.</returns>
    public async Task<int> ForgetLabelsAsync(DateTimeOffset issuedBefore, CancellationToken cancellation)
    {
        int all = 0, some;
        do
        {
            some = await _database.RunAsync(Access.Write, (c, token) => c.ExecuteAsync(
                "DELETE FROM ueq_labels WHERE sequence IN (SELECT sequence FROM ueq_labels WHERE issued < @before LIMIT @most)", null, token,
                ("@before", Moments.Stored(issuedBefore)), ("@most", Forgotten)), cancellation);
            all += some;
        }
        while (some == Forgotten);
        return all;
    }

    /// <summary>Saves the state of one part of a monitor in place of the one before.</summary>
    /// <param name="model">Name of the model.</param>
    /// <param name="version">Version of the model.</param>
    /// <param name="part">Which part of its monitoring.</param>
    /// <param name="state">The bytes to keep.</param>
    /// <param name="labelSequence">Place in the ledger of the last label that the state includes; 0 for none.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public Task SaveStateAsync(string model, string version, string part, ReadOnlyMemory<byte> state, long labelSequence, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(version);
        ArgumentNullException.ThrowIfNull(part);
        ArgumentOutOfRangeException.ThrowIfNegative(labelSequence);
        byte[] bytes = state.ToArray();
        return _database.RunAsync(Access.Write, (c, token) => c.ExecuteAsync(
            """
            INSERT INTO ueq_states (model, version, part, state, label_sequence, saved) VALUES (@model, @version, @part, @state, @sequence, @saved)
            ON CONFLICT (model, version, part) DO UPDATE SET state = excluded.state, label_sequence = excluded.label_sequence, saved = excluded.saved
            """, null, token,
            ("@model", model), ("@version", version), ("@part", part), ("@state", bytes), ("@sequence", labelSequence), ("@saved", Moments.Stored(_time.GetUtcNow()))),
            cancellation);
    }

    /// <summary>The state of one part of a monitor as last saved; <c>null</c> when there is none.</summary>
    public Task<StoredState?> LoadStateAsync(string model, string version, string part, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(version);
        ArgumentNullException.ThrowIfNull(part);
        return _database.RunAsync(Access.Read, async (c, token) =>
        {
            await using DbCommand select = c.Command(
                "SELECT state, label_sequence, saved FROM ueq_states WHERE model = @model AND version = @version AND part = @part", null,
                ("@model", model), ("@version", version), ("@part", part));
            await using DbDataReader row = await select.ExecuteReaderAsync(token);
            return await row.ReadAsync(token) ? new StoredState((byte[])row.GetValue(0), row.GetInt64(1), Moments.Read(row.GetInt64(2))) : null;
        }, cancellation);
    }

    /// <summary>Writes what waits and lets go of the store.</summary>
    public async ValueTask DisposeAsync()
    {
        await _labels.EndAsync();
        await _database.DisposeAsync();
    }

    // A method of its own: without PostgreSQL its driver is never loaded.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static PostgresDatabase Server(StoreOptions options) => new(options);

    private static async Task<List<StoredLabel>> ReadPage(DbConnection connection, string model, string version, long after, CancellationToken cancellation)
    {
        await using DbCommand select = connection.Command(
            """
            SELECT sequence, receipt, label_group, issued, arrived, prediction, lower, upper, y, score, covered, coverage, online_miss FROM ueq_labels
            WHERE model = @model AND version = @version AND sequence > @after ORDER BY sequence LIMIT @most
            """, null, ("@model", model), ("@version", version), ("@after", after), ("@most", Page));
        await using DbDataReader row = await select.ExecuteReaderAsync(cancellation);
        List<StoredLabel> page = [];
        while (await row.ReadAsync(cancellation))
        {
            Guid receipt = row.GetValue(1) is byte[] bytes ? new Guid(bytes, bigEndian: true) : row.GetGuid(1);
            page.Add(new StoredLabel(row.GetInt64(0), new LabelRecord(
                receipt, model, version, row.IsDBNull(2) ? null : row.GetString(2), Moments.Read(row.GetInt64(3)), Moments.Read(row.GetInt64(4)),
                Number(row, 5), Number(row, 6), Number(row, 7), Number(row, 8), Number(row, 9), Convert.ToBoolean(row.GetValue(10), System.Globalization.CultureInfo.InvariantCulture))
            {
                Coverage = Number(row, 11),
                OnlineMiss = Number(row, 12),
            }));
        }

        return page;
    }

    private static double Number(DbDataReader row, int column) => row.IsDBNull(column) ? double.NaN : row.GetDouble(column);
}
