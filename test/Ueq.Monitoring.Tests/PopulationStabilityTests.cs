namespace Ueq.Monitoring.Tests;

public sealed class PopulationStabilityTests
{
    [Fact]
    public void WithoutPseudoCountsTheIndexIsTheTextbooks() =>
        Assert.Equal(0.25648017257419337,
            PopulationStability.Index([20, 20, 20, 20, 20, 20, 20, 20, 20, 20], [20, 22, 9, 5, 20, 15, 4, 13, 21, 21], pseudoCount: 0), 14);

    [Fact]
    public void SharesThatAgreeHaveIndexZero() => Assert.Equal(0, PopulationStability.Index([9, 19, 29], [9, 19, 29]), 15);

    [Theory]
    [InlineData(1, 0.001, 10.827566170662733)]
    [InlineData(9, 0.05, 16.918977604620448)]
    [InlineData(9, 0.001, 27.877164871256568)]
    public void ChiSquareCriticalValuesAreTheTables(int freedom, double probability, double expected) =>
        Assert.Equal(expected, PopulationStability.ChiSquareCritical(freedom, probability), 10);

    [Fact]
    public void FishersTailCountsTheTables() =>
        // [[8, 2], [1, 5]]: 8 or more of 9 marks fall among 10 places of 16.
        Assert.Equal((9.0 * 21 + 7) / 8008, PopulationStability.UpperTail(8, 1, 6, 10), 12);

    [Theory]
    [InlineData(0, 1000)]
    [InlineData(3, 200)]
    [InlineData(200, 200)]
    public void TheCriticalNumberIsTheFirstThatIsRareEnough(int events, int rows)
    {
        int critical = PopulationStability.CriticalEvents(events, rows, 100, 1e-4);
        Assert.True(critical == 101 || PopulationStability.UpperTail(critical, events, rows, 100) <= 1e-4);
        Assert.True(critical == 1 || PopulationStability.UpperTail(critical - 1, events, rows, 100) > 1e-4);
    }
}
