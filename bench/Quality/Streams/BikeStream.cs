using Ueq.Data;
using Ueq.Monitoring;
using Ueq.Plots;

namespace Ueq.Bench.Quality.Streams;

/// <summary>Bicycles hired per hour over two years, the second busier than the first.</summary>
internal static class BikeStream
{
    private const int Fitted = 6000, Calibrated = 2645, Watched = 8645, Day = 24;

    public static Section Make()
    {
        string file = StreamData.File("stream-bike-hourly");
        Dataset data = CsvTable.ReadRegression(file, "target", new CsvOptions { Ignore = ["dteday", "yr", "mnth", "season"] });
        int hour = data.Schema.Columns.Select((column, i) => (column.Name, i)).First(column => column.Name == "hr").i;
        DateTimeOffset[] times = [.. StreamData.Times(file, "dteday").Select((day, row) => day.AddHours(data.X.Row(row)[hour]))];
        StreamAnswers answers = StreamData.Regress(data.X, data.Y, Fitted, Calibrated);
        // A year of reference has every season; the answers of its first rows were fitted, so only columns are compared with it.
        FeatureSchema columns = new([.. data.Schema.Columns, new FeatureColumn("hired")]);
        float[] values = new float[data.X.Rows * columns.Width];
        for (int row = 0; row < data.X.Rows; row++)
        {
            data.X.Row(row).CopyTo(values.AsSpan(row * columns.Width));
            values[(row + 1) * columns.Width - 1] = (float)data.Y[row];
        }

        WatchedStream table = new() { Schema = columns, X = new FeatureMatrix(values, columns.Width), Begin = (0, Watched) };
        WatchOptions thinned = new() { Thinning = Day + 1 };
        (string, StreamRun)[] ways =
        [
            ("as they come", new StreamRun(table)), ("by hour of the week", new StreamRun(table with { Times = times })),
            ("every 25th row", new StreamRun(table with { Options = thinned })), ("both", new StreamRun(table with { Times = times, Options = thinned })),
        ];
        StreamRun model = new(new WatchedStream { Schema = data.Schema, X = data.X, Answers = answers, Begin = (Fitted, Watched), LabelDelay = Day });
        StreamRun plain = ways[0].Item2;
        double[] hired = [data.Y.Take(Watched).Average(), data.Y.Skip(Watched).Average()];
        string[] text =
        [
            "",
            "17,379 hours of 2011 and 2012. The columns of 2011 (rows 1–8,645) are the reference, 2012 is",
            "watched. A regression is fitted on rows 1–6,000 and calibrated on the rest of 2011; labels",
            "come a day (24 rows) late.",
            "",
            .. Say.Matrix(ways),
            "",
            Say.Coverage(model),
            "",
            Say.Picture("bike-hired", "Bicycles hired per hour over the rows"),
            "",
            Say.Picture("bike-coverage", "Live coverage of the intervals over the rows"),
            "",
            "In plain words: an hour is like the hour before in weather and traffic, and without further",
            "measures nearly every signal is void, visibly. Comparing each hour with the same hour of the",
            "week takes the daily and weekly rhythm away; the weather stays as it was the hour before.",
            "Looking at every 25th row as well leaves 350 rows, of which all is healthy but what changes",
            "with the season: temperature, humidity and the number of bicycles hired. Both alarms of row",
            "13,092 are the fourth of July: on a Wednesday no hour of the reference was ever a holiday.",
            $"That far more bicycles are hired in 2012 ({hired[1]:0} an hour, {hired[0]:0} in 2011) is therefore not for",
            "the watch of columns to raise, which can promise nothing here. The labels say it: the",
            $"intervals of the model of 2011 lose their coverage, and live coverage alarms {(model.Coverage!.Marks[0].Row - Watched) / 24} days into 2012.",
        ];
        return new Section("Bicycles: rhythm, weather and growth", text,
        [
            ("bike-hired", Figures.Stream("hired", plain.Values("hired"), plain.Reference.Signals[^1].Summary, plain.Marks("hired"), new FigureOptions { Title = "Bicycles: hired per hour in 2012, and in 2011 as the reference", Quantity = "bicycles hired per hour" })),
            ("bike-coverage", Figures.LiveCoverage(model.Coverage.Points, StreamData.Level, model.Coverage.Marks, new FigureOptions { Title = "Bicycles: coverage of the intervals", Horizontal = "row at which the label came" })),
        ]);
    }
}
