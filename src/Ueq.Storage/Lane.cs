using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Ueq.Storage;

/// <summary>A thread of its own for work that would hold a thread of the pool: done one after another, and less urgent than what answers requests.</summary>
/// <remarks>
/// The pool has as many threads as there are processors and adds one only after half a second, so two that wait for a disk can hold up every
/// answer of the service. What runs here must not wait for work that runs here.
/// </remarks>
internal sealed partial class Lane : IAsyncDisposable
{
    private const int ThisThread = 0, Yielding = 5;

    private readonly BlockingCollection<Action> _work = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Lane(string name) => new Thread(Run) { IsBackground = true, Name = name, Priority = ThreadPriority.BelowNormal }.Start();

    /// <summary>Does work there; what it fails with is the task's failure.</summary>
    /// <exception cref="ObjectDisposedException">No more work is taken.</exception>
    public Task<T> Do<T>(Func<T> work)
    {
        TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            _work.Add(() => Do(work, done));
        }
        catch (InvalidOperationException)
        {
            throw new ObjectDisposedException(nameof(Lane));
        }

        return done.Task;
    }

    /// <summary>Takes no more work, and waits until what was taken is done. May be asked again.</summary>
    public async ValueTask DisposeAsync()
    {
        _work.CompleteAdding();
        await _ended.Task;
    }

    private static void Do<T>(Func<T> work, TaskCompletionSource<T> done)
    {
        try
        {
            done.SetResult(work());
        }
#pragma warning disable CA1031 // Whoever waits is told.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            done.SetException(failure);
        }
    }

    private void Run()
    {
        // .NET's own priorities do nothing on Linux, where a thread may be as nice as a process.
        if (OperatingSystem.IsLinux()) _ = SetPriority(ThisThread, ThisThread, Yielding);
        foreach (Action work in _work.GetConsumingEnumerable()) work();
        // The collection is not disposed: who says that no more comes may still be inside it.
        _ended.SetResult();
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int priority);
}
