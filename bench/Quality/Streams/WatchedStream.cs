using Ueq.Monitoring;
using Ueq.Versions;

namespace Ueq.Bench.Quality.Streams;

/// <summary>A real stream with what a model answered: which rows are the reference, which are watched, and when labels come.</summary>
internal sealed record WatchedStream
{
    public required FeatureSchema Schema { get; init; }

    /// <summary>Features of all rows of the file.</summary>
    public required FeatureMatrix X { get; init; }

    /// <summary>What the model answered; <c>null</c> where columns are watched without a model.</summary>
    public StreamAnswers? Answers { get; init; }

    /// <summary>When each row came; empty where hours of the week are not told apart.</summary>
    public DateTimeOffset[] Times { get; init; } = [];

    /// <summary>First row of the reference, from 0, and first row that is watched: the reference ends before it.</summary>
    public required (int Reference, int Watched) Begin { get; init; }

    /// <summary>How many rows later the label of a row comes.</summary>
    public int LabelDelay { get; init; }

    public WatchOptions Options { get; init; } = new();

    public int Rows => X.Rows;

    public DriftReference Reference()
    {
        Range rows = Begin.Reference..Begin.Watched;
        FeatureMatrix x = X.Slice(Begin.Reference, Begin.Watched - Begin.Reference);
        ReadOnlySpan<DateTimeOffset> times = Times.Length == 0 ? [] : Times[rows];
        return Answers is null
            ? DriftReference.OfColumns([.. Schema.Columns.Select(column => column.Name)], x, times)
            : DriftReference.From(Schema, x, Answers.Predictions[rows], Answers.Sizes[rows], Answers.Scores[rows], times);
    }
}

/// <summary>One answer per row of a file, and how the truth lay to it.</summary>
internal sealed record StreamAnswers(
    ModelTask Task, double[] Predictions, Interval[] Intervals, double[] Sizes, double[] Scores, bool[] Covered, double[] Truths, Guarantee Guarantee)
{
    public static StreamAnswers Of(double[] predictions, Interval[] intervals, double[] truths, Guarantee guarantee) => new(
        ModelTask.Regression, predictions, intervals, [.. intervals.Select(interval => interval.Width)], [.. intervals.Select((interval, row) => LabelScore.Of(interval, truths[row]))],
        [.. intervals.Select((interval, row) => interval.Contains(truths[row]))], truths, guarantee);
}
