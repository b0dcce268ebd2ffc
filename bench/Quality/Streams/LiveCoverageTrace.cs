using Ueq.Plots;

namespace Ueq.Bench.Quality.Streams;

/// <summary>The share of answers that contained the truth: of the latest thousand labels, row by row.</summary>
internal sealed class LiveCoverageTrace
{
    private const int Window = 1000;
    private readonly Queue<bool> _latest = new();
    private int _covered;

    public Trace Share { get; } = new(300);

    public long Labels { get; private set; }

    public long Covered { get; private set; }

    public void Add(StreamAnswers answers, int labelled, int row)
    {
        Labels++;
        if (answers.Covered[labelled]) (Covered, _covered) = (Covered + 1, _covered + 1);
        _latest.Enqueue(answers.Covered[labelled]);
        if (_latest.Count > Window && _latest.Dequeue()) _covered--;
        Share.Add(_latest.Count < Window / 4 ? double.NaN : (double)_covered / _latest.Count);
    }
}
