using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ueq.Monitoring;

/// <summary>All that one replica's watch has counted so far: bins, not values.</summary>
/// <remarks>
/// Counts only grow, so of two snapshots of one replica the later says all that the earlier said. That makes it harmless when one is
/// lost, comes twice or comes late.
/// </remarks>
public sealed class WatchSnapshot
{
    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    internal WatchSnapshot(string replica, long sequence, string reference, long rows, SignalTally[] signals)
    {
        Replica = replica;
        Sequence = sequence;
        Reference = reference;
        Rows = rows;
        Signals = signals;
    }

    private sealed record Page(string Replica, long Sequence, string Reference, long Rows, SignalTally[] Signals);

    /// <summary>Who counted: unique among replicas, and new for a process that starts without its saved state.</summary>
    public string Replica { get; }

    /// <summary>Number of the snapshot, ascending per replica.</summary>
    public long Sequence { get; }

    /// <summary>SHA-256 of the reference whose bins were counted, in hexadecimal digits.</summary>
    public string Reference { get; }

    /// <summary>Rows that the replica has seen.</summary>
    public long Rows { get; }

    internal SignalTally[] Signals { get; }

    /// <summary>Writes the snapshot as JSON.</summary>
    public void Save(Stream destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        JsonSerializer.Serialize(destination, new Page(Replica, Sequence, Reference, Rows, Signals), _json);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The content is damaged; the message names the place.</exception>
    public static WatchSnapshot Restore(Stream source)
    {
        ArgumentNullException.ThrowIfNull(source);
        Page page;
        try
        {
            page = JsonSerializer.Deserialize<Page>(source, _json) ?? throw Damaged("$", "expected an object, got null");
        }
        catch (JsonException e)
        {
            throw Damaged($"{e.Path ?? "$"}, line {e.LineNumber + 1}", e.Message, e);
        }

        if (page.Replica.Length == 0) throw Damaged("$.replica", "expected a name, got none");
        if (page.Sequence < 0) throw Damaged("$.sequence", $"expected zero or more, got {page.Sequence}");
        if (page.Rows < 0) throw Damaged("$.rows", $"expected zero or more, got {page.Rows}");
        for (int i = 0; i < page.Signals.Length; i++)
        {
            SignalTally tally = page.Signals[i] ?? throw Damaged($"$.signals[{i}]", "expected counts, got null");
            if (tally.Counts.Any(c => c < 0)) throw Damaged($"$.signals[{i}].counts", "expected zero or more");
            if (!(double.IsFinite(tally.Near) && tally.Near >= 0 && double.IsFinite(tally.Far) && tally.Far >= 0 && double.IsFinite(tally.Weight) && tally.Weight >= 0))
                throw Damaged($"$.signals[{i}]", "expected finite sums of squares from zero on");
        }

        return new WatchSnapshot(page.Replica, page.Sequence, page.Reference, page.Rows, page.Signals);
    }

    private static InvalidDataException Damaged(string place, string problem, Exception? cause = null) => new($"The snapshot is damaged at {place}: {problem}.", cause);
}

/// <summary>What a replica has counted of one signal, and the sums that tell serial dependence.</summary>
internal sealed record SignalTally(long[] Counts, double Near, double Far, double Weight);
