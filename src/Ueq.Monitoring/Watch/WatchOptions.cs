namespace Ueq.Monitoring;

/// <summary>What an operator asks of a watch.</summary>
public sealed record WatchOptions
{
    /// <summary>Expected number of false alarms in a year, over all signals together: 1e-6 to 1e6. Default: 1.</summary>
    public double FalseAlarmsPerYear { get; init; } = 1;

    /// <summary>Rows that are expected in a year: 1 to 1e15. Default: 1,000,000. Too small a figure promises more than it keeps.</summary>
    public double ObservationsPerYear { get; init; } = 1e6;

    /// <summary>Kolmogorov distance up to which a change is not worth an alarm: 0 to 1. Default: 0.02.</summary>
    public double NegligibleEffect { get; init; } = 0.02;

    /// <summary>Recent values that the effect is measured on: 100 to 100,000. Default: 1,000.</summary>
    public int EffectWindow { get; init; } = 1000;

    /// <summary>Values without evidence of a change that must follow an alarm, once until recovering and once until healthy: 100 to 1,000,000. Default: 500.</summary>
    public int DwellRows { get; init; } = 500;

    /// <summary>Time that an alarm and recovering each last at least: 0 or more. Default: none, the rows decide.</summary>
    public TimeSpan DwellTime { get; init; } = TimeSpan.Zero;

    /// <summary>Autocorrelation of p-values from which on the guarantee is void, when it is significant: 0 to 1. Default: 0.05.</summary>
    public double Autocorrelation { get; init; } = 0.05;

    /// <summary>Every how-manieth row is looked at: 1 to 1,000,000. Default: 1, all. A remedy for serial dependence; the threshold follows.</summary>
    public int Thinning { get; init; } = 1;

    /// <summary>Time without values after which a signal is stale: positive. Default: one day.</summary>
    public TimeSpan StaleAfter { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Seed of the random numbers that break ties between values of one bin. Default: 0.</summary>
    public ulong Seed { get; init; }

    /// <summary>The threshold c of one of so many signals: signals · rows per year / false alarms per year, and at least 1,000.</summary>
    internal double Threshold(int signals) => Math.Max(1000, signals * (ObservationsPerYear / Thinning) / FalseAlarmsPerYear);

    internal void Validate()
    {
        Range(nameof(FalseAlarmsPerYear), FalseAlarmsPerYear, 1e-6, 1e6, "false alarms per year");
        Range(nameof(ObservationsPerYear), ObservationsPerYear, 1, 1e15, "rows per year");
        Range(nameof(NegligibleEffect), NegligibleEffect, 0, 1, "a Kolmogorov distance");
        Range(nameof(EffectWindow), EffectWindow, 100, 100_000, "values");
        Range(nameof(DwellRows), DwellRows, 100, 1_000_000, "values");
        Range(nameof(Autocorrelation), Autocorrelation, 0, 1, "an autocorrelation");
        Range(nameof(Thinning), Thinning, 1, 1_000_000, "rows");
        if (DwellTime < TimeSpan.Zero) Throw.OutOfRange(nameof(DwellTime), DwellTime.TotalSeconds, "zero seconds or more");
        if (StaleAfter <= TimeSpan.Zero) Throw.OutOfRange(nameof(StaleAfter), StaleAfter.TotalSeconds, "more than zero seconds");
    }

    private static void Range(string name, double value, double least, double most, string what)
    {
        if (!(value >= least && value <= most)) Throw.OutOfRange(name, value, FormattableString.Invariant($"{least} to {most}: {what}"));
    }
}
