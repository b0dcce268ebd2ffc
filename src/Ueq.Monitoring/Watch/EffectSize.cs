using System.Numerics.Tensors;

namespace Ueq.Monitoring;

/// <summary>Compares the latest values of one signal with its reference.</summary>
internal static class EffectSize
{
    // One sided, 2.5 % each for the two bounds of which the larger is taken.
    private const double LogMissing = 3.6888794541139363;
    private const int PsiBins = 10, MostPsiBins = 16;
    private const int Ranks = 50;

    public static EffectReading Read(SignalReference reference, RecentValues recent, int most)
    {
        Span<int> now = stackalloc int[reference.Bins];
        Span<int> seasons = stackalloc int[reference.Seasons];
        int n = recent.Latest(most, now, seasons);
        if (n == 0) return EffectReading.None;
        Span<double> then = stackalloc double[reference.Bins];
        double m = Expected(reference, seasons, n, then);
        (double distance, double lower) = Distance(reference, recent, then, m, now, n);
        double f = 0, g = 0, area = 0;
        for (int b = 0; b <= reference.Edges.Count; b++)
        {
            f += then[b];
            g += now[b] / (double)n;
            area += Math.Abs(f - g) * Width(reference, b);
        }

        double deviation = reference.Summary.StandardDeviation;
        (double psi, double critical) = Psi(then, m, now, n);
        return new EffectReading(
            n, distance, lower, reference.Content == SignalContent.Informative ? area / deviation : double.NaN, psi, critical, JensenShannon(then, now, n));
    }

    /// <summary>Kolmogorov's distance and its lower bound alone: what alarms hang on, and all that the judging of a value pays for.</summary>
    public static (double KS, double KSLower, int Count) Judge(SignalReference reference, RecentValues recent, int most)
    {
        Span<int> now = stackalloc int[reference.Bins];
        Span<int> seasons = stackalloc int[reference.Seasons];
        int n = recent.Latest(most, now, seasons);
        if (n == 0) return (double.NaN, 0, 0);
        Span<double> then = stackalloc double[reference.Bins];
        double m = Expected(reference, seasons, n, then);
        (double distance, double lower) = Distance(reference, recent, then, m, now, n);
        return (distance, lower, n);
    }

    private static (double Distance, double Lower) Distance(
        SignalReference reference, RecentValues recent, ReadOnlySpan<double> then, double m, ReadOnlySpan<int> now, int n)
    {
        double f = 0, g = 0, distance = 0, lower = 0;
        if (reference.Seasons == 1)
        {
            double z = NormalQuantile.OfCuts(then.Length - 1);
            for (int b = 0; b < now.Length - 1; b++)
            {
                f += then[b];
                g += now[b] / (double)n;
                distance = Math.Max(distance, Math.Abs(f - g));
                lower = Math.Max(lower, Newcombe(f, m, g, n, z));
            }
        }
        else
        {
            double z = NormalQuantile.OfCuts(Ranks - 1);
            Span<double> ranks = stackalloc double[Ranks];
            recent.RanksWithinSeasons(reference, n, ranks);
            for (int r = 0; r < Ranks - 1; r++)
            {
                f = (r + 1.0) / Ranks;
                g += ranks[r] / n;
                distance = Math.Max(distance, Math.Abs(f - g));
                lower = Math.Max(lower, Newcombe(f, m, g, n, z));
            }
        }

        return (distance, Math.Clamp(Math.Max(lower, distance - Math.Sqrt(LogMissing / 2 * (1 / m + 1.0 / n))), 0, 1));
    }

    /// <summary>The ranges of at most ten merged bins whose shares changed most.</summary>
    public static IReadOnlyList<BinShift> Shifts(SignalReference reference, RecentValues recent, int most, int shown)
    {
        Span<int> now = stackalloc int[reference.Bins];
        Span<int> seasons = stackalloc int[reference.Seasons];
        int n = recent.Latest(most, now, seasons);
        if (n == 0) return [];
        Span<double> then = stackalloc double[reference.Bins];
        Expected(reference, seasons, n, then);

        List<BinShift> shifts = [];
        int finite = now.Length - 2, first = 0;
        double q = 0, p = 0;
        for (int b = 0; b < finite; b++)
        {
            q += then[b];
            p += now[b] / (double)n;
            if (q < 1.0 / PsiBins - 1e-9 && b < finite - 1) continue;
            shifts.Add(new BinShift(first == 0 ? double.NegativeInfinity : reference.Edges[first - 1], b == finite - 1 ? double.PositiveInfinity : reference.Edges[b], q, p));
            (first, q, p) = (b + 1, 0, 0);
        }

        shifts.Add(new BinShift(double.NaN, double.NaN, then[finite], now[finite] / (double)n));
        shifts.Add(new BinShift(double.PositiveInfinity, double.PositiveInfinity, then[finite + 1], now[finite + 1] / (double)n));
        return [.. shifts.Where(s => s.ReferenceShare != s.CurrentShare).OrderByDescending(s => Math.Abs(s.CurrentShare - s.ReferenceShare)).Take(shown)];
    }

