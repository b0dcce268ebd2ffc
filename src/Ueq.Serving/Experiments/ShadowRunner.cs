using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Ueq.Storage;

namespace Ueq.Serving.Experiments;

/// <summary>Computes rows again, by an arm in the shadow, after they were answered: on a thread of its own that is less urgent than those that answer.</summary>
/// <remarks>At most <see cref="MostWaitingRows"/> rows wait; more are dropped and counted. Whatever a model in the shadow does wrong is counted, and nobody waits for it.</remarks>
internal sealed class ShadowRunner(TimeProvider time) : IAsyncDisposable
{
    public const int MostWaitingRows = 10_000;
    private const int MostKept = 100_000;

    private readonly Lane _lane = new("ueq shadow");
    private readonly PredictWork _work = new();
    private readonly ConcurrentQueue<ShadowRecord> _done = new();
    private long _waiting, _computed, _dropped, _failed;

    /// <summary>Rows computed.</summary>
    public long Computed => Interlocked.Read(ref _computed);

    /// <summary>Rows for which there was no room.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Rows that the model failed on.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Rows that wait or are being computed.</summary>
    public long Waiting => Interlocked.Read(ref _waiting);

    /// <summary>Takes the rows of a request whose answer is written; its memory is the caller's again afterwards.</summary>
    public void Take(PredictWork work)
    {
        ArmRoute arm = work.Arm!;
        int rows = work.Rows, width = arm.Shadow!.Model.Schema.Width;
        if (Interlocked.Add(ref _waiting, rows) > MostWaitingRows)
        {
            Interlocked.Add(ref _waiting, -rows);
            Interlocked.Add(ref _dropped, rows);
            work.Identified.Clear();
            return;
        }

        Job job = new(arm, work.Features.Span(rows * width).ToArray(), rows, work.Coverage, work.WantsMonitoring, [.. work.Identified], work.Lot.Bucket, time.GetUtcNow());
        work.Identified.Clear();
        try
        {
            _ = _lane.Do(() => Compute(job));
        }
        catch (ObjectDisposedException)
        {
            Interlocked.Add(ref _waiting, -rows);
            Interlocked.Add(ref _dropped, rows);
        }
    }

    /// <summary>Answers that are to be kept until their labels come.</summary>
    public List<ShadowRecord> TakeDone()
    {
        List<ShadowRecord> done = [];
        while (_done.TryDequeue(out ShadowRecord? record)) done.Add(record);
        return done;
    }

    /// <summary>Takes back what could not be stored, as far as there is room.</summary>
    public void Return(List<ShadowRecord> records)
    {
        foreach (ShadowRecord record in records) Keep(record);
    }

    public ValueTask DisposeAsync() => _lane.DisposeAsync();

    private bool Compute(Job job)
    {
        ServedModel model = job.Arm.Shadow!.Model;
        try
        {
            _work.Begin(job.Coverage, int.MaxValue);
            _work.Level = model.Online?.At(job.Coverage);
            _work.Rows = job.Rows;
            _work.WantsMonitoring = job.WantsMonitoring;
            _work.Features.Reserve(job.Features.Length);
            job.Features.CopyTo(_work.Features.Span(job.Features.Length));
            Prediction.Compute(model, _work);
            Prediction.Finish(model, _work);
            foreach ((int row, Guid receipt) in job.Identified) Keep(Record(job, model, row, receipt));
            Interlocked.Add(ref _computed, job.Rows);
        }
#pragma warning disable CA1031 // A model that is being tried may do anything.
        catch (Exception)
#pragma warning restore CA1031
        {
            Interlocked.Add(ref _failed, job.Rows);
        }
        finally
        {
            _work.Trim();
            Interlocked.Add(ref _waiting, -job.Rows);
        }

        return true;
    }

    private ShadowRecord Record(Job job, ServedModel model, int row, Guid receipt)
    {
        int words = LabelSet.WordsFor(model.Classes);
        Interval answer = model.Classes == 0 ? _work.Intervals.Span(job.Rows)[row] : new Interval(0, _work.Sizes.Span(job.Rows)[row]);
        byte[] set = model.Classes == 0 ? [] : MemoryMarshal.AsBytes(_work.Sets.Span(job.Rows * words).Slice(row * words, words)).ToArray();
        ExperimentConfig experiment = job.Arm.Experiment;
        return new ShadowRecord(receipt, experiment.Name, job.Arm.Arm, job.Arm.Shadow!.Arm, job.Bucket, job.IssuedAt, _work.Predictions.Span(job.Rows)[row], answer.Lower, answer.Upper, set);
    }

    private void Keep(ShadowRecord record)
    {
        if (_done.Count < MostKept) _done.Enqueue(record);
        else Interlocked.Increment(ref _dropped);
    }

    private sealed record Job(
        ArmRoute Arm, float[] Features, int Rows, Coverage Coverage, bool WantsMonitoring, (int Row, Guid Receipt)[] Identified, byte Bucket, DateTimeOffset IssuedAt);
}
