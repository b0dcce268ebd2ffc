namespace Ueq.Monitoring;

/// <summary>Somebody's wish for no calls about a model or one of its signals for a time. Incidents are kept all the same.</summary>
/// <param name="Id">Names the silence.</param>
/// <param name="Model">The model.</param>
/// <param name="Signal">The signal; <c>null</c> for all of the model's.</param>
/// <param name="From">From when on.</param>
/// <param name="Until">Until when.</param>
/// <param name="Who">Who wants it.</param>
/// <param name="Reason">Why.</param>
public sealed record Silence(string Id, string Model, string? Signal, DateTimeOffset From, DateTimeOffset Until, string Who, string Reason)
{
    /// <summary>Whether it holds for a signal at a time.</summary>
    public bool Covers(string model, string signal, DateTimeOffset at) =>
        Model == model && (Signal is null || Signal == signal) && at >= From && at < Until;
}
