using System.Data.Common;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Ueq.Storage;

/// <summary>One SQLite file in WAL mode; a transaction is on the disk when it ends (<c>synchronous=FULL</c>).</summary>
internal sealed class SqliteDatabase : Database
{
    private const int Busy = raw.SQLITE_BUSY, Locked = raw.SQLITE_LOCKED;
    private readonly Lane _writer = new("ueq store writer"), _reader = new("ueq store reader");
    private readonly string _path;
    private readonly string _connection;
    private SqliteConnection? _memory;

    public SqliteDatabase(StoreOptions options) : base(options)
    {
        _path = options.IsMemory ? "memory" : Path.GetFullPath(options.Store);
        _connection = new SqliteConnectionStringBuilder
        {
            DataSource = options.IsMemory ? StoreOptions.Memory : _path,
            Mode = options.IsMemory ? SqliteOpenMode.Memory : SqliteOpenMode.ReadWrite,
            Pooling = !options.IsMemory,
            DefaultTimeout = Math.Max(1, (int)Math.Ceiling(options.Patience.TotalSeconds)),
        }.ToString();
    }

    public override string Place => _path;

    public override async Task PrepareAsync(CancellationToken cancellation)
    {
        if (Options.IsMemory) _memory = new SqliteConnection(_connection);
        else RequirePlace();
        await RunAsync(Access.Write, async (connection, token) =>
        {
            await RequireOurs(connection, token);
            await using (DbCommand wal = connection.Command("PRAGMA journal_mode = WAL"))
                if (await wal.ExecuteScalarAsync(token) is not ("wal" or "memory"))
                    throw new IOException($"The store {_path} cannot use a write-ahead log there; expected a local disk.");
            await using DbTransaction transaction = await connection.BeginTransactionAsync(token);
            long version = await connection.NumberAsync("PRAGMA user_version", transaction, token);
            for (int step = (int)version; step < Schema.Sqlite.Count; step++)
                await connection.ExecuteAsync(
                    $"{Schema.Sqlite[step]} PRAGMA user_version = {step + 1}; PRAGMA application_id = {Schema.ApplicationId};", transaction, token);
            await transaction.CommitAsync(token);
            return 0;
        }, cancellation);
    }

    public override async Task<bool[]> AppendAsync(DbConnection connection, IReadOnlyList<LabelRecord> labels, CancellationToken cancellation)
    {
        await using DbTransaction transaction = await connection.BeginTransactionAsync(cancellation);
        await using DbCommand insert = connection.Command(
            """
            INSERT INTO ueq_labels (receipt, model, version, label_group, issued, arrived, prediction, lower, upper, y, score, covered, coverage, online_miss)
            VALUES (@receipt, @model, @version, @group, @issued, @arrived, @prediction, @lower, @upper, @y, @score, @covered, @coverage, @online)
            ON CONFLICT (receipt) DO NOTHING
            """,
            transaction,
            ("@receipt", null), ("@model", null), ("@version", null), ("@group", null), ("@issued", null), ("@arrived", null),
            ("@prediction", null), ("@lower", null), ("@upper", null), ("@y", null), ("@score", null), ("@covered", null), ("@coverage", null), ("@online", null));
        bool[] isNew = new bool[labels.Count];
        for (int i = 0; i < isNew.Length; i++)
        {
            LabelRecord label = labels[i];
            ReadOnlySpan<object?> values =
            [
                label.ReceiptId.ToByteArray(bigEndian: true), label.Model, label.Version, label.Group, Moments.Stored(label.IssuedAt), Moments.Stored(label.ArrivedAt),
                Number(label.Prediction), Number(label.Lower), Number(label.Upper), Number(label.Y), Number(label.Score), label.Covered ? 1 : 0, Number(label.Coverage), Number(label.OnlineMiss),
            ];
            for (int p = 0; p < values.Length; p++) insert.Parameters[p].Value = values[p] ?? DBNull.Value;
            isNew[i] = await insert.ExecuteNonQueryAsync(cancellation) == 1;
        }

        await Outcomes.AddLabelsAsync(connection, transaction, labels, isNew, cancellation);
        await transaction.CommitAsync(cancellation);
        return isNew;
    }

    public override bool IsDuplicate(DbException failure) => failure is SqliteException { SqliteErrorCode: raw.SQLITE_CONSTRAINT };

