using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Ueq.Monitoring;
using Ueq.Storage;
using Ueq.Versions;

namespace Ueq.Serving.Experiments;

/// <summary>Carries exposures and answers of arms in the shadow into the store, and what other replicas have changed out of it.</summary>
internal sealed partial class ExperimentKeeper(
    StoreKeeper keeper, ExperimentDesk desk, ExperimentRouter router, ModelCatalog models, ShadowRunner shadows, UeqServiceConfig config, TimeProvider time, ILogger<ExperimentKeeper> log)
    : BackgroundService
{
    private const int Together = 1000;
    private const int MostShadows = 1_000_000;
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1), ForgetEvery = TimeSpan.FromMinutes(10), Patience = TimeSpan.FromHours(1);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private long _forgottenAt, _unmatched;

    /// <summary>Labels of shadowed rows whose shadow's answer never came.</summary>
    public long Unmatched => Interlocked.Read(ref _unmatched);

    /// <summary>Writes down what was counted here, so that it can be read from the store.</summary>
    /// <exception cref="IOException">The store failed; what was counted is kept for the next time.</exception>
    public async Task FlushAsync(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            await ExposuresAsync();
            await ShadowsAsync(cancellation);
        }
        finally
        {
            _turn.Release();
        }
    }

    public override void Dispose()
    {
        _turn.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        keeper.Begin();
        using PeriodicTimer timer = new(Tick, time);
        do
        {
            await Guarded(() => TurnAsync(stoppingToken));
        }
        while (await Waited(timer, stoppingToken));
        await Guarded(() => FlushAsync(CancellationToken.None));
    }

    private static async Task<bool> Waited(PeriodicTimer timer, CancellationToken stop)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stop);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task TurnAsync(CancellationToken stop)
    {
        await desk.RefreshAsync(stop);
        await FlushAsync(stop);
        if (_forgottenAt != 0 && time.GetElapsedTime(_forgottenAt) < ForgetEvery) return;
        _forgottenAt = time.GetTimestamp();
        DateTimeOffset now = time.GetUtcNow();
        Interlocked.Add(ref _unmatched, await keeper.UseAsync(store => store.ForgetShadowsAsync(now - TimeSpan.FromDays(config.ReceiptTtlDays + 1), now - Patience, MostShadows, stop)));
    }

    private async Task ExposuresAsync()
    {
        List<(ArmTally Tally, Exposure Taken)> taken = [];
        foreach (ArmTally tally in router.Tallies)
            if (tally.Take() is { } exposure) taken.Add((tally, exposure));
        if (taken.Count == 0) return;
        try
        {
            await keeper.UseAsync(async store =>
            {
                await store.AddExposuresAsync([.. taken.Select(t => new ExposureRecord(t.Taken.Experiment, t.Taken.Arm, t.Taken.Requests, t.Taken.Rows, t.Taken.Unnamed, t.Taken.Users))], CancellationToken.None);
                return 0;
            });
        }
        catch
        {
            foreach ((ArmTally tally, Exposure exposure) in taken) tally.Return(exposure);
            throw;
        }
    }

    private async Task ShadowsAsync(CancellationToken stop)
    {
        List<ShadowRecord> done = shadows.TakeDone();
        if (done.Count > 0)
        {
            try
            {
                await keeper.UseAsync(async store =>
                {
                    await store.AddShadowsAsync(done, CancellationToken.None);
                    return 0;
                });
            }
            catch
            {
                shadows.Return(done);
                throw;
            }
        }

        while (await keeper.UseAsync(store => store.ListLabelledShadowsAsync(Together, stop)) is { Count: > 0 } labelled)
        {
            await keeper.UseAsync(async store =>
            {
                await store.CountShadowsAsync([.. labelled.Select(Count)], CancellationToken.None);
                return 0;
            });
            if (labelled.Count < Together) break;
        }
    }

    private (Guid Receipt, ArmLabel Control, ArmLabel Arm) Count(LabelledShadow row)
    {
        ShadowRecord shadow = row.Shadow;
        LabelledAnswer control = LabelScoring.Read(row.Label);
        bool isSet = shadow.Set.Length > 0;
        int label = (int)row.Label.Y;
        bool covered = isSet
            ? label >= 0 && label / 8 < shadow.Set.Length && (shadow.Set.Span[label / 8] >> (label % 8) & 1) == 1
            : new Interval(shadow.Lower, shadow.Upper).Contains(row.Label.Y);
        LabelledAnswer arm = control with
        {
            Prediction = shadow.Prediction,
            Answer = new Interval(shadow.Lower, shadow.Upper),
            Outcome = covered ? LabelOutcome.Covered : LabelOutcome.Missed,
        };
        (OutcomeSums one, OutcomeSums other) = OutcomeSums.OfPair(control, arm, isSet ? ModelTask.Classification : ModelTask.Regression);
        return (shadow.ReceiptId, new ArmLabel(shadow.Experiment, shadow.Control, shadow.Bucket, one), new ArmLabel(shadow.Experiment, shadow.Arm, shadow.Bucket, other));
    }

    private async Task Guarded(Func<Task> turn)
    {
        try
        {
            await turn();
        }
        catch (Exception failure) when (failure is OperationCanceledException or IOException or InvalidDataException)
        {
            // Counted and logged by the keeper of the store; the next turn tries again.
        }
#pragma warning disable CA1031 // A defect here must not end the service.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Failed(log, failure);
        }
    }

    /// <summary>What the models of an experiment predict.</summary>
    public ModelTask TaskOf(ExperimentConfig experiment) => models.Find(experiment.Control)?.Version.Manifest.Task ?? ModelTask.Regression;

    [LoggerMessage(Level = LogLevel.Error, Message = "Keeping the experiments failed; it is tried again")]
    private static partial void Failed(ILogger log, Exception failure);
}
