using System.Globalization;
using Ueq.Monitoring;
using Ueq.Plots;

namespace Ueq.Bench.Quality.Streams;

/// <summary>The page of the real streams: results/streams.md and the pictures beside it.</summary>
internal static class StreamsPage
{
    public static async Task<int> MakeAsync()
    {
        string place = Path.Combine(Folders.Results(), "streams");
        Directory.CreateDirectory(place);
        List<string> text = [.. Introduction()];
        foreach (Func<Section> make in (Func<Section>[])[SeaStream.Make, ElectricityStream.Make, BikeStream.Make, CaliforniaStream.Make])
        {
            Section section = make();
            Console.Error.WriteLine(section.Title);
            text.Add("");
            text.Add($"## {section.Title}");
            text.AddRange(section.Text);
            foreach ((string name, Figure figure) in section.Pictures) figure.Save(Path.Combine(place, name + ".png"));
        }

        text = [.. Wrapped(text)];
        await File.WriteAllLinesAsync(Path.Combine(Folders.Results(), "streams.md"), text);
        foreach (string line in text) Console.Out.WriteLine(line);
        return 0;
    }

    // Paragraphs in lines of one width, whatever figures are in them; tables, pictures and headings as they are.
    private static IEnumerable<string> Wrapped(IEnumerable<string> lines)
    {
        const int Width = 88;
        string line = "";
        foreach (string part in lines)
        {
            bool prose = part.Length > 0 && part[0] is not ('|' or '!' or '#');
            if (!prose && line.Length > 0)
            {
                yield return line;
                line = "";
            }

            if (!prose) yield return part;
            foreach (string word in prose ? part.Split(' ') : [])
            {
                if (line.Length > 0 && line.Length + 1 + word.Length > Width)
                {
                    yield return line;
                    line = "";
                }

                line = line.Length == 0 ? word : $"{line} {word}";
            }
        }

        if (line.Length > 0) yield return line;
    }

    private static IEnumerable<string> Introduction() =>
    [
        "# Real streams: what was raised, when, and why",
        "",
        "Made by `dotnet run -c Release --project bench/Quality -- streams` (the data folder is",
        "named in `UEQ_DATA`). Every stream is replayed row by row; nothing looks ahead, and",
        "labels come late as said. Rows are counted from 1 as in the file. All settings are the",
        "defaults: one false alarm a year over all signals together at a million rows a year,",
        "and for live coverage a probability of 1 % of ever alarming while coverage is as",
        "promised. Intervals and label sets promise 90 %.",
    ];
}

/// <summary>One stream on the page.</summary>
internal sealed record Section(string Title, IReadOnlyList<string> Text, IReadOnlyList<(string Name, Figure Figure)> Pictures);

/// <summary>Pieces of text that several sections have.</summary>
internal static class Say
{
    public static string Row(long row) => row.ToString("#,##0", CultureInfo.InvariantCulture);

    public static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.0}\u00a0%");

    public static string Picture(string name, string alternative) => $"![{alternative}](streams/{name}.png)";

    /// <summary>What was raised, in the order of rows.</summary>
    public static IEnumerable<string> Raised(StreamRun run)
    {
        yield return "| row | signal | what the monitor says |";
        yield return "|---:|---|---|";
        foreach (StreamEvent one in run.Events.Where(one => one.Mark is not null)) yield return $"| {Row(one.Row)} | {one.Step.Signal} | {Shortly(one)} |";
        if (!run.Events.Any(one => one.Mark is not null)) yield return "| – | – | nothing was raised |";
    }

    /// <summary>What became of each signal under several ways to watch the same rows.</summary>
    public static IEnumerable<string> Matrix(IReadOnlyList<(string Name, StreamRun Run)> ways)
    {
        yield return $"| signal | {string.Join(" | ", ways.Select(way => way.Name))} |";
        yield return $"|---|{string.Concat(ways.Select(_ => "---|"))}";
        foreach (WatchedSignal signal in ways[0].Run.End.Signals)
            yield return $"| {signal.Name} | {string.Join(" | ", ways.Select(way => Fate(way.Run, signal.Name)))} |";
    }

    /// <summary>What live coverage showed.</summary>
    public static string Coverage(StreamRun run)
    {
        CoverageReading reading = run.Coverage!.Reading;
        string alarms = run.Coverage.Marks.Count == 0 ? "It raised nothing."
            : $"It raised {string.Join(", ", run.Coverage.Marks.Select(mark => $"{(mark.Kind == MarkKind.Alarm ? "an alarm" : "a recovery")} at row {Row(mark.Row)}"))}.";
        return string.Create(CultureInfo.InvariantCulture,
            $"Live coverage over {Row(reading.Coverage.Labels)} labels: {Percent(reading.Coverage.Covered)} realised, between {Percent(reading.Coverage.Bounds.Lower)} and {Percent(reading.Coverage.Bounds.Upper)} in truth; up to {Percent(reading.Tolerance.LargestMiss)} misses are tolerated. {alarms}");
    }

    private static string Fate(StreamRun run, string signal)
    {
        StreamEvent[] own = [.. run.Events.Where(one => one.Step.Signal == signal && one.Mark is MarkKind.Alarm or MarkKind.Void && one.Step.Signal == signal)];
        return own.Length == 0 ? "healthy" : string.Join(", ", own.Take(2).Select(one => one.Mark == MarkKind.Alarm ? $"alarm at {Row(one.Row)}"
            : string.Create(CultureInfo.InvariantCulture, $"void at {Row(one.Row)}"))) + (own.Length > 2 ? ", …" : "");
    }

    private static string Shortly(StreamEvent one) => one.Mark switch
    {
        MarkKind.Alarm => $"**alarm**: {Reason(one.Step.Message)}",
        MarkKind.Recovery => "recovered",
        _ => string.Create(CultureInfo.InvariantCulture, $"void: {Reason(one.Step.Message)}"),
    };

    // The sentence up to its figures of evidence, which the pictures show.
    private static string Reason(string message)
    {
        int end = message.IndexOf(" (evidence", StringComparison.Ordinal);
        if (end < 0) end = message.IndexOf(':', StringComparison.Ordinal);
        return end < 0 ? message : message[..end] + ".";
    }
}
