using CsCheck;
using Ueq.Ensembles;

namespace Ueq.Tests.Ensembles;

public sealed class JudgesTests
{
    [Fact]
    public void LookingAtTheRowsThatCanDecideGivesWhatLookingAtAllGives() => Gen.Select(
            Gen.Int[3, 120], Gen.Int[2, 40], Gen.ULong, Gen.Double[0.01, 0.99], Gen.Double[0, 30])
        .Sample((rows, members, seed, level, spread) =>
        {
            Bags bags = new(rows, members);
            for (int m = 0; m < members; m++) bags.Draw(m, seed);
            Rng rng = Rng.Stream(seed, 99);
            double[] answers = new double[members], residuals = new double[rows];
            for (int m = 0; m < members; m++) answers[m] = 5 + spread * rng.NextNormal();
            for (int i = 0; i < rows; i++) residuals[i] = bags.OutOfBag(i) == 0 ? double.PositiveInfinity : Math.Abs(rng.NextNormal());
            Judges judges = new(bags, residuals);
            int rank = new Coverage(level).Rank(rows);

            Interval found = judges.Interval(answers, rank, new double[judges.Scratch(members)]);

            (double lower, double upper) = Naive(bags, answers, residuals, rank);
            Assert.Equal(lower, found.Lower, 1e-9);
            Assert.Equal(upper, found.Upper, 1e-9);
        }, iter: 400);

    private static (double Lower, double Upper) Naive(Bags bags, double[] answers, double[] residuals, int rank)
    {
        if (rank > residuals.Length) return (double.NegativeInfinity, double.PositiveInfinity);
        double[] low = new double[residuals.Length], high = new double[residuals.Length];
        for (int i = 0; i < residuals.Length; i++)
        {
            double[] judging = [.. answers.Where((_, member) => !bags.Contains(i, member))];
            low[i] = judging.Length == 0 ? double.NegativeInfinity : judging.Average() - residuals[i];
            high[i] = judging.Length == 0 ? double.PositiveInfinity : judging.Average() + residuals[i];
        }

        Array.Sort(low);
        Array.Sort(high);
        double lower = low[^rank], upper = high[rank - 1];
        return lower <= upper ? (lower, upper) : ((lower + upper) / 2, (lower + upper) / 2);
    }
}
