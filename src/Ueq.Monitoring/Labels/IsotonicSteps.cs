namespace Ueq.Monitoring;

/// <summary>A rising step function of a probability, fitted by pooling neighbours that fall (Ayer et al. 1955), and lines between its steps.</summary>
internal sealed class IsotonicSteps
{
    private readonly double[] _at, _value;

    private IsotonicSteps(double[] at, double[] value)
    {
        _at = at;
        _value = value;
    }

    public ReadOnlySpan<double> At => _at;

    public ReadOnlySpan<double> Values => _value;

    /// <summary>The steps as they were kept; places rise and values are probabilities.</summary>
    public static IsotonicSteps Of(double[] at, double[] value) => new(at, value);

    public static IsotonicSteps Fit(ReadOnlySpan<double> probabilities, ReadOnlySpan<double> truths)
    {
        double[] p = probabilities.ToArray(), y = truths.ToArray();
        Array.Sort(p, y);
        List<(double From, double To, double Sum, double Count)> pools = [];
        for (int i = 0; i < p.Length;)
        {
            double sum = 0;
            int end = i;
            for (; end < p.Length && p[end] == p[i]; end++) sum += y[end];
            (double From, double To, double Sum, double Count) pool = (p[i], p[i], sum, end - i);
            i = end;
            while (pools.Count > 0 && pools[^1] is var last && last.Sum * pool.Count >= pool.Sum * last.Count)
            {
                pool = (last.From, pool.To, last.Sum + pool.Sum, last.Count + pool.Count);
                pools.RemoveAt(pools.Count - 1);
            }

            pools.Add(pool);
        }

        List<double> at = [], value = [];
        foreach ((double from, double to, double sum, double count) in pools)
        {
            at.Add(from);
            value.Add(sum / count);
            if (to == from) continue;
            at.Add(to);
            value.Add(sum / count);
        }

        return new([.. at], [.. value]);
    }

    public double Apply(double p)
    {
        int i = Array.BinarySearch(_at, p);
        if (i >= 0) return _value[i];
        i = ~i;
        if (i == 0) return _value[0];
        if (i == _at.Length) return _value[^1];
        double part = (p - _at[i - 1]) / (_at[i] - _at[i - 1]);
        return _value[i - 1] + part * (_value[i] - _value[i - 1]);
    }
}
