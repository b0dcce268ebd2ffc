namespace Ueq.Serving.Wire;

/// <summary>Everything one request needs room for: what was asked and what is answered. Pooled, so that a request allocates nothing.</summary>
internal sealed class PredictWork
{
    private const int Kept = 1 << 17;

    public Grown<byte> Body { get; } = new(1 << 20);

    public Grown<float> Features { get; } = new(Kept);

    public Grown<double> Predictions { get; } = new(Kept);

    public Grown<Interval> Intervals { get; } = new(Kept);

    public Grown<double> Probabilities { get; } = new(Kept);

    public Grown<ulong> Sets { get; } = new(Kept);

    /// <summary>Interval widths or set sizes: what the monitor watches.</summary>
    public Grown<double> Sizes { get; } = new(Kept);

    public RowGroups Groups { get; } = new();

    public JsonBytes Json { get; } = new();

    public int Rows { get; set; }

    public Coverage Coverage { get; set; }

    public int BatchSize { get; set; }

    public bool WantsUncertainty { get; set; }

    public bool WantsMonitoring { get; set; }

    public bool WantsReceipts { get; set; }

    /// <summary>When the request came, by the service's clock.</summary>
    public long Started { get; set; }

    /// <summary>Milliseconds after which it is too late to begin; <c>null</c> for never.</summary>
    public int? TimeoutMilliseconds { get; set; }

    public RequestPriority? Priority { get; set; }

    /// <summary>Whether the rows are part of a stream, which waits for its turn however many others do.</summary>
    public bool IsStream { get; set; }

    /// <summary>The place in the queue, where there is one.</summary>
    public Waiting? Place { get; set; }

    /// <summary>Whether the answer says which model it is from.</summary>
    public bool SaysModel { get; set; }

    /// <summary>Whether the answers of a stream are to wait for its end.</summary>
    public bool AnswersAfter { get; set; }

    /// <summary>What writes receipts where they are wanted.</summary>
    public ReceiptIssuer? Issuer { get; set; }

    /// <summary>Unbounded intervals among the answers.</summary>
    public int Unbounded { get; set; }

    /// <summary>Empties the work for the next request.</summary>
    public void Begin(Coverage coverage, int batchSize)
    {
        Rows = 0;
        Unbounded = 0;
        Coverage = coverage;
        BatchSize = batchSize;
        WantsUncertainty = true;
        WantsMonitoring = true;
        WantsReceipts = false;
        SaysModel = false;
        TimeoutMilliseconds = null;
        Priority = null;
        IsStream = false;
        AnswersAfter = false;
        Groups.Clear();
        Json.Clear();
    }

    /// <summary>Gives back what an unusually large request left behind.</summary>
    public void Trim()
    {
        Body.Trim();
        Features.Trim();
        Predictions.Trim();
        Intervals.Trim();
        Probabilities.Trim();
        Sets.Trim();
        Sizes.Trim();
        Groups.Trim();
        Json.Trim();
    }
}
