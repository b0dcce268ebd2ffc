using System.Runtime.CompilerServices;

namespace Ueq.Monitoring;

/// <summary>Evidence that values changed at some moment so far: the Shiryaev–Roberts sum over all moments.</summary>
/// <remarks>
/// R ← r·(1 + R), where r is the growth of a bettor's capital. Under no change R − t is a martingale, so the expected time until
/// R reaches c is at least c, whatever the distribution (e-detectors: Shin, Ramdas and Rinaldo 2023; with conformal test
/// martingales: Vovk et al. 2021). R is kept as a number times a power, so it can neither overflow nor need a logarithm per value.
/// The best start of the current run, where R's cousin CUSUM last stood at 1, dates the change.
/// </remarks>
internal struct ShiryaevRoberts
{
    private const double Step = 1e150;
    private const double LogStep = 150 * 2.302585092994046;
    private double _sum, _one, _cusum;
    private int _steps;
    private long _run;

    public static ShiryaevRoberts Start() => new() { _one = 1, _cusum = 1 };

    /// <summary>Values since the change, if there was one.</summary>
    public readonly long Run => _run;

    /// <summary>Natural logarithm of R.</summary>
    public readonly double Log => Math.Log(_sum) + _steps * LogStep;

    /// <summary>Whether R is at least c.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool Reaches(double c) => _steps > 0 || _sum >= c;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(double ratio)
    {
        _sum = ratio * (_one + _sum);
        double cusum = _cusum * ratio;
        // Whether a run ends here is a toss-up, so it is no branch.
        _run = (_run + 1) & -Unsafe.BitCast<bool, byte>(cusum > 1);
        _cusum = Math.Max(cusum, 1);
        if (_sum >= Step || _cusum >= Step || (_steps > 0 && _sum < 1 / Step)) Scale();
    }

    public readonly void CopyTo(Span<double> state)
    {
        state[0] = _sum;
        state[1] = _cusum;
        state[2] = _steps;
        state[3] = _run;
    }

    public static ShiryaevRoberts From(ReadOnlySpan<double> state) =>
        new() { _sum = state[0], _cusum = state[1], _steps = (int)state[2], _run = (long)state[3], _one = Math.Pow(Step, -(int)state[2]) };

    private void Scale()
    {
        // How high CUSUM stands does not matter, only when it is back at one.
        _cusum = Math.Min(_cusum, Step);
        if (_sum >= Step)
        {
            _sum /= Step;
            _steps++;
        }
        else if (_steps > 0 && _sum < 1 / Step)
        {
            _sum *= Step;
            _steps--;
        }

        _one = Math.Pow(Step, -_steps);
    }
}
