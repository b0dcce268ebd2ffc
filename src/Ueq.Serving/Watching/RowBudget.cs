namespace Ueq.Serving.Watching;

/// <summary>What looking at rows may cost: so many values a second, and what was left over of the latest ten seconds.</summary>
/// <remarks>Which rows it leaves out depends on the time alone and never on what is in them, so those that are left are as exchangeable as all.</remarks>
internal sealed class RowBudget(long valuesPerSecond, int valuesPerRow, TimeProvider time)
{
    private const double SavedSeconds = 10;
    // Room for one row at least, so that a very wide model is looked at now and then.
    private readonly double _most = Math.Max(SavedSeconds * valuesPerSecond, valuesPerRow);
    private double _left = Math.Max(SavedSeconds * valuesPerSecond, valuesPerRow);
    private long _filled = time.GetTimestamp();
    private uint _turn;

    /// <summary>Which of so many rows to look at: the first, and every so-manieth from there; a step of zero is none.</summary>
    public (int First, int Step) Take(int rows)
    {
        double cost = (double)rows * valuesPerRow;
        if (valuesPerSecond == 0) return (0, 1);
        if (_left < cost) Refill();
        if (_left >= cost)
        {
            _left -= cost;
            return (0, 1);
        }

        int affordable = (int)(_left / valuesPerRow);
        if (affordable == 0) return (0, 0);
        int step = (rows + affordable - 1) / affordable, first = (int)(_turn++ % (uint)step);
        _left -= (double)Count(rows, first, step) * valuesPerRow;
        return (first, step);
    }

    /// <summary>How many rows a step looks at.</summary>
    public static int Count(int rows, int first, int step) => step == 0 || rows <= first ? 0 : (rows - first + step - 1) / step;

    private void Refill()
    {
        long now = time.GetTimestamp();
        _left = Math.Min(_most, _left + time.GetElapsedTime(_filled, now).TotalSeconds * valuesPerSecond);
        _filled = now;
    }
}