    public override async ValueTask DisposeAsync()
    {
        // A connection is one thread's: it is let go when the threads have ended.
        await _writer.DisposeAsync();
        await _reader.DisposeAsync();
        await using SqliteConnection any = _memory ?? new(_connection);
        SqliteConnection.ClearPool(any);
    }

    // SQLite waits for the disk on the thread that asks, so it has threads of its own: one that writes, and one that reads meanwhile.
    protected override Task<T> OnConnection<T>(Access access, Func<DbConnection, CancellationToken, Task<T>> work, CancellationToken cancellation) =>
        (access == Access.Read && _memory is null ? _reader : _writer).Do(() =>
        {
            cancellation.ThrowIfCancellationRequested();
            return Ended(OnConnectionAsync(work, cancellation));
        });

    private async Task<T> OnConnectionAsync<T>(Func<DbConnection, CancellationToken, Task<T>> work, CancellationToken cancellation)
    {
        if (_memory is not null)
        {
            await _memory.OpenAsync(cancellation);
            return await work(_memory, cancellation);
        }

        await using SqliteConnection connection = new(_connection);
        await connection.OpenAsync(cancellation);
        await connection.ExecuteAsync(
            FormattableString.Invariant($"PRAGMA busy_timeout = {(int)Options.Patience.TotalMilliseconds}; PRAGMA synchronous = FULL;"), null, cancellation);
        return await work(connection, cancellation);
    }

    // The driver's asynchronous methods end before they return.
    private static T Ended<T>(Task<T> task) => task.GetAwaiter().GetResult();

    protected override Exception? Explain(Exception failure) => failure switch
    {
        SqliteException e when e.SqliteErrorCode == raw.SQLITE_FULL || (e.SqliteErrorCode == raw.SQLITE_IOERR && IsFull()) =>
            new StoreFullException($"There is no room left for the store {_path}: free some space; until then nothing more is stored.", e),
        SqliteException { SqliteErrorCode: raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB } e => Damaged(e.Message, e),
        SqliteException { SqliteErrorCode: Busy or Locked } e => new StoreUnavailableException(
            FormattableString.Invariant($"The store {_path} is locked by another process for more than {Options.Patience.TotalSeconds:0.###} s: stop that process, or give this one a store of its own."), e),
        SqliteException { SqliteErrorCode: raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN or raw.SQLITE_PERM } e => new IOException(
            $"The store {_path} cannot be written: {e.Message}. Check that this user owns the file and may write to its folder.", e),
        SqliteException e => new IOException($"The store {_path} failed: {e.Message}", e),
        _ => null,
    };

    private static object? Number(double value) => double.IsNaN(value) ? null : value;

    private InvalidDataException Damaged(string problem, Exception? cause = null) => new(
        $"The store {_path} is damaged: {problem.TrimEnd('.')}. Move it away together with its -wal and -shm files, and restore a copy or start without: "
        + "labels, monitor states and incidents begin anew.", cause);

    private async Task RequireOurs(DbConnection connection, CancellationToken cancellation)
    {
        long application = await connection.NumberAsync("PRAGMA application_id", null, cancellation);
        long version = await connection.NumberAsync("PRAGMA user_version", null, cancellation);
        long tables = await connection.NumberAsync("SELECT count(*) FROM sqlite_schema", null, cancellation);
        if (application != Schema.ApplicationId && (application != 0 || version != 0 || tables != 0))
            throw new InvalidDataException($"{_path} is a SQLite file of another program; the store needs a file of its own.");
        if (version > Schema.Sqlite.Count)
            throw new InvalidDataException($"The store {_path} has schema {version}; this program knows {Schema.Sqlite.Count}. A newer program made it: run that one.");
    }

    private void RequirePlace()
    {
        string folder = Path.GetDirectoryName(_path)!;
        if (Directory.Exists(_path)) throw new IOException($"The store {_path} is a folder; expected the path of a file.");
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"There is no folder {folder} for the store {_path}.");
        CreateOwned();
    }

    // Only when there is none: closing a second handle of a file would drop SQLite's locks on it.
    private void CreateOwned()
    {
        if (File.Exists(_path)) return;
        FileStreamOptions owned = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows()) owned.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            using FileStream made = new(_path, owned);
        }
        catch (IOException) when (File.Exists(_path))
        {
            // Another process was faster.
        }
    }

    // SQLite says "full" for a full disk but "input/output error" for a quota, a file size limit and its shared memory.
    private bool IsFull()
    {
        try
        {
            return new DriveInfo(_path).AvailableFreeSpace < 1 << 16;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }
}
