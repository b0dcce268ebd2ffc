namespace Ueq.Client.Load;

/// <summary>A time of constant rate.</summary>
/// <param name="Rate">Requests per second on average, above 0, at most 1,000,000.</param>
/// <param name="Length">How long, 1 ms to 1 day.</param>
public sealed record LoadStage(double Rate, TimeSpan Length);

/// <summary>What is sent, how fast, and for how long.</summary>
public sealed record LoadOptions
{
    /// <summary>Rates one after the other; one or more.</summary>
    public required IReadOnlyList<LoadStage> Stages { get; init; }

    /// <summary>Rows of a request, 1 to 1,000,000. Default: 1.</summary>
    public int Rows { get; init; } = 1;

    /// <summary>What to ask for with each request; groups are not for this. Default: intervals or sets.</summary>
    public PredictOptions Predict { get; init; } = new();

    /// <summary>Most requests on their way at the same time, 1 to 65,536; what is due beyond waits, and its waiting counts. Default: 1,000.</summary>
    public int MostInFlight { get; init; } = 1000;

    /// <summary>After how long an answer is no longer waited for, 1 ms to 1 hour. Default: 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Headers of every request, such as <c>Authorization</c>. Default: none.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Names the arrivals. Default: 0.</summary>
    public ulong Seed { get; init; }

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Stages);
        ArgumentNullException.ThrowIfNull(Headers);
        ArgumentNullException.ThrowIfNull(Predict);
        if (Stages.Count == 0) throw Expect.Wrong(nameof(Stages), $"Expected one rate or more, got none.");
        foreach (LoadStage stage in Stages)
        {
            Expect.Range(nameof(LoadStage.Rate), stage.Rate, 1e-3, 1e6);
            Expect.Range(nameof(LoadStage.Length), stage.Length, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1));
        }

        Expect.Range(nameof(Rows), Rows, 1, 1_000_000);
        Expect.Range(nameof(MostInFlight), MostInFlight, 1, 65_536);
        Expect.Range(nameof(Timeout), Timeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1));
        if (Predict.Groups is not null) throw Expect.Wrong(nameof(Predict), $"Expected no groups, got {Predict.Groups.Count}.");
    }
}
