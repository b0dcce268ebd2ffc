using Ueq.Storage;

namespace Ueq.Serving.Receipts;

/// <summary>The one thread that reads, checks and counts labels, whatever their number: the others are there for predictions.</summary>
internal sealed class LabelLane : IAsyncDisposable
{
    private readonly Lane _lane = new("ueq labels");

    public Task<T> Do<T>(Func<T> work) => _lane.Do(work);

    public ValueTask DisposeAsync() => _lane.DisposeAsync();
}
