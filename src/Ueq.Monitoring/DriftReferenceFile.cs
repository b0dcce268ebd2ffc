using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ueq.Monitoring;

/// <summary>The written form of a drift reference: JSON, version 1.</summary>
internal static class DriftReferenceFile
{
    private const int Version = 1;

    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    private sealed record Page(int FormatVersion, string SchemaDigest, Signal[] Signals);

    private sealed record Signal(
        string Name, SignalKind Kind, SignalContent Content, SampleSummary Summary, int Missing, int Unbounded, double[] Edges, long[] Counts);

    public static void Write(Stream destination, DriftReference reference)
    {
        Signal[] signals = [.. reference.Signals.Select(s =>
            new Signal(s.Name, s.Kind, s.Content, s.Summary, s.Missing, s.Unbounded, [.. s.Edges], [.. s.Counts]))];
        JsonSerializer.Serialize(destination, new Page(Version, reference.SchemaDigest, signals), _json);
    }

    public static DriftReference Read(Stream source)
    {
        Page page;
        try
        {
            page = JsonSerializer.Deserialize<Page>(source, _json) ?? throw Throw.Damaged("$", "expected an object, got null.");
        }
        catch (JsonException e)
        {
            throw Throw.Damaged($"{e.Path ?? "$"}, line {e.LineNumber + 1}", e.Message, e);
        }

        if (page.FormatVersion != Version) throw Throw.Damaged("$.format_version", $"this library reads {Version}, got {page.FormatVersion}.");
        if (page.Signals.Length < 2) throw Throw.Damaged("$.signals", $"expected two signals or more, got {page.Signals.Length}.");
        SignalReference[] signals = new SignalReference[page.Signals.Length];
        for (int i = 0; i < signals.Length; i++)
        {
            Signal s = page.Signals[i] ?? throw Throw.Damaged($"$.signals[{i}]", "expected a signal, got null.");
            SignalKind kind = i == signals.Length - 1 ? SignalKind.Size : i == signals.Length - 2 ? SignalKind.Prediction : SignalKind.Feature;
            if (s.Kind != kind) throw Throw.Damaged($"$.signals[{i}].kind", $"expected {kind}, got {s.Kind}.");
            if (Problem(s) is var (where, what)) throw Throw.Damaged($"$.signals[{i}].{where}", what);
            signals[i] = new SignalReference(s.Name, s.Kind, s.Content, s.Summary, s.Missing, s.Unbounded, s.Edges, s.Counts);
            if (signals[i].Rows != signals[0].Rows)
                throw Throw.Damaged($"$.signals[{i}]", $"expected {signals[0].Rows} rows as in the first signal, got {signals[i].Rows}.");
        }

        if (signals[0].Rows < 1) throw Throw.Damaged("$.signals[0]", "expected one row or more, got none.");
        return new DriftReference(page.SchemaDigest, signals);
    }

    private static (string Where, string What)? Problem(Signal s)
    {
        if (s.Missing < 0) return ("missing", $"expected zero or more, got {s.Missing}.");
        if (s.Unbounded < 0) return ("unbounded", $"expected zero or more, got {s.Unbounded}.");
        if (s.Summary.Count < 0) return ("summary.count", $"expected zero or more, got {s.Summary.Count}.");
        if ((s.Content == SignalContent.NoValues) != (s.Summary.Count == 0))
            return ("content", $"{s.Content} does not go with {s.Summary.Count} finite values.");
        if (s.Content == SignalContent.OneValue && s.Edges.Length != 2) return ("edges", $"expected 2 around one value, got {s.Edges.Length}.");
        for (int e = 0; e < s.Edges.Length; e++)
            if (!double.IsFinite(s.Edges[e]) || (e > 0 && s.Edges[e] <= s.Edges[e - 1])) return ($"edges[{e}]", "expected finite, ascending edges.");
        if (s.Edges.Length >= SignalReference.MostBins) return ("edges", $"expected fewer than {SignalReference.MostBins}, got {s.Edges.Length}.");
        if (s.Counts.Length != s.Edges.Length + 1) return ("counts", $"expected {s.Edges.Length + 1}, one more than edges, got {s.Counts.Length}.");
        long total = 0;
        for (int b = 0; b < s.Counts.Length; b++)
        {
            if (s.Counts[b] < 0) return ($"counts[{b}]", $"expected zero or more, got {s.Counts[b]}.");
            total += s.Counts[b];
        }

        return total == s.Summary.Count ? null : ("counts", $"they sum to {total}, the summary says {s.Summary.Count}.");
    }
}
