using System.Globalization;
using Ueq.Online;
using Ueq.Plots;

namespace Ueq.Bench.Quality.Online;

/// <summary>The page of online levels: results/online.md, its table as CSV and its picture.</summary>
internal static class OnlinePage
{
    private const int LatestScores = 1000;
    private static readonly double[] _steps = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05];
    private static readonly Coverage[] _targets = [new(0.9), new(0.95)];

    public static async Task<int> MakeAsync()
    {
        double standard = new AdaptiveOptions().Step;
        List<string> table = ["stream,target,level,step,scores,rows,covered,bound,worst_500,unbounded,empty,median_width,mean_bounded_width"], text = [.. Introduction(standard)];
        List<Figure> panels = [];
        foreach (Func<OnlineStream> make in OnlineStreams.All)
        {
            OnlineStream stream = make();
            Console.Error.WriteLine(stream.Name);
            text.AddRange(["", $"## {stream.Name}", "", $"{char.ToUpperInvariant(stream.About[0])}{stream.About[1..]}. {stream.Rows.ToString("#,##0", CultureInfo.InvariantCulture)} rows.", "", .. Head()]);
            foreach (Coverage target in _targets)
            {
                foreach ((string name, double step, string scores, Func<OnlineStream> of) in Ways(stream))
                {
                    OnlineRun run = new(of(), target, step);
                    table.Add(Row(stream, target, step, scores, run));
                    text.Add(Line(target, name, run));
                    if (target != _targets[0] || scores != "calibration" || (step != 0 && step != standard)) continue;
                    FigureOptions options = new() { Title = $"{stream.Name}: {(step == 0 ? "fixed level" : "online level")}", Horizontal = "row" };
                    panels.Add(Figures.LiveCoverage(run.Points, target, [], options));
                }
            }
        }

        Figures.Page("Coverage of 90 % asked, over the rows: fixed level and online level", panels).Save(Path.Combine(Folders.Results(), "online.png"));
        await File.WriteAllLinesAsync(Path.Combine(Folders.Results(), "online.csv"), table);
        await File.WriteAllLinesAsync(Path.Combine(Folders.Results(), "online.md"), text);
        foreach (string line in text) Console.Out.WriteLine(line);
        return 0;
    }

    private static IEnumerable<(string Name, double Step, string Scores, Func<OnlineStream> Of)> Ways(OnlineStream stream)
    {
        yield return ("fixed", 0, "calibration", () => stream);
        foreach (double step in _steps) yield return (FormattableString.Invariant($"online, step {step}"), step, "calibration", () => stream);
        if (stream.WithLatestScores(LatestScores) is null) yield break;
        yield return ($"fixed, scores of the latest {LatestScores} labels", 0, "latest", () => stream.WithLatestScores(LatestScores)!);
        double standard = new AdaptiveOptions().Step;
        yield return (FormattableString.Invariant($"online, step {standard}, scores of the latest {LatestScores} labels"), standard, "latest", () => stream.WithLatestScores(LatestScores)!);
    }

    private static string[] Head() =>
    [
        "| asked | level | covered | may differ by | worst 500 rows | unbounded | empty | median width | mean bounded width |",
        "|---:|---|---:|---:|---:|---:|---:|---:|---:|",
    ];

    private static string Line(Coverage target, string name, OnlineRun run) =>
        $"| {target} | {name} | {Percent(run.Covered)} | {(double.IsNaN(run.Bound) ? "–" : Percent(run.Bound))} | {Percent(run.WorstWindow)} | {Percent(run.Unbounded)} | {Percent(run.Empty)} | {Width(run.MedianWidth)} | {Width(run.MeanWidth)} |";

    private static string Row(OnlineStream stream, Coverage target, double step, string scores, OnlineRun run) => FormattableString.Invariant(
        $"{stream.Name},{target.Value},{(step == 0 ? "fixed" : "online")},{step},{scores},{stream.Rows},{run.Covered:R},{run.Bound:R},{run.WorstWindow:R},{run.Unbounded:R},{run.Empty:R},{run.MedianWidth:R},{run.MeanWidth:R}");

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.0} %");

    private static string Width(double width) => double.IsPositiveInfinity(width) ? "∞" : width.ToString("0.###", CultureInfo.InvariantCulture);

    private static IEnumerable<string> Introduction(double standard) =>
    [
        "# Online levels: does coverage hold on streams that drift?",
        "",
        "Made by `dotnet run -c Release --project bench/Quality -- online` (the data folder is",
        "named in `UEQ_DATA`). Every stream is answered row by row; labels come late as said and",
        "move the level when they come. *Covered* is of all rows; *may differ by* is the bound of",
        "proposition 4.1 of Gibbs and Candès (2021), with the labels that are on their way, and",
        "the run fails where it is not kept. *Worst 500* is the smallest share covered of any 500",
        "rows in a row. Widths are in units of the target, or numbers of classes; the median is",
        "over all rows, with unbounded ones as infinite.",
        "",
        "![Coverage over the rows of each stream, at a fixed and at an online level](online.png)",
        "",
        "In plain words: a fixed level keeps its promise for rows like those of the calibration;",
        "these streams move on, and at 90 % it covers 62 to 86 %. An online level covers what was",
        "asked on each of them, over the whole stream. Within a stream it does not work miracles:",
        "the worst 500 rows still lie below, less far than with a fixed level.",
        "",
        "The price is answers that say nothing. A larger step helps the worst 500 rows a little and makes",
        "many more answers unbounded, and where labels come late (sea) it makes the level swing and the worst",
        $"500 rows worse. So the default is {standard.ToString(CultureInfo.InvariantCulture)}: at the next larger step here the worst 500 rows",
        "gain one to four points on four streams and lose five on the other, and the share of unbounded answers",
        "grows by three to eight points. A stream with few labels, or whose worst hours matter, may want more.",
        "",
        "Where errors outgrow those of the calibration for good (bicycles, noise), unbounded answers are the only",
        "ones left that can keep the share, and their number is the sign to calibrate anew. Scores of the",
        "latest 1,000 labels in the place of the calibration's keep it with bounded answers, and alone, at a fixed",
        "level, they come near; in the service the level works on the version's own scores, since receipts carry",
        "answers and no scores: a new version is how it gets new ones.",
    ];
}
