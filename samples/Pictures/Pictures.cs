using Ueq.Bayesian;
using Ueq.Data;
using Ueq.Monitoring;
using Ueq.Plots;

namespace Ueq.Samples;

/// <summary>The guide's three figures of answers, and those of a watched stream. docs/plots.md shows parts of this file, word for word.</summary>
public static class Pictures
{
    /// <summary>Writes the pictures of a table with a column named target into a directory.</summary>
    public static void Run(string file, string directory, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        Directory.CreateDirectory(directory);
        Dataset data = CsvTable.ReadRegression(file, target: "target");
        int half = data.X.Rows / 2;
        BayesianLinearRegression model = Uq.Fit(data.X.Slice(0, half), data.Y.AsSpan(0, half));
        FeatureMatrix x = data.X.Slice(half, data.X.Rows - half);
        double[] y = data.Y[half..], predictions = new double[x.Rows], bodyMass = [.. Enumerable.Range(0, x.Rows).Select(row => (double)x.Row(row)[2])];
        Interval[] intervals = new Interval[x.Rows];

        model.Predict(x, new Coverage(0.9), predictions, intervals);
        Figures.Intervals(predictions, intervals, y).Save(Path.Combine(directory, "intervals.png"));
        Figures.CalibrationCurve(CalibrationPoint.From(model, x, y)).Save(Path.Combine(directory, "calibration.svg"));
        Figures.PredictionsWithIntervals(bodyMass, predictions, intervals, y, new FigureOptions
        {
            Title = "Progression of diabetes within a year",
            Horizontal = "body mass index (kg/m²)",
            Quantity = "progression (score)",
        }).Save(Path.Combine(directory, "predictions.png"));

        Watch(directory, output);
    }

    private static void Watch(string directory, TextWriter output)
    {
        Rng rng = Rng.Stream(seed: 1, stream: 1);
        float[] before = [.. Enumerable.Range(0, 2000).Select(_ => (float)rng.NextNormal())];
        float[] after = [.. Enumerable.Range(0, 8000).Select(row => (float)rng.NextNormal() + (row < 5000 ? 0 : 0.5f))];

        DriftReference reference = DriftReference.OfColumns(["load"], new FeatureMatrix(before, 1), []);
        ModelWatch watch = new(reference, new WatchOptions { FalseAlarmsPerYear = 1, ObservationsPerYear = 1e6 });
        Trace values = new(), evidence = new();
        List<RowMark> marks = [new RowMark(5000, MarkKind.KnownChange)];
        for (int row = 0; row < after.Length; row++)
        {
            watch.AddColumns(new FeatureMatrix(after.AsMemory(row, 1), 1), DateTimeOffset.UnixEpoch);
            foreach (SignalTransition step in watch.TakeTransitions())
                if (step.To == SignalState.Alarm) marks.Add(new RowMark(step.Row, MarkKind.Alarm));
            values.Add(after[row]);
            evidence.Add(watch.Read().Signals[0].LogEvidence);
        }

        Figure[] panels =
        [
            Figures.Stream("load", values.Read(), reference.Signals[0].Summary, marks),
            Figures.Evidence([new EvidenceSeries("load", evidence.Read())], watch.Read().Signals[0].LogThreshold, marks),
            Figures.Shares(reference.Signals[0], [.. after[^1000..]]),
        ];
        Figures.Page("The load has grown", panels).Save(Path.Combine(directory, "load.png"));
        output.WriteLine($"alarm at row {marks[1].Row}, {marks[1].Row - marks[0].Row} rows after the change");
    }
}
