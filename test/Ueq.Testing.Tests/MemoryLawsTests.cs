namespace Ueq.Testing.Tests;

public sealed class MemoryLawsTests
{
    private static readonly FeatureMatrix Rows = new LinearTruth([1, 1]).Draw(1000, 1).X;

    [Fact]
    public void AModelThatKeepsWhatItSeesIsSeen()
    {
        List<double[]> kept = [];
        LawException broken = Assert.Throws<LawException>(() => MemoryLaws.Hold(new BentPoint((x, y) => kept.Add(new double[3 * y.Length])), Rows));
        Assert.Equal("memory does not grow with the rows", broken.Law);
        Assert.Contains("managed", broken.Expected, StringComparison.Ordinal);
        Assert.True(kept.Count >= 1000);
    }

    [Fact]
    public void AModelThatKeepsNothingIsRead()
    {
        MemoryReading reading = MemoryLaws.Hold(new LinearTruth([1, 1]), Rows, new MemoryPromises { Rows = 200_000, WarmRows = 10_000, Growth = 200 << 20 });
        Assert.Equal(200_000, reading.Rows);
        Assert.InRange(reading.ManagedGrowth, long.MinValue, 200 << 20);
    }
}
