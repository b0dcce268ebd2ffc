using System.Globalization;

namespace Ueq.Bench.Quality.Monitoring;

/// <summary>The lines of the null runs as a page to read and as CSV.</summary>
internal static class NullPage
{
    private static readonly CultureInfo _plain = CultureInfo.InvariantCulture;

    private static readonly (string Name, string What)[] _pages =
        [("drift-null", "The watch, ueq drift and coverage"), ("drift-null-detectors", "the classical detectors"), ("drift-null-guide", "the guide's classes")];

    public static void Write(string name, string title, IReadOnlyList<NullLine> lines)
    {
        string folder = Folders.Results();
        File.WriteAllLines(Path.Combine(folder, name + ".csv"),
            ["subject,stream,reference_rows,runs,occasions,false_alarms_claimed_at_most,false_alarms,runs_void,exceeds",
            .. lines.Select(l => string.Create(_plain,
                $"\"{l.Subject.Name}\",{l.Source.Name},{l.Reference},{l.Runs},{l.Count.Occasions},{Figure(l.Claimed, "")},{l.Count.Alarms},{l.Count.Void},{(l.Exceeds ? "yes" : "no")}"))]);
        List<string> text =
        [
            $"# {title}", "",
            $"`dotnet run -c Release --project bench/Quality -- {name}`:",
            string.Create(_plain, $"{lines[0].Runs:N0} runs a figure, a fresh reference of 200, 1,000 or 5,000 values in each."),
            "*Claimed* is the most false alarms that are promised, over all runs; where",
            "nothing is, there is a dash. It *holds* unless a Poisson count would be as high",
            "less than once in a thousand.",
            "Rows of AR(1) depend on each other, and only the watch says anything of them.",
            string.Join(", ", _pages.Where(p => p.Name != name).Select(p => $"[{p.What}]({p.Name}.md)")) + " have pages of their own.",
        ];
        foreach (IGrouping<NullSubject, NullLine> subject in lines.GroupBy(l => l.Subject)) text.AddRange(Section(subject.Key, [.. subject]));
        File.WriteAllLines(Path.Combine(folder, name + ".md"), text);
    }

    private static IEnumerable<string> Section(NullSubject subject, NullLine[] lines)
    {
        string ends = lines.Any(l => l.Count.Void > 0) ? " void |" : "";
        yield return "";
        yield return $"## {subject.Name}";
        yield return "";
        foreach (string line in Fold(subject.Says)) yield return line;
        yield return "";
        yield return "| stream | claimed |" + string.Concat(NullSubject.References.Select(r => string.Create(_plain, $" {r:N0} |"))) + ends + " |";
        yield return "|---|--:|" + string.Concat(NullSubject.References.Select(_ => "--:|")) + (ends.Length > 0 ? "--:|" : "") + "---|";
        foreach (IGrouping<Source, NullLine> stream in lines.GroupBy(l => l.Source))
        {
            NullLine[] cells = [.. stream];
            string verdict = double.IsNaN(cells[0].Claimed) ? "" : cells.Any(c => c.Exceeds) ? "EXCEEDED" : "holds";
            yield return $"| {stream.Key.Name} | {Figure(cells[0].Claimed, "–")} |" + string.Concat(cells.Select(c => string.Create(_plain, $" {c.Count.Alarms:N0} |")))
                + (ends.Length > 0 ? $" {string.Join(", ", cells.Select(c => c.Count.Void))} |" : "") + $" {verdict} |";
        }
    }

    private static string Figure(double claimed, string none) => double.IsNaN(claimed) ? none : claimed.ToString("0.#", _plain);

    private static IEnumerable<string> Fold(string text)
    {
        const int Width = 80;
        string line = "";
        foreach (string word in text.Split(' '))
        {
            if (line.Length + word.Length >= Width)
            {
                yield return line;
                line = "";
            }

            line += line.Length == 0 ? word : " " + word;
        }

        yield return line;
    }
}
