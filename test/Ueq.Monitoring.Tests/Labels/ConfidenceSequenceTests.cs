namespace Ueq.Monitoring.Tests;

public sealed class ConfidenceSequenceTests
{
    [Fact]
    public void TheBoundsAreThoseOfConfseq()
    {
        Interval bounds = ConfidenceSequence.OfShare(700, 1000, new Coverage(0.95));
        Assert.Equal(0.651629, bounds.Lower, 1e-6);
        Assert.Equal(0.745949, bounds.Upper, 1e-6);
    }

    [Fact]
    public void BoundsAreMirroredAndContainTheShare()
    {
        foreach ((long s, long n) in new[] { (0L, 1L), (1L, 1L), (3L, 10L), (90L, 100L), (0L, 5000L), (999_000L, 1_000_000L) })
        {
            Interval bounds = ConfidenceSequence.OfShare(s, n, default), mirrored = ConfidenceSequence.OfShare(n - s, n, default);
            Assert.Equal(bounds.Lower, 1 - mirrored.Upper, 1e-9);
            Assert.True(bounds.Contains((double)s / n));
            Assert.InRange(bounds.Lower, 0, 1);
        }

        Assert.Equal(new Interval(0, 1), ConfidenceSequence.OfShare(0, 0, default));
        Assert.Throws<ArgumentOutOfRangeException>(() => ConfidenceSequence.OfShare(2, 1, default));
        Assert.Throws<ArgumentOutOfRangeException>(() => ConfidenceSequence.OfShare(1, 2, default, 3));
    }

    [Fact]
    public void TheShareLeavesTheBoundsAtNoTimeInMostRuns()
    {
        const int Runs = 150;
        int left = 0;
        for (int run = 0; run < Runs; run++)
        {
            Rng rng = Rng.Stream(77, (ulong)run);
            long successes = 0;
            for (int t = 1; t <= 1000; t++)
            {
                if (rng.NextUniform() < 0.9) successes++;
                if (t % 10 != 0 || ConfidenceSequence.OfShare(successes, t, default).Contains(0.9)) continue;
                left++;
                break;
            }
        }

        // Looked at every time an interval of 90 % for one time would leave in more than half of the runs.
        Assert.InRange(left / (double)Runs, 0, 0.1);
    }
}
