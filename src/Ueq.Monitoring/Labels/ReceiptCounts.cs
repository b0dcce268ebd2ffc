namespace Ueq.Monitoring;

/// <summary>How many receipts were issued in each hour of the last ninety days, by one issuer or many: what labels are counted against.</summary>
/// <remarks>Thread-safe. Merging takes the larger count of each issuer and hour, so snapshots may come in any order and repeatedly.</remarks>
public sealed class ReceiptCounts
{
    private const string Magic = "UEQ-RECEIPTS";
    private const int Version = 1;
    private const int MostIssuers = 10_000;

    private readonly Lock _gate = new();
    private readonly string _issuer;
    private readonly Dictionary<string, HourCounts> _issuers = new(StringComparer.Ordinal);
    private readonly HourCounts _own = new();

    /// <summary>Counts of nothing yet.</summary>
    /// <param name="issuer">Name of the process or replica that issues; keep it over restarts.</param>
    public ReceiptCounts(string issuer)
    {
        ArgumentException.ThrowIfNullOrEmpty(issuer);
        _issuer = issuer;
        _issuers[issuer] = _own;
    }

    /// <summary>Counts receipts that were issued.</summary>
    public void Add(int count, DateTimeOffset at)
    {
        if (count < 0) Throw.OutOfRange(nameof(count), count, "zero receipts or more");
        lock (_gate) _own.Add(HourCounts.HourOf(at), count);
    }

    /// <summary>Takes over what another has counted.</summary>
    public void Merge(ReceiptCounts other)
    {
        ArgumentNullException.ThrowIfNull(other);
        using MemoryStream snapshot = new();
        other.Save(snapshot);
        snapshot.Position = 0;
        lock (_gate) Take(snapshot);
    }

    /// <summary>Writes all counts. The stream need not seek.</summary>
    public void Save(Stream destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        TallyWriter state = new(Magic, Version);
        lock (_gate)
        {
            state.Whole(_issuers.Count);
            foreach ((string issuer, HourCounts counts) in _issuers)
            {
                state.Text(issuer);
                counts.Save(state);
            }
        }

        state.End(destination);
    }

    /// <summary>Counts that continue what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The content is damaged, or of another version; the message names the place.</exception>
    public static ReceiptCounts Restore(Stream source, string issuer)
    {
        ArgumentNullException.ThrowIfNull(source);
        ReceiptCounts counts = new(issuer);
        counts.Take(source);
        return counts;
    }

    /// <summary>Receipts issued from one hour to another, both included.</summary>
    internal long Sum(long from, long to)
    {
        lock (_gate)
        {
            long sum = 0;
            foreach (HourCounts counts in _issuers.Values) sum += counts.Sum(from, to);
            return sum;
        }
    }

    private void Take(Stream source)
    {
        TallyReader state = new(source, Magic, Version);
        long issuers = state.Count("$.issuers", MostIssuers);
        List<(string Issuer, HourCounts Counts)> read = [];
        for (int i = 0; i < issuers; i++)
        {
            HourCounts counts = new();
            string name = state.Text($"$.issuers[{i}].name");
            counts.Restore(ref state, $"$.issuers[{i}].counts");
            read.Add((name, counts));
        }

        state.End();
        foreach ((string name, HourCounts counts) in read)
        {
            if (!_issuers.TryGetValue(name, out HourCounts? mine)) _issuers[name] = mine = new HourCounts();
            mine.Join(counts);
        }
    }
}
