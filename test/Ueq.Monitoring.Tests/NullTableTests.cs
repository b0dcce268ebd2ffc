using Ueq.Bench.Quality.Monitoring;

namespace Ueq.Monitoring.Tests;

public sealed class NullTableTests
{
    private const int Runs = 25, Reference = 200;

    // The watch has tests of its own.
    private static readonly NullSubject[] _all = [.. NullCoverage.All, .. NullGuide.All, .. NullDetectors.All];

    public static TheoryData<string> Claiming => [.. _all.Where(subject => !double.IsNaN(subject.Claimed)).Select(subject => subject.Name)];

    [Theory]
    [MemberData(nameof(Claiming))]
    public void WithoutAChangeNoDefaultAlarmsMoreOftenThanItClaims(string name)
    {
        NullSubject subject = _all.Single(s => s.Name == name);
        foreach (Source source in subject.Streams.Where(subject.Claims))
        {
            NullLine line = subject.Measure(source, Reference, Runs);
            Assert.True(line.Count.Occasions > 0);
            Assert.False(line.Exceeds, $"{source.Name}: {line.Count.Alarms} false alarms, {line.Claimed} claimed");
        }
    }

    [Fact]
    public void AClaimThatDoesNotHoldIsSeen()
    {
        NullSubject bold = _all.Single(s => s.Name == "CUSUM, moments of the reference") with { Claimed = 1.0 / 465 };
        Assert.True(bold.Measure(Source.Unchanging.Single(s => s.Name == "lognormal"), Reference, Runs).Exceeds);
        NullSubject nominal = _all.Single(s => s.Name == "SizeMonitor, its status") with { Claimed = 0.01 };
        Assert.True(nominal.Measure(Source.Gaussian, Reference, Runs).Exceeds);
    }
}
