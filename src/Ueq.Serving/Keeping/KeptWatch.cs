using Microsoft.Extensions.Logging;
using Ueq.Monitoring;
using Ueq.Storage;

namespace Ueq.Serving.Keeping;

/// <summary>The saved watch of one served model.</summary>
internal sealed partial class KeptWatch(ServedModel model, StoreKeeper keeper, string part, ILogger log)
{
    private byte[] _saved = [];

    public ServedModel Model => model;

    /// <summary>The watch as it is now, to be saved when the steps that it includes are known to the incidents.</summary>
    public (byte[] State, long Scored)? Take() => model.Monitor.Use<(byte[], long)?>(watch =>
    {
        using MemoryStream saved = new();
        watch.Save(saved);
        long sequence = model.Monitor.ScoredSequence;
        return (saved.ToArray(), sequence == long.MaxValue ? 0 : sequence);
    });

    /// <summary>Saves what was taken, unless it is what is saved already.</summary>
    /// <exception cref="IOException">The store failed.</exception>
    public async Task SaveAsync((byte[] State, long Scored)? taken, CancellationToken cancellation)
    {
        if (taken is not { } watch || keeper.Options.IsMemory || watch.State.AsSpan().SequenceEqual(_saved)) return;
        await keeper.UseAsync(async store =>
        {
            await store.SaveStateAsync(model.Name, model.Version.Digest, part, watch.State, watch.Scored, cancellation);
            return 0;
        });
        _saved = watch.State;
    }

    /// <summary>Goes on with what was saved; from then on scores of labels are taken.</summary>
    /// <exception cref="IOException">The store failed.</exception>
    public async Task RestoreAsync(CancellationToken cancellation)
    {
        long scored = 0;
        StoredState? stored = await keeper.UseAsync(store => store.LoadStateAsync(model.Name, model.Version.Digest, part, cancellation));
        if (stored is not null && model.Monitor.Use(watch => watch.Reference) is { } reference)
        {
            try
            {
                using MemoryStream state = new(stored.State.ToArray());
                model.Monitor.Resume(ModelWatch.Restore(state, reference, model.Monitor.Options));
                scored = stored.LabelSequence;
            }
            catch (Exception failure) when (failure is InvalidDataException or ArgumentException)
            {
                NotRestored(log, model.Name, model.Version.Digest, failure.Message);
            }
        }

        model.Monitor.TakeScoresAfter(scored);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The monitor of model {Model}, version {Version}, begins anew, because its saved state cannot be used: {Problem}")]
    private static partial void NotRestored(ILogger log, string model, string version, string problem);
}
