namespace Ueq.Monitoring.Tests;

public sealed class EffectSizeTests
{
    [Fact]
    public void OppositeShiftsOfTwoSeasonsDoNotCancel()
    {
        Rng rng = Rng.Stream(1, 9);
        const int Hours = 168;
        double[] values = new double[Hours * 200];
        int[] seasons = new int[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            seasons[i] = i % Hours;
            values[i] = rng.NextNormal();
        }

        SignalReference reference = SignalReference.From("a", SignalKind.Feature, values, seasons, Hours);
        RecentValues same = new(reference.Bins, 1000), shifted = new(reference.Bins, 1000);
        for (int i = 0; i < 1000; i++)
        {
            int hour = i % Hours;
            double value = rng.NextNormal(), moved = value + (hour % 2 == 0 ? 1 : -1);
            same.Add(hour, reference.BinOrBeyond(value), value);
            shifted.Add(hour, reference.BinOrBeyond(moved), moved);
        }

        Assert.InRange(EffectSize.Read(reference, same, 1000).KS, 0, 0.06);
        Assert.Equal(0, EffectSize.Read(reference, same, 1000).KSLower);
        // Ranks gather at both ends: two normals a standard deviation away, half each, against a uniform: 0.103.
        Assert.InRange(EffectSize.Read(reference, shifted, 1000).KS, 0.08, 0.16);
        Assert.True(EffectSize.Read(reference, shifted, 1000).KSLower > 0.02);
    }

    [Fact]
    public void WhereNothingChangedTheLowerBoundIsRarelyAboveZero()
    {
        int believed = 0;
        for (ulong run = 0; run < 400; run++)
        {
            Rng rng = Rng.Stream(2, run);
            double[] values = new double[500];
            foreach (ref double value in values.AsSpan()) value = rng.NextNormal();
            SignalReference reference = SignalReference.From("a", SignalKind.Feature, values);
            RecentValues recent = new(reference.Bins, 300);
            for (int i = 0; i < 300; i++) recent.Add(0, reference.BinOrBeyond(rng.NextNormal()), 0);
            if (EffectSize.Read(reference, recent, 300).KSLower > 0) believed++;
        }

        // Claimed: 5 % for the two bounds together.
        Assert.InRange(believed, 0, 34);
    }
}
