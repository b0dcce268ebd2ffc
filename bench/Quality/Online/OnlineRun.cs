using Ueq.Monitoring;
using Ueq.Online;
using Ueq.Plots;

namespace Ueq.Bench.Quality.Online;

/// <summary>A stream answered row by row, at a fixed level or at one that its labels move.</summary>
internal sealed class OnlineRun
{
    private const int Window = 500, Every = 100;
    private readonly List<CoveragePoint> _points = [];

    /// <param name="stream">The stream, from its first row.</param>
    /// <param name="target">The coverage that is asked.</param>
    /// <param name="step">How far a label moves the level; 0 for a fixed one.</param>
    public OnlineRun(OnlineStream stream, Coverage target, double step)
    {
        AdaptiveLevel? level = step == 0 ? null : new AdaptiveLevel(target, new AdaptiveOptions { Step = step });
        OnlineAnswer[] answers = new OnlineAnswer[stream.Rows];
        double[] widths = new double[stream.Rows];
        int covered = 0, inWindow = 0, unbounded = 0, empty = 0;
        double bounded = 0;
        WorstWindow = 1;
        for (int row = 0; row < stream.Rows; row++)
        {
            OnlineLevel now = level?.Now ?? new OnlineLevel(target.Miss);
            OnlineAnswer answer = answers[row] = stream.Answer(row, now);
            widths[row] = answer.Interval.Width;
            if (answer.IsCovered) (covered, inWindow) = (covered + 1, inWindow + 1);
            if (row >= Window && answers[row - Window].IsCovered) inWindow--;
            if (row >= Window - 1) WorstWindow = Math.Min(WorstWindow, (double)inWindow / Window);
            if (now.IsUnbounded || !answer.Interval.IsBounded) unbounded++;
            else bounded += answer.Interval.Width;
            if (answer.Interval.IsEmpty) empty++;
            Note(row + 1, covered, inWindow);
            int labelled = row - stream.Delay;
            if (labelled < 0) continue;
            stream.Label(labelled);
            if (answers[labelled].IsCovered) level?.AddHit(answers[labelled].Interval);
            else level?.AddMiss(answers[labelled].Interval);
        }

        double rows = stream.Rows;
        Array.Sort(widths);
        (Covered, Unbounded, Empty, MedianWidth, MeanWidth) = (covered / rows, unbounded / rows, empty / rows, widths[widths.Length / 2], bounded / (rows - unbounded));
        // Proposition 4.1, with the labels on their way: those of the last rows have not moved the level, and a level may leave its ends by as many steps.
        double labels = rows - stream.Delay;
        Bound = step == 0 ? double.NaN : (Math.Max(target.Miss, 1 - target.Miss) + (stream.Delay + 1) * step) / (labels * step) + stream.Delay / rows;
        if (step > 0 && Math.Abs(Covered - target.Value) > Bound)
            throw new InvalidOperationException($"{stream.Name} at {target} with the step {step}: {Covered} covered is farther from it than {Bound}.");
    }

    public double Covered { get; }

    /// <summary>The smallest share covered of any 500 rows in a row.</summary>
    public double WorstWindow { get; }

    public double Unbounded { get; }

    public double Empty { get; }

    /// <summary>Of all rows, unbounded ones as infinite.</summary>
    public double MedianWidth { get; }

    /// <summary>Of bounded answers.</summary>
    public double MeanWidth { get; }

    /// <summary>How far the share covered may lie from the one that is asked; NaN of a fixed level.</summary>
    public double Bound { get; }

    /// <summary>Coverage over the rows: so far, and of the latest 500.</summary>
    public IReadOnlyList<CoveragePoint> Points => _points;

    private void Note(int rows, int covered, int inWindow)
    {
        if (rows % Every != 0) return;
        Interval bounds = ConfidenceSequence.OfShare(covered, rows, new Coverage(0.95));
        _points.Add(new CoveragePoint(rows, (double)covered / rows, bounds.Lower, bounds.Upper) { Latest = rows < Window ? double.NaN : (double)inWindow / Window });
    }
}
