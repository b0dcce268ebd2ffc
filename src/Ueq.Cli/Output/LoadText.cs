using System.Globalization;
using System.Text.Json.Nodes;
using Ueq.Client.Load;

namespace Ueq.Cli.Output;

/// <summary>What ueq load prints: rates and percentiles, counts by status, a histogram; the same figures as one JSON document.</summary>
internal static class LoadText
{
    private const int BarWidth = 44;

    private static readonly (string Name, double Share)[] _percentiles = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999)];

    /// <summary>How a load stands, in a line.</summary>
    public static string Line(LoadSecond second) => string.Create(
        CultureInfo.InvariantCulture,
        $"{second.At.TotalSeconds,4:0} s: {second.Rate:#,##0.##}/s due; {second.Sent:#,##0} sent, {second.Failed:#,##0} failed, {second.InFlight:#,##0} on their way; p50 {Time(second.Latest.Percentile(0.5))}, p99 {Time(second.Latest.Percentile(0.99))}");

    public static void Print(Terminal terminal, LoadOptions options, IReadOnlyList<LoadReport> stages, LoadReport total)
    {
        TextWriter output = terminal.Output;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Poisson arrivals, {options.Rows:#,##0} row{(options.Rows == 1 ? "" : "s")} a request. Times from when a request was due:"));
        output.WriteLine();
        output.WriteLine($"{"due/s",9} {"sent/s",9} {"good/s",9} {"p50",9} {"p90",9} {"p99",9} {"p99.9",9} {"max",9}");
        foreach (LoadReport stage in stages.Count > 1 ? stages.Append(total) : [total])
        {
            double seconds = stage.Length.TotalSeconds;
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{stage.Rate,9:#,##0.0} {stage.Sent / seconds,9:#,##0.0} {stage.Throughput,9:#,##0.0} {string.Join(' ', _percentiles.Select(p => $"{Time(stage.Latency.Percentile(p.Share)),9}"))} {Time(stage.Latency.Max),9}"));
        }

        if (stages.Count > 1) output.WriteLine("The last line is all steps together.");
        output.WriteLine();
        PrintHistogram(output, total.Latency);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{total.Sent:#,##0} sent: {string.Join(", ", total.Outcomes.Select(o => $"{o.Value:#,##0} × {o.Key}"))}"));
        output.WriteLine($"The sending itself was late by {Time(total.Lag.Percentile(0.5))} (p50), {Time(total.Lag.Percentile(0.99))} (p99) of that.");
        if (total.FirstError is { } error) output.WriteLine($"The first that failed: {error}");
        if (total.Unsent > 0)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"COULD NOT KEEP UP: {total.Unsent:#,##0} of {total.Due:#,##0} requests were due and never sent,\nsince {options.MostInFlight:#,##0} were on their way."));
        }
    }

    public static void PrintJson(Terminal terminal, LoadOptions options, IReadOnlyList<LoadReport> stages, LoadReport total)
    {
        JsonObject document = Of(total);
        document["rows_per_request"] = options.Rows;
        document["max_in_flight"] = options.MostInFlight;
        document["seed"] = options.Seed;
        document["stages"] = new JsonArray([.. stages.Select(stage => (JsonNode)Of(stage))]);
        Json.Print(terminal, document);
    }

    private static JsonObject Of(LoadReport report)
    {
        JsonObject outcomes = [];
        foreach ((string outcome, long count) in report.Outcomes) outcomes[outcome] = count;
        return new JsonObject
        {
            ["rate"] = report.Rate,
            ["seconds"] = report.Length.TotalSeconds,
            ["elapsed_seconds"] = report.Elapsed.TotalSeconds,
            ["due"] = report.Due,
            ["sent"] = report.Sent,
            ["unsent"] = report.Unsent,
            ["succeeded"] = report.Succeeded,
            ["failed"] = report.Failed,
            ["throughput"] = report.Throughput,
            ["outcomes"] = outcomes,
            ["first_error"] = report.FirstError,
            ["latency_ms"] = Of(report.Latency),
            ["failure_latency_ms"] = Of(report.FailureLatency),
            ["send_lag_ms"] = Of(report.Lag),
        };
    }

    private static JsonObject Of(LatencyHistogram times)
    {
        JsonObject document = new() { ["count"] = times.Count };
        bool any = times.Count > 0;
        foreach ((string name, double share) in _percentiles) document[name] = any ? times.Percentile(share).TotalMilliseconds : null;
        document["max"] = any ? times.Max.TotalMilliseconds : null;
        document["mean"] = any ? times.Mean.TotalMilliseconds : null;
        return document;
    }

    // Ranges of the series 1, 2, 5, so that the longest wait of a service and its usual ones fit on a page.
    private static void PrintHistogram(TextWriter output, LatencyHistogram times)
    {
        if (times.Count == 0) return;
        TimeSpan[] ends = [.. Ends().TakeWhile(end => end < times.Max)];
        ends = [.. ends, Ends().First(end => end >= times.Max)];
        long[] counts = times.Between(ends);
        int first = Array.FindIndex(counts, count => count > 0);
        long most = counts.Max();
        for (int i = first; i < ends.Length; i++)
        {
            int width = (int)Math.Ceiling((double)BarWidth * counts[i] / most);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"up to {Time(ends[i]),9} {counts[i],11:#,##0} {new string('#', width)}").TrimEnd());
        }

        output.WriteLine();
    }

    private static IEnumerable<TimeSpan> Ends()
    {
        for (double decade = 0.01; ; decade *= 10)
            foreach (int step in (int[])[1, 2, 5]) yield return TimeSpan.FromMilliseconds(decade * step);
    }

    private static string Time(TimeSpan time)
    {
        double milliseconds = time.TotalMilliseconds;
        return milliseconds switch
        {
            0 => "–",
            < 10 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:0.00} ms"),
            < 100 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:0.0} ms"),
            < 10_000 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:0} ms"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1000:0.0} s"),
        };
    }
}
