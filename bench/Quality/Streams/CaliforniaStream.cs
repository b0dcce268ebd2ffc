using Ueq.Conformal;
using Ueq.Data;
using Ueq.Plots;

namespace Ueq.Bench.Quality.Streams;

/// <summary>Houses in California with the probabilities of a model that others made; the time is artificial, the place drifts.</summary>
internal static class CaliforniaStream
{
    private const int Calibrated = 2916, Watched = 5832, Days = 30;

    public static Section Make()
    {
        string file = StreamData.File("monitor-california");
        Dataset data = CsvTable.ReadClassification(file, "target", new CsvOptions { Ignore = ["id", "period", "timestamp", "y_pred_proba", "y_pred"] });
        double[] probabilities = [.. CsvNumbers.Read(file, ["y_pred_proba"], [])["y_pred_proba"].SelectMany(p => (double[])[1 - p, p])];
        LabelSetCalibration calibration = LabelSetCalibration.From(probabilities.AsSpan(0, 2 * Calibrated), 2, [.. data.Y.Take(Calibrated).Select(y => (int)y)]);
        ulong[] sets = new ulong[data.Y.Length];
        calibration.Apply(probabilities, StreamData.Level, EmptySets.TopLabel, sets);
        StreamAnswers answers = StreamData.OfSets(probabilities, sets, data.Y, 2, calibration.Guarantee(StreamData.Level));
        StreamRun run = new(new WatchedStream
        {
            Schema = data.Schema,
            X = data.X,
            Answers = answers,
            Begin = (Calibrated, Watched),
            LabelDelay = 24 * Days,
        });
        double Accuracy(int from, int to) => Enumerable.Range(from, to - from).Average(row => answers.Predictions[row] == answers.Truths[row] ? 1.0 : 0);
        double Distance(string name) => run.End.Signals.First(signal => signal.Name == name).Effect.KS;
        string[] text =
        [
            "",
            "14,064 rows of the census of 1990, one per hour of an artificial calendar, with the",
            "probabilities of a classifier by others (NannyML): is the median price above the line? Their",
            "reference period ends with row 5,832; its first half calibrates label sets, its second half",
            "is our reference. Labels come 30 days (720 rows) late. The rows go through the state from",
            "place to place.",
            "",
            .. Say.Raised(run),
            "",
            Say.Coverage(run),
            "",
            Say.Picture("california-coverage", "Live coverage of the label sets over the rows of California"),
            "",
            Say.Picture("california-latitude", "Latitude over the rows of California"),
            "",
            Say.Picture("california-shares", "Latitude in the reference and in the last rows of California"),
            "",
            "In plain words: rows of one place stand together, so most features are void: they look like",
            "the row before, and no rate of false alarms can be promised. Where a feature is raised before",
            "its dependence is noticed, what is said of it is true all the same: these are other places.",
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"How far they are can be read in any state: Kolmogorov's distance at the end is {Distance("Latitude"):0.00} for latitude"),
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"and {Distance("Longitude"):0.00} for longitude, of at most 1. The predictions are raised {run.Alarms.First(one => one.Step.Signal == "prediction").Row - Watched} hours into the analysis period."),
            "That the model got worse, and is not only busy elsewhere, is known when the labels come. Its",
            $"accuracy is {Say.Percent(Accuracy(Calibrated, Watched))} in the reference and {Say.Percent(Accuracy(Watched, answers.Truths.Length))} after it; rows 8,001–9,000 are the worst with {Say.Percent(Accuracy(8000, 9000))}.",
            "Their labels come at rows 8,721–9,720, when live coverage is in alarm. Dependence makes its",
            "evidence gather in bursts, too: it recovers and alarms several times as places come and go.",
            "The score has one alarm, for labels that were better than the reference's: the reference",
            $"itself holds only {Say.Percent(Enumerable.Range(Calibrated, Watched - Calibrated).Average(row => answers.Covered[row] ? 1.0 : 0))} of the truths, because its two halves are other places already.",
        ];
        return new Section("California: another place, late labels", text,
        [
            ("california-coverage", Figures.LiveCoverage(run.Coverage!.Points, StreamData.Level, run.Coverage.Marks, new FigureOptions { Title = "California: coverage of the label sets", Horizontal = "row at which the label came" })),
            ("california-latitude", Figures.Stream("Latitude", run.Values("Latitude"), run.Reference.Signals.First(s => s.Name == "Latitude").Summary, run.Marks("Latitude"), new FigureOptions { Title = "California: latitude, void by serial dependence", Quantity = "Latitude (degrees)" })),
            ("california-shares", Figures.Shares(run.Reference.Signals.First(s => s.Name == "Latitude"), run.Latest("Latitude"), new FigureOptions { Title = "California: latitude, reference and last rows", Quantity = "Latitude (degrees)" })),
        ]);
    }
}