    // The reference's shares in the seasons that the values came from, and the number of rows that such a mixture is worth.
    private static double Expected(SignalReference reference, ReadOnlySpan<int> seasons, int n, Span<double> shares)
    {
        shares.Clear();
        double inverse = 0;
        for (int s = 0; s < seasons.Length; s++)
        {
            if (seasons[s] == 0) continue;
            ReadOnlySpan<long> counts = reference.SeasonCounts(s);
            long total = TensorPrimitives.Sum(counts);
            if (total == 0)
            {
                // An hour that the reference never saw is compared with all of it.
                counts = reference.AllCounts;
                total = reference.Rows;
            }

            double weight = seasons[s] / (double)n;
            for (int b = 0; b < shares.Length; b++) shares[b] += weight * counts[b] / total;
            inverse += weight * weight / total;
        }

        return 1 / inverse;
    }

    // The outer bins end at the extremes of the reference: what lies beyond has no place there, and no measured distance.
    private static double Width(SignalReference reference, int bin)
    {
        IReadOnlyList<double> edges = reference.Edges;
        double from = bin == 0 ? reference.Summary.Minimum : edges[bin - 1], to = bin == edges.Count ? reference.Summary.Maximum : edges[bin];
        return Math.Max(0, to - from);
    }

    private static double Newcombe(double p, double m, double q, double n, double z)
    {
        if (p == q) return 0;
        if (p > q) (p, m, q, n) = (q, n, p, m);
        double up = Wilson(p, m, z) - p, down = q - Wilson(q, n, -z);
        return q - p - Math.Sqrt(up * up + down * down);
    }

    private static double Wilson(double share, double count, double z) =>
        (share + z * z / (2 * count) + z * Math.Sqrt(share * (1 - share) / count + z * z / (4 * count * count))) / (1 + z * z / count);

    private static (double Psi, double Critical) Psi(ReadOnlySpan<double> then, double m, ReadOnlySpan<int> now, int n)
    {
        Span<double> p = stackalloc double[then.Length], q = stackalloc double[then.Length];
        int merged = 0;
        double share = 0;
        for (int b = 0; b < then.Length; b++)
        {
            share += then[b];
            q[merged] += then[b];
            p[merged] += now[b] / (double)n;
            // Bins without a value on either side would make PSI infinite; one pseudo-count a bin stands for them.
            if (share >= 1.0 / PsiBins - 1e-9 && b < then.Length - 1)
            {
                merged++;
                share = 0;
            }
        }

        int bins = merged + 1;
        double sum = 0;
        for (int b = 0; b < bins; b++)
        {
            double a = (p[b] * n + 1) / (n + bins), r = (q[b] * m + 1) / (m + bins);
            sum += (a - r) * Math.Log(a / r);
        }

        return (sum, bins < 2 ? 0 : (1.0 / n + 1 / m) * Critical(bins - 1));
    }

    // Found by bisection, so kept.
    private static readonly double[] _critical = [0, .. Enumerable.Range(1, MostPsiBins).Select(freedom => ChiSquare.Critical(freedom, 0.01))];

    private static double Critical(int freedom) => _critical[Math.Min(freedom, MostPsiBins)];

    private static double JensenShannon(ReadOnlySpan<double> then, ReadOnlySpan<int> now, int n)
    {
        double sum = 0;
        for (int b = 0; b < then.Length; b++)
        {
            double p = now[b] / (double)n, q = then[b], middle = (p + q) / 2;
            if (p > 0) sum += p * Math.Log(p / middle) / 2;
            if (q > 0) sum += q * Math.Log(q / middle) / 2;
        }

        return Math.Sqrt(Math.Max(0, sum));
    }
}
