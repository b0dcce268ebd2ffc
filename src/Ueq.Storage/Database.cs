using System.Data.Common;
using Polly;
using Polly.Retry;

namespace Ueq.Storage;

/// <summary>Where the tables are: opens connections, makes the schema, and words what goes wrong.</summary>
internal abstract class Database : IAsyncDisposable
{
    // Marks a failure after which nobody knows whether the transaction is there: the answer of a second try could be wrong.
    private const string Committing = "ueq.committing";

    private readonly ResiliencePipeline _again;
    private long _retries;

    protected Database(StoreOptions options)
    {
        Options = options;
        _again = options.Retries == 0 || !options.IsServer
            ? ResiliencePipeline.Empty
            : new ResiliencePipelineBuilder().AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<StoreUnavailableException>(e => e.InnerException?.Data.Contains(Committing) != true),
                MaxRetryAttempts = options.Retries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = TimeSpan.FromMilliseconds(100),
                MaxDelay = TimeSpan.FromSeconds(2),
                OnRetry = _ =>
                {
                    Interlocked.Increment(ref _retries);
                    return ValueTask.CompletedTask;
                },
            }).Build();
    }

    /// <summary>The file or server in words for people, without a password.</summary>
    public abstract string Place { get; }

    /// <summary>Operations that were repetitions.</summary>
    public long Retries => Interlocked.Read(ref _retries);

    protected StoreOptions Options { get; }

    /// <summary>Makes or brings up to date the tables. Any number of processes may do it at the same time.</summary>
    public abstract Task PrepareAsync(CancellationToken cancellation);

    /// <summary>Writes labels in one transaction, durable when it ends.</summary>
    /// <returns>Which of them are new.</returns>
    public abstract Task<bool[]> AppendAsync(DbConnection connection, IReadOnlyList<LabelRecord> labels, CancellationToken cancellation);

    /// <summary>Runs an operation on an open connection; what the database says is put into words of this room.</summary>
    public async Task<T> RunAsync<T>(Access access, Func<DbConnection, CancellationToken, Task<T>> work, CancellationToken cancellation) =>
        await _again.ExecuteAsync(async token => await Worded(access, work, token), cancellation);

    /// <summary>Whether a row was not inserted because there is one of the same key.</summary>
    public abstract bool IsDuplicate(DbException failure);

    public abstract ValueTask DisposeAsync();

    /// <summary>Commits what must not be tried again when it is not known whether it was committed.</summary>
    public static async Task CommitOnceAsync(DbTransaction transaction, CancellationToken cancellation)
    {
        try
        {
            await transaction.CommitAsync(cancellation);
        }
        catch (Exception failure)
        {
            failure.Data[Committing] = true;
            throw;
        }
    }

    protected abstract Task<T> OnConnection<T>(Access access, Func<DbConnection, CancellationToken, Task<T>> work, CancellationToken cancellation);

    /// <summary>What the caller is told; <c>null</c> when the exception is not the database's.</summary>
    protected abstract Exception? Explain(Exception failure);

    // Entity Framework wraps what the driver says.
    private Exception? Explained(Exception failure) => Explain(failure) ?? (failure.InnerException is DbException inner ? Explain(inner) : null);

    private async Task<T> Worded<T>(Access access, Func<DbConnection, CancellationToken, Task<T>> work, CancellationToken cancellation)
    {
        try
        {
            return await OnConnection(access, work, cancellation);
        }
        catch (Exception failure) when (Explained(failure) is not null)
        {
            throw Explained(failure)!;
        }
    }
}
