using Ueq.Conformal;
using Ueq.Scoring;
using Ueq.Tests.Support;

namespace Ueq.Tests.Statistics;

public sealed class LabelSetCoverageTests
{
    [Theory]
    [InlineData("cls-wine", 3, 100, 1.3)]
    [InlineData("cls-iris", 3, 90, 1.3)]
    [InlineData("cls-breast-cancer", 2, 400, 1.2)]
    public void SetsCoverAndStaySmall(string name, int classes, int train, double largest)
    {
        Table data = Repository.Data(name);
        const int splits = 8;
        Coverage[] levels = [new(0.8), default, new(0.95)];
        double[] covered = new double[3], sizes = new double[3];
        SplitConformal conformal = new(new SplitOptions { CalibrationShare = 0.5 });
        for (ulong s = 0; s < splits; s++)
        {
            (Table fit, Table test) = data.Divide(train, s);
            ConformalClassifier model = conformal.Fit(Trainers.NearestClasses(9, classes), fit.X, fit.Y, s);
            double[] probabilities = new double[test.Y.Length * classes];
            ulong[] sets = new ulong[test.Y.Length];
            for (int l = 0; l < 3; l++)
            {
                model.Predict(test.X, levels[l], probabilities, sets);
                LabelSetReading reading = LabelSetScores.Read(sets, probabilities, classes, [.. test.Y.Select(y => (int)y)]);
                covered[l] += reading.Coverage / splits;
                sizes[l] += reading.MeanSetSize / splits;
                Assert.Equal(0, reading.Empty);
            }
        }

        for (int l = 0; l < 3; l++)
        {
            double level = levels[l].Value, error = 3 * Math.Sqrt(level * (1 - level) * (1.0 / (data.Y.Length - train) + 2.0 / train) / (splits / 3.0));
            // Ties and the top label can only raise coverage: the bound is from below, and size is what keeps it honest.
            Assert.True(covered[l] >= level - error, $"{levels[l]}: covered {covered[l]:0.000}");
            Assert.True(sizes[l] <= largest, $"{levels[l]}: {sizes[l]:0.00} classes");
        }
    }
}
