namespace Ueq.Monitoring;

/// <summary>How one signal of a window is compared with its reference, and from which value on it alarms.</summary>
/// <remarks>
/// Neighbouring reference bins are merged until at most ten are left and each is expected to hold about ten values of a window. Where
/// that leaves a single bin, the rarer side of the most even split is tested as a share by Fisher's exact test; so are missing
/// features, infinite sizes, and a feature that leaves its one value.
/// </remarks>
internal sealed class SignalTest
{
    private const int MostMerged = 10;
    private const int LeastExpected = 10;

    private readonly SignalReference _reference;
    private readonly int[] _merged;
    private readonly long[] _mergedCounts;
    private readonly int _window;
    private double _chiSquare;

    public SignalTest(SignalReference reference, int window)
    {
        _reference = reference;
        _window = window;
        _merged = new int[reference.Counts.Count];
        int bins = reference.Content == SignalContent.Informative ? Merge() : 1;
        bool rare = bins == 1 && (reference.Content == SignalContent.Informative ? Split() : LeavesOneValue());
        Kind = bins > 1 ? TestKind.Psi : rare ? TestKind.RareValues : null;
        _mergedCounts = new long[Kind is null ? 0 : Math.Max(bins, 2)];
        if (Kind is not null)
            for (int b = 0; b < _merged.Length; b++) _mergedCounts[_merged[b]] += reference.Counts[b];
        TestsMissing = reference.Kind == SignalKind.Feature;
        TestsUnbounded = reference.Kind == SignalKind.Size;
    }

    /// <summary>The test of the finite values; <c>null</c> where the reference cannot tell anything.</summary>
    public TestKind? Kind { get; }

    public bool TestsMissing { get; }

    public bool TestsUnbounded { get; }

    /// <summary>How many tests there are of missing and infinite values.</summary>
    public int EventTests => (TestsMissing ? 1 : 0) + (TestsUnbounded ? 1 : 0);

    public int CriticalRare { get; private set; }

    public int CriticalMissing { get; private set; }

    public int CriticalUnbounded { get; private set; }

    /// <summary>Sets the critical values so that each test alarms without drift with at most the given probability.</summary>
    public void Share(double finite, double events)
    {
        SignalReference r = _reference;
        CriticalMissing = TestsMissing ? PopulationStability.CriticalEvents(r.Missing, r.Rows, _window, events) : int.MaxValue;
        CriticalUnbounded = TestsUnbounded ? PopulationStability.CriticalEvents(r.Unbounded, r.Rows, _window, events) : int.MaxValue;
        if (Kind == TestKind.Psi) _chiSquare = PopulationStability.ChiSquareCritical(_mergedCounts.Length - 1, finite);
        if (Kind == TestKind.RareValues)
            CriticalRare = PopulationStability.CriticalEvents((int)_mergedCounts[1], r.Summary.Count, _window, finite);
    }

    /// <summary>PSI, or the number of rare values, of a window's counts per reference bin.</summary>
    public double Statistic(ReadOnlySpan<int> counts)
    {
        if (Kind is null) return 0;
        Span<int> merged = stackalloc int[MostMerged];
        merged = merged[.._mergedCounts.Length];
        merged.Clear();
        for (int b = 0; b < counts.Length; b++) merged[_merged[b]] += counts[b];
        return Kind == TestKind.RareValues ? merged[1] : PopulationStability.Index(_mergedCounts, merged);
    }

    /// <summary>The value from which on the statistic alarms when a window holds this many finite values.</summary>
    /// <remarks>With less than half the expected finite values PSI is not judged: the missing values themselves alarm.</remarks>
    public double Critical(int finite)
    {
        if (Kind == TestKind.RareValues) return CriticalRare;
        if (Kind is null || finite < Expected / 2) return double.PositiveInfinity;
        return (1.0 / finite + 1.0 / _reference.Summary.Count) * _chiSquare;
    }

    private double Expected => (double)_window * _reference.Summary.Count / _reference.Rows;

    private int Merge()
    {
        double count = _reference.Summary.Count;
        int most = (int)Math.Clamp(Math.Min(Expected, count) / LeastExpected, 1, MostMerged);
        double share = count / most;
        double held = 0, passed = 0;
        int bin = 0;
        for (int b = 0; b < _merged.Length; b++)
        {
            _merged[b] = bin;
            held += _reference.Counts[b];
            passed += _reference.Counts[b];
            // Nine tenths, because equal bins differ by one count; the last bin takes what is left.
            if (bin + 1 < most && held >= 0.9 * share && passed >= (bin + 1) * share - 1e-9 * count && count - passed >= 0.9 * share)
            {
                bin++;
                held = 0;
            }
        }

        return bin + 1;
    }

    private bool Split()
    {
        long count = _reference.Summary.Count, below = 0, best = 0;
        int at = 0;
        for (int b = 0; b < _merged.Length - 1; b++)
        {
            below += _reference.Counts[b];
            long smaller = Math.Min(below, count - below);
            if (smaller <= best) continue;
            best = smaller;
            at = b;
        }

        long left = 0;
        for (int b = 0; b <= at; b++) left += _reference.Counts[b];
        int rare = left <= count - left ? 0 : 1;
        for (int b = 0; b < _merged.Length; b++) _merged[b] = (b <= at ? 0 : 1) == rare ? 1 : 0;
        return best > 0;
    }

    private bool LeavesOneValue()
    {
        if (_reference.Kind != SignalKind.Feature || _reference.Content != SignalContent.OneValue) return false;
        for (int b = 0; b < _merged.Length; b++) _merged[b] = b == 1 ? 0 : 1;
        return true;
    }
}
