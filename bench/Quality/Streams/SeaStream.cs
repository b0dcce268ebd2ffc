using Ueq.Data;
using Ueq.Plots;

namespace Ueq.Bench.Quality.Streams;

/// <summary>SEA concepts: the labels change at known rows, the features never do.</summary>
internal static class SeaStream
{
    private const int Fitted = 4000, Calibrated = 2000, Watched = 8000, Delay = 200;
    private static readonly long[] _known = [12_500, 25_000, 37_500];

    public static Section Make()
    {
        Dataset data = CsvTable.ReadClassification(StreamData.File("stream-sea"), "target");
        StreamAnswers answers = StreamData.Classify(data, Fitted, Calibrated);
        StreamRun run = new(new WatchedStream { Schema = data.Schema, X = data.X, Answers = answers, Begin = (Fitted + Calibrated, Watched), LabelDelay = Delay });
        FeatureMatrix labels = new(data.Y.Select(y => (float)y).ToArray(), 1);
        StreamRun target = new(new WatchedStream { Schema = new FeatureSchema([new FeatureColumn("target")]), X = labels, Begin = (0, Watched) });
        double[] shares = [.. new[] { (Watched, 12_500), (12_500, 25_000), (25_000, 37_500), (37_500, 50_000) }.Select(part =>
            Enumerable.Range(part.Item1, part.Item2 - part.Item1).Average(row => answers.Covered[row] ? 1.0 : 0))];
        double[] classes = [.. new[] { (12_500, 25_000), (25_000, 37_500), (37_500, 50_000) }.Select(part => data.Y[part.Item1..part.Item2].Average())];
        string[] text =
        [
            "",
            "50,000 rows, three features, two classes, a tenth of the labels noise. The rule that makes",
            "the label changes after rows 12,500, 25,000 and 37,500; the features never change. A",
            "gradient-boosted classifier is fitted on rows 1–4,000 and calibrated on 4,001–6,000;",
            "6,001–8,000 are the reference; labels come 200 rows late.",
            "",
            .. Say.Raised(run),
            "",
            Say.Coverage(run),
            $"Between the known changes {string.Join(", ", shares.Select(Say.Percent))} of the label sets contain the truth.",
            "",
            "The labels themselves, watched as a column without a model (`ueq monitor --columns target`):",
            "",
            .. Say.Raised(target),
            "",
            Say.Picture("sea-coverage", "Live coverage of the label sets over the rows of SEA"),
            "",
            Say.Picture("sea-evidence", "Evidence of change per signal over the rows of SEA"),
            "",
            Say.Picture("sea-target", "Share of the second class over the rows of SEA"),
            "",
            "In plain words: no feature, no prediction and no set size is raised, and rightly so, since",
            "none of them changed. What changed is what the truth is, and only labels can show that. Live",
            $"coverage falls from {Say.Percent(shares[0])} to {Say.Percent(shares[1])} at the first change; down to {Say.Percent(1 - run.Coverage!.Reading.Tolerance.LargestMiss)} would be the luck of",
            "the calibration's draw. To be sure of so small a difference takes some thousand labels, and",
            "the alarm stays to the end, as the loss does. The score only knows inside and outside here and",
            "compares with all labels so far, old and new: it is slower. The share of class 1 is about the",
            $"same up to the first change and {string.Join(", ", classes.Select(Say.Percent))} between the changes from there on. Its alarms end and",
            "come again within one state of things: at a distance of so few points from the reference,",
            "a thousand rows do not always show more than what is negligible. The third change falls into",
            "an alarm that is still open, and is no alarm of its own. A monitor without labels is blind to this stream.",
        ];
        return new Section("SEA: the truth changes, the inputs do not", text,
        [
            ("sea-coverage", Figures.LiveCoverage(run.Coverage.Points, StreamData.Level, [.. run.Coverage.Marks, .. Known()], new FigureOptions { Title = "SEA: coverage of the label sets", Horizontal = "row at which the label came" })),
            ("sea-evidence", Figures.Evidence([.. run.Reference.Signals.Select(s => new EvidenceSeries(s.Name, run.Evidence(s.Name)))], run.End.Signals[0].LogThreshold, run.Marks(null, _known), new FigureOptions { Title = "SEA: evidence of change" })),
            ("sea-target", Figures.Stream("share of class 1", target.Values("target"), target.Reference.Signals[0].Summary, target.Marks("target", _known), new FigureOptions { Title = "SEA: the labels as a column" })),
        ]);
    }

    private static IEnumerable<RowMark> Known() => _known.Select(row => new RowMark(row, MarkKind.KnownChange));
}
