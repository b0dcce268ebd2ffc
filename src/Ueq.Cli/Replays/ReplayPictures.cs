using System.Globalization;
using System.Text;
using Ueq.Monitoring;
using Ueq.Plots;

namespace Ueq.Cli.Replays;

/// <summary>The pictures of a replay: an overview, the evidence, and each signal that was raised.</summary>
internal static class ReplayPictures
{
    private const int MostSignals = 12;

    /// <summary>Writes the pictures into a directory and names the files.</summary>
    public static IReadOnlyList<string> Write(string directory, ReplayPlan plan, ReplayResult result, DriftReference? reference)
    {
        ReplayTraces traces = result.Traces!;
        Directory.CreateDirectory(directory);
        List<string> files = [];
        void Save(string name, Figure figure)
        {
            string path = Path.Combine(directory, name + ".png");
            figure.Save(path);
            files.Add(path);
        }

        List<Figure> panels = [];
        if (!double.IsNaN(result.Watch.LogThreshold) && traces.EvidenceOf(0).Count > 0)
        {
            // The evidence of a void signal means nothing and is out of all proportion.
            IReadOnlyList<ReplaySignal> ends = result.Watch.Read();
            int[] sound = [.. Enumerable.Range(0, ends.Count).Where(c => ends[c].State != "void")];
            if (sound.Length == 0) sound = [.. Enumerable.Range(0, ends.Count)];
            Figure evidence = Figures.Evidence([.. sound.Select(c => new EvidenceSeries(ends[c].Name, traces.EvidenceOf(c)))], result.Watch.LogThreshold, Marks(result, null));
            Save("evidence", evidence);
            panels.Add(evidence);
        }

        int[] shown = [.. Raised(result).Take(MostSignals)];
        foreach (int c in shown)
        {
            string name = result.Columns.Names[c], file = string.Create(CultureInfo.InvariantCulture, $"{c + 1:00}-{FileName(name)}");
            SampleSummary before = reference?.Signals[c].Summary ?? default;
            Figure stream = Figures.Stream(name, traces.Values(c), before, Marks(result, name));
            Save(file, stream);
            panels.Add(stream);
            if (reference is null || !result.Events.AlarmsBySignal.ContainsKey(name)) continue;
            Figure shares = Figures.Shares(reference.Signals[c], traces.LatestOf(c));
            Save(file + "-shares", shares);
            if (shown.Length <= 5) panels.Add(shares);
        }

        Save("overview", Figures.Page(
            string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(plan.Stream)}: {result.Rows:#,##0} rows, {result.Columns.Names.Count} signals, {result.Events.Alarms:#,##0} alarms"), panels));
        return files;
    }

    // Signals with alarms by their first, then the others in their order: at least one is shown.
    private static IEnumerable<int> Raised(ReplayResult result)
    {
        int[] all = [.. Enumerable.Range(0, result.Columns.Names.Count)];
        int[] raised = [.. all.Where(c => result.Events.AlarmsBySignal.ContainsKey(result.Columns.Names[c])).OrderBy(c => result.Events.AlarmsBySignal[result.Columns.Names[c]].First)];
        return raised.Concat(all.Except(raised).Take(Math.Max(0, 4 - raised.Length)));
    }

    private static RowMark[] Marks(ReplayResult result, string? signal) =>
    [
        .. result.Events.Kept.Where(one => one.Step != ReplayStep.Other && (signal is null || one.Signal == signal)).Select(one => new RowMark(one.Row, one.Step switch
        {
            ReplayStep.Alarm => MarkKind.Alarm,
            ReplayStep.Recovered => MarkKind.Recovery,
            _ => MarkKind.Void,
        })),
    ];

    private static string FileName(string signal)
    {
        const int Longest = 60;
        StringBuilder name = new();
        foreach (char letter in signal) name.Append(char.IsLetterOrDigit(letter) || letter is '-' or '_' ? letter : '_');
        return name.Length <= Longest ? name.ToString() : name.ToString(0, Longest);
    }
}
