using System.Runtime.ExceptionServices;

namespace Ueq.Testing;

/// <summary>A model is shared: threads that ask at the same time get what one alone gets.</summary>
internal static class ThreadLaws
{
    private const string Law = "several threads at once get the answers that one gets";
    private const int Rounds = 4;

    public static void Hold(Trial trial)
    {
        // Every thread has rows of its own, and another number of them: scratch that is shared would show.
        Trial[] own = [.. Enumerable.Range(0, trial.Promises.Threads).Select(t => t == 0 ? trial : new Trial(trial.Subject, Turned(trial.Rows, t), trial.Promises))];
        AtOnce(trial.Promises.Threads, t =>
        {
            string done = $"asked from {trial.Promises.Threads} threads";
            for (int round = 0; round < Rounds; round++)
                own[t].Same(Law, done, own[t].Answer(Law, done, own[t].Rows), i => i, trial.Promises.Rounding);
        });
    }

    private static FeatureMatrix Turned(FeatureMatrix rows, int by) =>
        rows.Gather([.. Enumerable.Range(0, Math.Max(1, rows.Rows - by)).Select(i => (i + by) % rows.Rows)]);

    /// <summary>Runs work on threads that start together; throws what the first of them to fail threw.</summary>
    public static void AtOnce(int threads, Action<int> work)
    {
        using Barrier start = new(threads);
        Exception?[] faults = new Exception?[threads];
        Thread[] all = [.. Enumerable.Range(0, threads).Select(t => new Thread(() =>
        {
            start.SignalAndWait();
            try
            {
                work(t);
            }
            catch (Exception fault)
            {
                faults[t] = fault;
            }
        }) { IsBackground = true })];
        foreach (Thread thread in all) thread.Start();
        foreach (Thread thread in all) thread.Join();
        if (Array.Find(faults, fault => fault is not null) is { } first) ExceptionDispatchInfo.Throw(first);
    }
}
