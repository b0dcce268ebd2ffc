namespace Ueq.Testing.Tests;

public sealed class TrainerLawsTests
{
    private static readonly (FeatureMatrix X, double[] Y) Rows = new LinearTruth([1, 1]).Draw(30, 1);

    private static BentTrainer<LinearTruth> Good { get; } = new((x, y, seed) => Model(y, 0));

    private static LinearTruth Model(double[] y, double more) =>
        Array.TrueForAll(y, double.IsFinite) ? new LinearTruth([1, 1], y.Average() + more) : throw new ArgumentException("targets");

    private static void Breaks(string law, Func<FeatureMatrix, double[], ulong, LinearTruth> fit) =>
        Assert.Equal(law, Assert.Throws<LawException>(() => TrainerLaws.Hold(new BentTrainer<LinearTruth>(fit), Rows.X, Rows.Y)).Law);

    [Fact]
    public void AGoodTrainerKeepsAllLaws()
    {
        TrainerLaws.Hold(Good, Rows.X, Rows.Y);
        TrainerLaws.HoldAcrossThreads(Good, Good, Rows.X, Rows.Y);
    }

    [Fact]
    public void AModelThatDiffersFromFitToFitIsSeen()
    {
        int fits = 0;
        Breaks("the same rows and seed give the same model", (_, y, _) => Model(y, fits++));
    }

    [Fact]
    public void AModelThatDependsOnWhatElseIsFittedIsSeen()
    {
        int busy = 0;
        using Barrier both = new(2);
        int fits = 0;
        Breaks("the same rows and seed give the same model", (_, y, _) =>
        {
            Model(y, 0);
            // The third fit and those after are the two at once.
            if (Interlocked.Increment(ref fits) <= 3) return Model(y, 0);
            Interlocked.Increment(ref busy);
            both.SignalAndWait(TestContext.Current.CancellationToken);
            return Model(y, busy);
        });
    }

    [Fact]
    public void ATrainerThatChangesTheRowsIsSeen() => Breaks("it leaves rows and targets as they are", (x, y, _) =>
    {
        System.Runtime.InteropServices.MemoryMarshal.AsMemory(x.Memory).Span[0] += 1;
        return Model(y, 0);
    });

    [Fact]
    public void ATargetThatIsNoNumberAndPassesIsSeen()
    {
        Breaks("targets that cannot be learned are refused", (_, y, _) => Model([1], 0));
        Breaks("targets that cannot be learned are refused", (_, y, _) => Array.TrueForAll(y, double.IsFinite) ? Model(y, 0) : throw new DivideByZeroException());
    }

    [Fact]
    public void ATrainerThatAnErrorBreaksIsSeen()
    {
        double more = 0;
        Breaks("the fit after an error works", (_, y, _) =>
        {
            if (!Array.TrueForAll(y, double.IsFinite)) more = 1;
            return Model(y, more);
        });
    }

    [Fact]
    public void AnotherModelOnOtherThreadsIsSeen()
    {
        BentTrainer<LinearTruth> several = new((_, y, _) => Model(y, 1e-12));
        Assert.Equal("the model does not depend on the number of threads",
            Assert.Throws<LawException>(() => TrainerLaws.HoldAcrossThreads(Good, several, Rows.X, Rows.Y)).Law);
    }
}
