using System.Threading.Tasks.Sources;

namespace Ueq.Serving.Batching;

/// <summary>A request's place in the queue: what to predict, until when, and how its caller is told. It is pooled with the request's work.</summary>
/// <remarks>What waits may be dropped; what was taken is finished, since the model works in the request's own memory.</remarks>
internal sealed class Waiting : IValueTaskSource
{
    private ManualResetValueTaskSourceCore<bool> _done = new() { RunContinuationsAsynchronously = true };
    private ServedModel? _model;

    public Waiting(PredictWork work)
    {
        Work = work;
        Node = new LinkedListNode<Waiting>(this);
    }

    public PredictWork Work { get; }

    public LinkedListNode<Waiting> Node { get; }

    public ServedModel Model => _model!;

    public int BatchSize { get; private set; }

    public int Jobs { get; private set; }

    public RequestPriority Priority { get; private set; }

    /// <summary>Rows as the queue's bound counts them: none of a stream, which waits instead of being refused.</summary>
    public int Weight { get; private set; }

    /// <summary>When it came, by the service's clock.</summary>
    public long Since { get; private set; }

    /// <summary>When it is too late to begin.</summary>
    public long Deadline { get; private set; }

    public bool IsCancelled => _cancelled.IsCancellationRequested;

    public CancellationToken Cancelled => _cancelled;

    private CancellationToken _cancelled;

    /// <summary>Done when the work has its answers.</summary>
    public ValueTask Done => new(this, _done.Version);

    public void Begin(ServedModel model, int batchSize, int jobs, long now, long deadline, CancellationToken cancelled)
    {
        _done.Reset();
        _model = model;
        _cancelled = cancelled;
        BatchSize = batchSize;
        Jobs = jobs;
        Priority = Work.Priority ?? RequestPriority.Normal;
        Weight = Work.IsStream ? 0 : Work.Rows;
        Since = now;
        Deadline = deadline;
    }

    public void Succeed()
    {
        Forget();
        _done.SetResult(true);
    }

    public void Fail(Exception failure)
    {
        Forget();
        _done.SetException(failure);
    }

    void IValueTaskSource.GetResult(short token) => _done.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _done.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _done.OnCompleted(continuation, state, token, flags);

    // Pooled work must not keep a version in memory that is served no more.
    private void Forget()
    {
        _model = null;
        _cancelled = default;
    }
}
