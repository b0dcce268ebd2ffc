using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ueq.Monitoring;

/// <summary>The written form of a drift reference: JSON, version 2; version 1, which had no scores and no hours, is read too.</summary>
internal static class DriftReferenceFile
{
    private const int Version = 2;

    public static void Write(Stream destination, DriftReference reference)
    {
        SignalPage[] signals = [.. reference.Signals.Select(s =>
            new SignalPage(s.Name, s.Kind, s.Content, s.Summary, s.Missing, s.Unbounded, [.. s.Edges], [.. s.Counts], Hours(s)))];
        bool? rebaselined = reference.Signals.Any(s => s.Rows != reference.Rows) ? true : null;
        JsonSerializer.Serialize(destination, new ReferencePage(Version, reference.SchemaDigest, signals, rebaselined), ReferenceJson.Default.ReferencePage);
    }

    public static DriftReference Read(Stream source)
    {
        ReferencePage page;
        try
        {
            page = JsonSerializer.Deserialize(source, ReferenceJson.Default.ReferencePage) ?? throw Throw.Damaged("$", "expected an object, got null.");
        }
        catch (JsonException e)
        {
            throw Throw.Damaged($"{e.Path ?? "$"}, line {e.LineNumber + 1}", e.Message, e);
        }

        if (page.FormatVersion is not (1 or Version)) throw Throw.Damaged("$.format_version", $"this library reads 1 and {Version}, got {page.FormatVersion}.");
        if (page.Signals.Length < 1) throw Throw.Damaged("$.signals", "expected one signal or more, got none.");
        SignalReference[] signals = new SignalReference[page.Signals.Length];
        for (int i = 0; i < signals.Length; i++)
        {
            SignalPage s = page.Signals[i] ?? throw Throw.Damaged($"$.signals[{i}]", "expected a signal, got null.");
            if (i > 0 && !Follows(s.Kind, page.Signals[i - 1].Kind)) throw Throw.Damaged($"$.signals[{i}].kind", $"{s.Kind} cannot follow {page.Signals[i - 1].Kind}.");
            if (i == 0 && s.Kind is not (SignalKind.Feature or SignalKind.Prediction)) throw Throw.Damaged("$.signals[0].kind", $"expected a feature or the prediction, got {s.Kind}.");
            if (Problem(s) is var (where, what)) throw Throw.Damaged($"$.signals[{i}].{where}", what);
            signals[i] = new SignalReference(s.Name, s.Kind, s.Content, s.Summary, s.Missing, s.Unbounded, s.Edges, s.Counts, s.Hours);
            if (signals[i].Rows < 1) throw Throw.Damaged($"$.signals[{i}]", "expected one row or more, got none.");
            if (page.Rebaselined != true && signals[i].Rows != signals[0].Rows)
                throw Throw.Damaged($"$.signals[{i}]", $"expected {signals[0].Rows} rows as in the first signal, got {signals[i].Rows}.");
        }

        if (page.Signals[^1].Kind == SignalKind.Prediction) throw Throw.Damaged("$.signals", "the signal of sizes is missing.");
        if (signals.Any(s => s.Seasons != signals[0].Seasons)) throw Throw.Damaged("$.signals", "some tell hours of the week apart and some do not.");
        return new DriftReference(page.SchemaDigest, signals);
    }

    private static long[]? Hours(SignalReference signal)
    {
        if (signal.Seasons == 1) return null;
        List<long> all = [];
        for (int hour = 0; hour < signal.Seasons; hour++) all.AddRange(signal.SeasonCounts(hour));
        return [.. all];
    }

    private static bool Follows(SignalKind kind, SignalKind before) => (before, kind) is
        (SignalKind.Feature, SignalKind.Feature or SignalKind.Prediction) or (SignalKind.Prediction, SignalKind.Size) or (SignalKind.Size, SignalKind.Score);

    private static (string Where, string What)? Problem(SignalPage s)
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

        if (total != s.Summary.Count) return ("counts", $"they sum to {total}, the summary says {s.Summary.Count}.");
        return s.Hours is null ? null : HourProblem(s);
    }

    private static (string Where, string What)? HourProblem(SignalPage s)
    {
        long[] all = [.. s.Counts, s.Missing, s.Unbounded], hours = s.Hours!;
        if (hours.Length != 168 * all.Length) return ("hours", $"expected {168 * all.Length} counts, got {hours.Length}.");
        for (int i = 0; i < hours.Length; i++)
        {
            if (hours[i] < 0) return ($"hours[{i}]", $"expected zero or more, got {hours[i]}.");
            all[i % all.Length] -= hours[i];
        }

        return all.All(left => left == 0) ? null : ("hours", "they do not sum to the counts.");
    }
}

/// <summary>A drift reference as it is written.</summary>
/// <param name="FormatVersion">Version of the form.</param>
/// <param name="SchemaDigest">Digest of the columns.</param>
/// <param name="Signals">Signals in their order.</param>
/// <param name="Rebaselined">Whether signals have numbers of rows of their own; otherwise that is damage.</param>
internal sealed record ReferencePage(int FormatVersion, string SchemaDigest, SignalPage[] Signals, bool? Rebaselined = null);

/// <summary>The reference of one signal as it is written.</summary>
internal sealed record SignalPage(
    string Name, SignalKind Kind, SignalContent Content, SampleSummary Summary, int Missing, int Unbounded, double[] Edges, long[] Counts,
    long[]? Hours = null);

/// <summary>How references are written and read: snake_case, unknown and missing members refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [typeof(KindWord), typeof(ContentWord)])]
[JsonSerializable(typeof(ReferencePage))]
internal sealed partial class ReferenceJson : JsonSerializerContext
{
    private sealed class KindWord() : JsonStringEnumConverter<SignalKind>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false);

    private sealed class ContentWord() : JsonStringEnumConverter<SignalContent>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false);
}
