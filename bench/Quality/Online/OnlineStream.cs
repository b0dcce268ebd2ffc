using Ueq.Bench.Quality.Streams;
using Ueq.Conformal;
using Ueq.Data;
using Ueq.MLNet;
using Ueq.Online;

namespace Ueq.Bench.Quality.Online;

/// <summary>What a row is answered, of which the interval of a label set is 0 to its size, and whether its truth lies inside.</summary>
internal readonly record struct OnlineAnswer(Interval Interval, bool IsCovered);

/// <summary>A stream with a calibrated model, asked row by row at any level.</summary>
internal abstract class OnlineStream
{
    /// <summary>Short name, in tables and of pictures.</summary>
    public required string Name { get; init; }

    /// <summary>What it is, in a sentence.</summary>
    public required string About { get; init; }

    /// <summary>How many rows later the label of a row comes.</summary>
    public required int Delay { get; init; }

    public required int Rows { get; init; }

    public abstract OnlineAnswer Answer(int row, OnlineLevel level);

    /// <summary>The same stream whose scores are those of the latest labels; <c>null</c> where there is none of that kind.</summary>
    public virtual OnlineStream? WithLatestScores(int scores) => null;

    /// <summary>Takes note that a row's label has come.</summary>
    public virtual void Label(int row)
    {
    }
}

/// <summary>A regression with the absolute residual as its score.</summary>
internal sealed class RegressionStream(double[] predictions, double[] truths, double[] calibration) : OnlineStream
{
    private readonly Queue<double> _latest = new(calibration);
    private IntervalCalibration _calibration = IntervalCalibration.FromScores(calibration);
    private int _scores;

    /// <summary>A model fitted on the first rows and calibrated on those after them.</summary>
    public static RegressionStream Fit(string name, string about, Dataset data, int fitted, int calibrated, int delay)
    {
        MLNetRegressor model = new MLNetRegressionTrainer(new LightGbmOptions()).Fit(data.X.Slice(0, fitted), data.Y.AsSpan(0, fitted), 1);
        double[] predictions = new double[data.X.Rows];
        model.Predict(data.X, predictions);
        int first = fitted + calibrated;
        double[] scores = [.. Enumerable.Range(fitted, calibrated).Select(row => Math.Abs(data.Y[row] - predictions[row]))];
        return new RegressionStream(predictions[first..], data.Y[first..], scores) { Name = name, About = about, Delay = delay, Rows = data.X.Rows - first };
    }

    public override OnlineStream WithLatestScores(int scores) =>
        new RegressionStream(predictions, truths, calibration[^Math.Min(scores, calibration.Length)..]) { Name = Name, About = About, Delay = Delay, Rows = Rows, _scores = scores };

    public override OnlineAnswer Answer(int row, OnlineLevel level)
    {
        double y = predictions[row];
        Interval answer = level.IsUnbounded ? Interval.Unbounded : level.IsEmpty ? Interval.Empty : _calibration.Apply(new Band(y, y, 1), new Coverage(level.Share));
        return new OnlineAnswer(answer, answer.Contains(truths[row]));
    }

    public override void Label(int row)
    {
        if (_scores == 0) return;
        _latest.Enqueue(Math.Abs(truths[row] - predictions[row]));
        while (_latest.Count > _scores) _latest.Dequeue();
        _calibration = IntervalCalibration.FromScores([.. _latest]);
    }
}

/// <summary>A classification whose label sets are of the classes that are probable enough.</summary>
internal sealed class ClassStream(double[] probabilities, int classes, double[] truths, LabelSetCalibration calibration) : OnlineStream
{
    private readonly ulong[] _set = new ulong[LabelSet.WordsFor(classes)];

    /// <summary>A model fitted on the first rows and calibrated on those after them.</summary>
    public static ClassStream Fit(string name, string about, Dataset data, int fitted, int calibrated, int delay)
    {
        int classes = data.Classes!.Count, first = fitted + calibrated;
        MLNetClassifier model = new MLNetClassificationTrainer(new LightGbmOptions { Trees = 100 }, classes).Fit(data.X.Slice(0, fitted), data.Y.AsSpan(0, fitted), 1);
        ConformalClassifier calibration = SplitConformal.Calibrate(model, data.X.Slice(fitted, calibrated), data.Y.AsSpan(fitted, calibrated));
        double[] probabilities = new double[data.X.Rows * classes];
        model.Predict(data.X, probabilities);
        return new ClassStream(probabilities[(first * classes)..], classes, data.Y[first..], calibration.Calibration) { Name = name, About = about, Delay = delay, Rows = data.X.Rows - first };
    }

    public override OnlineAnswer Answer(int row, OnlineLevel level)
    {
        if (level.IsUnbounded) return new OnlineAnswer(new Interval(0, classes), true);
        if (level.IsEmpty) return new OnlineAnswer(Interval.Empty, false);
        calibration.Apply(probabilities.AsSpan(row * classes, classes), new Coverage(level.Share), EmptySets.TopLabel, _set);
        LabelSet set = new(_set, classes);
        return new OnlineAnswer(new Interval(0, set.Count), set.Contains((int)truths[row]));
    }
}

/// <summary>The streams of the page.</summary>
internal static class OnlineStreams
{
    public static IEnumerable<Func<OnlineStream>> All { get; } =
    [
        () => RegressionStream.Fit("bicycles", "bicycles hired per hour; fitted on rows 1–6,000 and calibrated on the rest of 2011, the stream is 2012, which is busier; labels come a day (24 rows) late",
            CsvTable.ReadRegression(StreamData.File("stream-bike-hourly"), "target", new CsvOptions { Ignore = ["dteday", "yr", "mnth", "season"] }), 6000, 2645, 24),
        () => RegressionStream.Fit("prices", "French spot prices of electricity per hour; fitted on rows 1–14,000 and calibrated on 14,001–17,000 (to December 2017), the stream is 2018 and 2019; labels come a day (24 rows) late",
            CsvTable.ReadRegression(StreamData.File("stream-fr-spot-prices"), "target", new CsvOptions { Ignore = ["Date"] }), 14_000, 3000, 24),
        () => ClassStream.Fit("elec2", "whether a price of electricity rises, per half hour; fitted on rows 1–6,000, calibrated on 6,001–8,000; labels come a day (48 rows) late",
            CsvTable.ReadClassification(StreamData.File("stream-elec2"), "target", new CsvOptions { Ignore = ["date"] }), 6000, 2000, 48),
        () => ClassStream.Fit("sea", "the SEA concepts, whose truth changes at known rows; fitted on rows 1–4,000, calibrated on 4,001–6,000; labels come 200 rows late",
            CsvTable.ReadClassification(StreamData.File("stream-sea"), "target"), 4000, 2000, 200),
        Noise,
    ];

    private static RegressionStream Noise()
    {
        const int Rows = 20_000;
        Rng rng = Rng.Stream(20260301, 5);
        double[] scores = new double[1000], truths = new double[Rows];
        for (int i = 0; i < scores.Length; i++) scores[i] = Math.Abs(rng.NextNormal());
        for (int i = 0; i < Rows; i++) truths[i] = (1 + 2.0 * i / Rows) * rng.NextNormal();
        return new RegressionStream(new double[Rows], truths, scores)
        {
            Name = "noise",
            About = "made: normal errors that grow to three times those of the 1,000 rows of the calibration; labels come at once",
            Delay = 0,
            Rows = Rows,
        };
    }
}
