using Ueq.Data;
using Ueq.Monitoring;
using Ueq.Plots;

namespace Ueq.Bench.Quality.Streams;

/// <summary>Elec2: half-hourly prices of electricity, each like the one before.</summary>
internal static class ElectricityStream
{
    private const int Fitted = 6000, Calibrated = 2000, Watched = 12_000, Day = 48;

    public static Section Make()
    {
        // The column date grows with the row and is a change at once, as everybody knows.
        Dataset data = CsvTable.ReadClassification(StreamData.File("stream-elec2"), "target", new CsvOptions { Ignore = ["date"] });
        StreamAnswers answers = StreamData.Classify(data, Fitted, Calibrated);
        DateTimeOffset start = new(1996, 5, 7, 0, 0, 0, TimeSpan.FromHours(10));
        DateTimeOffset[] times = [.. Enumerable.Range(0, data.X.Rows).Select(row => start.AddMinutes(30 * row))];
        WatchedStream plain = new() { Schema = data.Schema, X = data.X, Answers = answers, Begin = (Fitted + Calibrated, Watched), LabelDelay = Day };
        StreamRun run = new(plain);
        (string, StreamRun)[] ways =
        [
            ("as they come", run), ("by hour of the week", new StreamRun(plain with { Times = times })),
            // 49 and not 48: the same half hour every day would hide the day.
            ("every 49th row", new StreamRun(plain with { Options = new WatchOptions { Thinning = Day + 1 } })),
        ];
        int first = Enumerable.Range(1, data.X.Rows - 1).First(row => !data.X.Row(row)[4..].SequenceEqual(data.X.Row(0)[4..])) + 1;
        string[] text =
        [
            "",
            "45,312 half hours of a market from May 1996 to December 1998: will the price rise? A",
            "classifier is fitted on rows 1–6,000 and calibrated on 6,001–8,000; 8,001–12,000 are the",
            "reference; labels come a day (48 rows) late.",
            "",
            .. Say.Matrix(ways),
            "",
            Say.Coverage(run),
            "",
            Say.Picture("elec2-transfer", "Transfer between the states over the rows of Elec2"),
            "",
            Say.Picture("elec2-demand", "Demand over the rows of Elec2"),
            "",
            Say.Picture("elec2-coverage", "Live coverage of the label sets over the rows of Elec2"),
            "",
            $"In plain words: `vicprice`, `vicdemand` and `transfer` are one constant each up to row {Say.Row(first - 1)} and",
            "alive from there on, when the neighbouring state joined the market. They are raised within",
            "some dozen rows; looking at every 49th row it takes a dozen of those. Demand, price and time of",
            "day are like the half hour before, so no promise about false alarms can be kept for them:",
            "they are shown as void instead of crying wolf, and their distance from the reference can",
            "still be read. By hour of the week the day and the time of day are healthy. Demand and price",
            "keep their dependence, since the weather moves all hours of a day; so demand is raised at once,",
            "before its dependence can be noticed: the reference has twelve of each hour, and the day",
            "after it is unlike them. The same holds for what the model makes of them: the alarms of prediction, size and",
            "score say what is so (the market moves), but their dependence is too weak to be noticed and",
            "too strong for a promise. Thinning to every 49th row leaves 680 rows and does not end it.",
            "The classifier loses its coverage, regains it and loses it again with the market, and live",
            "coverage follows: a model for this stream has to be fitted again and again.",
        ];
        return new Section("Elec2: every half hour is like the one before", text,
        [
            ("elec2-transfer", Figures.Stream("transfer", run.Values("transfer"), run.Reference.Signals.First(s => s.Name == "transfer").Summary, run.Marks("transfer"), new FigureOptions { Title = "Elec2: transfer, constant until the neighbour joins" })),
            ("elec2-demand", Figures.Stream("nswdemand", run.Values("nswdemand"), run.Reference.Signals.First(s => s.Name == "nswdemand").Summary, run.Marks("nswdemand"), new FigureOptions { Title = "Elec2: demand, void by serial dependence" })),
            ("elec2-coverage", Figures.LiveCoverage(run.Coverage!.Points, StreamData.Level, run.Coverage.Marks, new FigureOptions { Title = "Elec2: coverage of the label sets", Horizontal = "row at which the label came" })),
        ]);
    }
}
