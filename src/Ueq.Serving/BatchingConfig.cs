namespace Ueq.Serving;

/// <summary>How requests wait for their turn and are predicted together: the keys <c>microbatch_…</c>, <c>max_concurrent</c> and <c>max_waiting_rows</c>.</summary>
public sealed record BatchingConfig
{
    /// <summary>The models, by name or reference, whose requests are predicted together; <c>*</c> is all. Default none.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>Rows that are predicted together at most: 1 to 1,000,000. Default 256. A request with more is predicted alone.</summary>
    public int Rows { get; init; } = 256;

    /// <summary>Milliseconds that a request waits for company: 0 to 1000. Default 0, which takes what has gathered while the models were busy.</summary>
    public int DelayMilliseconds { get; init; }

    /// <summary>Predictions that run at the same time in the whole service: 1 to 1024; <c>null</c>, the default, for no limit.</summary>
    /// <remarks>Models that are predicted together run on as many threads as there are processors when there is no limit.</remarks>
    public int? MaxConcurrent { get; init; }

    /// <summary>Rows that wait at most: 1 to 100,000,000. Default 10,000. What comes when they do is answered 503 at once.</summary>
    public int MaxWaitingRows { get; init; } = 10_000;

    /// <summary>Whether any request may have to wait.</summary>
    internal bool IsOn => MaxConcurrent is not null || Models.Count > 0;
}
