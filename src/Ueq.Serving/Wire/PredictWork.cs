using Ueq.Online;

namespace Ueq.Serving.Wire;

/// <summary>Everything one request needs room for: what was asked and what is answered. Pooled, so that a request allocates nothing.</summary>
internal sealed class PredictWork
{
    private const int Kept = 1 << 17;

    private readonly byte[] _user = new byte[Assignment.MostUserBytes];
    private int _userBytes;

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

    /// <summary>The coverage that was asked for.</summary>
    public Coverage Coverage { get; set; }

    /// <summary>The online level that answers are made at; <c>null</c> where they are made for the coverage itself.</summary>
    public OnlineLevel? Level { get; set; }

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

    /// <summary>Whom the rows are for, as UTF-8; empty when nobody is named.</summary>
    public ReadOnlySpan<byte> User => _user.AsSpan(0, _userBytes);

    /// <summary>The arm of an experiment that answers; <c>null</c> outside of experiments.</summary>
    public ArmRoute? Arm { get; set; }

    /// <summary>What was drawn for the user or the request, in an experiment.</summary>
    public Lot Lot { get; set; }

    /// <summary>Rows with a receipt and its identity, where an arm computes in the shadow.</summary>
    public List<(int Row, Guid Receipt)> Identified { get; } = [];

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
        Level = null;
        BatchSize = batchSize;
        WantsUncertainty = true;
        WantsMonitoring = true;
        WantsReceipts = false;
        SaysModel = false;
        _userBytes = 0;
        Arm = null;
        Identified.Clear();
        TimeoutMilliseconds = null;
        Priority = null;
        IsStream = false;
        AnswersAfter = false;
        Groups.Clear();
        Json.Clear();
    }

    /// <summary>Says whom the rows are for.</summary>
    /// <returns><c>false</c> when that is nobody, or too long.</returns>
    public bool TrySetUser(ReadOnlySpan<byte> user)
    {
        if (user.Length is 0 or > Assignment.MostUserBytes) return false;
        user.CopyTo(_user);
        _userBytes = user.Length;
        return true;
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
