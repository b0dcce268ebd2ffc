namespace Ueq.Monitoring.Tests;

public sealed class CoverageBetTests
{
    private static double AlarmRate(double tested, double missRate, int runs, int labels, double alarmProbability)
    {
        int alarms = 0;
        for (int run = 0; run < runs; run++)
            if (new Truths((ulong)(1_000 + run)).FirstAlarm(tested, missRate, labels, alarmProbability) > 0) alarms++;
        double rate = alarms / (double)runs;
        TestContext.Current.SendDiagnosticMessage($"test of {tested} at {missRate}, {labels} labels: {rate} of {alarmProbability}");
        return rate;
    }

    [Theory]
    [InlineData(0.1, 0.05)]
    [InlineData(0.1, 0.01)]
    [InlineData(0.02, 0.05)]
    [InlineData(0.5, 0.05)]
    public void AtTheToleratedMissRateAlarmsAreAsRareAsClaimed(double missRate, double claimed) =>
        Assert.InRange(AlarmRate(missRate, missRate, 1000, 1000, claimed), 0, claimed + 3 * Math.Sqrt(claimed / 1000));

    [Theory]
    [Trait("Category", "Long")]
    [InlineData(0.1, 0.05, 10_000, 20_000)]
    [InlineData(0.1, 0.01, 20_000, 20_000)]
    [InlineData(0.05, 0.01, 20_000, 20_000)]
    [InlineData(0.2, 0.01, 20_000, 20_000)]
    public void OverManyRunsTooAlarmsAreAsRareAsClaimed(double missRate, double claimed, int runs, int labels) =>
        Assert.InRange(AlarmRate(missRate, missRate, runs, labels, claimed), 0, claimed + 2 * Math.Sqrt(claimed / runs));

    // The nominal miss is exceeded by half of all sound calibrations; the tolerance by one in a hundred.
    [Fact]
    public void TheNominalMissAccusesSoundCalibrationsAndTheToleranceDoesNot()
    {
        const int Count = 200, Runs = 200, Labels = 20_000;
        double tolerated = CoverageTolerance.From(Truths.Promise(Count)).LargestMiss;
        int nominal = 0, tolerance = 0;
        for (int run = 0; run < Runs; run++)
        {
            Truths truths = new((ulong)(50_000 + run));
            double delivered = truths.MissOfCalibration(Count);
            if (truths.FirstAlarm(0.1, delivered, Labels, 0.01) > 0) nominal++;
            if (truths.FirstAlarm(tolerated, delivered, Labels, 0.01) > 0) tolerance++;
        }

        TestContext.Current.SendDiagnosticMessage($"nominal miss: {nominal} of {Runs}; tolerance: {tolerance}");
        Assert.InRange(nominal / (double)Runs, 0.2, 0.5);
        Assert.InRange(tolerance / (double)Runs, 0, 0.015);
    }

    [Theory]
    [InlineData(0, 0.3, 150)]
    [InlineData(0, 0.25, 300)]
    [InlineData(1000, 0.3, 250)]
    [InlineData(100_000, 0.3, 350)]
    public void LostCoverageIsNoticedAlsoAfterManyGoodLabels(int before, double missRate, int mean)
    {
        const int Runs = 30;
        double tolerated = CoverageTolerance.From(Truths.Promise(200)).LargestMiss, delays = 0;
        for (int run = 0; run < Runs; run++)
        {
            Rng rng = Rng.Stream(9, (ulong)run);
            CoverageBet bet = CoverageBet.OnMore(tolerated);
            for (int t = 0; t < before; t++) bet.Add(rng.NextUniform() < 0.1 ? LabelOutcome.Missed : LabelOutcome.Covered);
            while (bet.LogCapital < Math.Log(100))
            {
                bet.Add(rng.NextUniform() < missRate ? LabelOutcome.Missed : LabelOutcome.Covered);
                delays++;
            }
        }

        TestContext.Current.SendDiagnosticMessage($"{missRate} after {before}: {delays / Runs} labels");
        Assert.InRange(delays / Runs, 1, mean);
    }

    [Fact]
    public void TheStakeIsKnownBeforeTheLabel()
    {
        Rng rng = Rng.Stream(4, 4);
        const double Tested = 0.12;
        CoverageBet more = CoverageBet.OnMore(Tested), fewer = CoverageBet.OnFewer(Tested);
        double capital = 0;
        for (int t = 0; t < 1000; t++)
        {
            double lambda = more.Stake / (1 - Tested);
            Assert.InRange(lambda, 0, 1 / Tested);
            LabelOutcome outcome = rng.NextUniform() < 0.2 ? LabelOutcome.Missed : LabelOutcome.Covered;
            capital += Math.Log(1 + lambda * ((outcome == LabelOutcome.Missed ? 1 : 0) - Tested));
            more.Add(outcome);
            fewer.Add(outcome);
            Assert.Equal(capital, more.LogCapital, 1e-9);
        }

        Assert.True(more.LogCapital > 5);
        Assert.True(fewer.LogCapital < 0);
    }

    [Fact]
    public void FewerMissesThanASoundCalibrationHasAreEvidenceTheOtherWay()
    {
        CoverageBet fewer = CoverageBet.OnFewer(CoverageTolerance.From(Truths.Promise(1000)).SmallestMiss);
        Rng rng = Rng.Stream(4, 5);
        for (int t = 0; t < 2000; t++) fewer.Add(rng.NextUniform() < 0.02 ? LabelOutcome.Missed : LabelOutcome.Covered);
        Assert.True(fewer.LogCapital > Math.Log(100));
    }
}
