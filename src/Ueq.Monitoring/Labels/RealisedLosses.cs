namespace Ueq.Monitoring;

/// <summary>Sums of what labels show about predictions and answers, over all labels and over the latest.</summary>
internal sealed class RealisedLosses(int recent)
{
    private readonly double[] _recent = new double[recent];
    private Sums _all;

    /// <summary>Sums that can be added up over ledgers.</summary>
    public struct Sums
    {
        public long Labels, Right, Bounded, RecentLabels, RecentRight;
        public double Absolute, Squares, Widths, Winkler, RecentAbsolute, RecentSquares;
    }

    public void AddPrediction(double error)
    {
        _recent[_all.Labels % _recent.Length] = error;
        _all.Labels++;
        _all.Absolute += Math.Abs(error);
        _all.Squares += error * error;
        if (error == 0) _all.Right++;
    }

    /// <summary>Width and Winkler's score of a bounded interval, or the size of a set.</summary>
    public void AddAnswer(Interval answer, double y, double miss)
    {
        _all.Bounded++;
        _all.Widths += answer.Width;
        _all.Winkler += answer.Width + 2 / miss * Math.Max(0, Math.Max(answer.Lower - y, y - answer.Upper));
    }

    public void AddTo(ref Sums sums)
    {
        sums.Labels += _all.Labels;
        sums.Right += _all.Right;
        sums.Bounded += _all.Bounded;
        sums.Absolute += _all.Absolute;
        sums.Squares += _all.Squares;
        sums.Widths += _all.Widths;
        sums.Winkler += _all.Winkler;
        foreach (double error in Latest)
        {
            sums.RecentLabels++;
            sums.RecentAbsolute += Math.Abs(error);
            sums.RecentSquares += error * error;
            if (error == 0) sums.RecentRight++;
        }
    }

    public void Save(TallyWriter state)
    {
        state.Whole(_all.Labels);
        state.Whole(_all.Right);
        state.Whole(_all.Bounded);
        state.Number(_all.Absolute);
        state.Number(_all.Squares);
        state.Number(_all.Widths);
        state.Number(_all.Winkler);
        state.Whole(_recent.Length);
        foreach (double error in Latest) state.Number(error);
    }

    /// <summary>Reads the sums; the latest labels are dropped where another number of them is asked for now.</summary>
    public void Restore(ref TallyReader state, string place)
    {
        _all.Labels = state.Count(place + ".labels");
        _all.Right = state.Count(place + ".right", _all.Labels);
        _all.Bounded = state.Count(place + ".bounded", _all.Labels);
        _all.Absolute = state.NotNegative(place + ".absolute");
        _all.Squares = state.NotNegative(place + ".squares");
        _all.Widths = state.NotNegative(place + ".widths");
        _all.Winkler = state.NotNegative(place + ".winkler");
        long length = state.Count(place + ".recent", 1_000_000), held = Math.Min(length, _all.Labels);
        long first = _all.Labels - Math.Min(held, _recent.Length);
        for (long i = 0; i < held; i++)
        {
            // As they lie in the ring that was saved: the latest label n is at (n − 1) mod its length.
            double error = state.Number($"{place}.recent[{i}]");
            if (double.IsNaN(error)) throw TallyReader.Damaged($"{place}.recent[{i}]", "expected a number", error);
            long label = _all.Labels - 1 - (((_all.Labels - 1 - i) % length) + length) % length;
            if (label >= first) _recent[label % _recent.Length] = error;
        }
    }

    private ReadOnlySpan<double> Latest => _recent.AsSpan(0, (int)Math.Min(_all.Labels, _recent.Length));
}
