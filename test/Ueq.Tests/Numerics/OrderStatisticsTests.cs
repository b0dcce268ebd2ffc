using CsCheck;
using Ueq.Numerics;

namespace Ueq.Tests.Numerics;

public sealed class OrderStatisticsTests
{
    [Fact]
    public void SelectingEqualsSorting() =>
        Gen.Select(Gen.OneOf(Gen.Int[-3, 3].Select(i => (double)i), Gen.Double, Gen.Const(double.PositiveInfinity), Gen.Const(double.NegativeInfinity))
            .Where(v => !double.IsNaN(v)).Array[1, 80], Gen.Int[0, 1000]).Sample((values, place) =>
        {
            int rank = 1 + place % values.Length;
            double[] work = [.. values], sorted = [.. values.Order()];
            return OrderStatistics.Select(work, rank) == sorted[rank - 1] && work.Order().SequenceEqual(sorted);
        });

    [Theory]
    [InlineData(10_000)]
    public void SelectingIsQuickOnSortedFallingEqualAndOrganPipeValues(int n)
    {
        double[][] inputs =
        [
            [.. Enumerable.Range(0, n).Select(i => (double)i)], [.. Enumerable.Range(0, n).Select(i => (double)-i)], new double[n],
            [.. Enumerable.Range(0, n).Select(i => (double)Math.Min(i, n - i))],
        ];
        foreach (double[] values in inputs)
        {
            double expected = values.Order().ElementAt(n / 3);
            Assert.Equal(expected, OrderStatistics.Select(values, n / 3 + 1));
        }
    }

    [Fact]
    public void ValuesThatAreNoNumbersDoNotHangTheSelection()
    {
        double[] values = [double.NaN, 1, double.NaN, 0, 2, double.NaN];
        for (int rank = 1; rank <= 6; rank++) OrderStatistics.Select([.. values], rank);
    }

    [Fact]
    public void QuantilesAreThoseOfNumpy()
    {
        // numpy.quantile([1, 2, 4, 8, 16], …), default method.
        double[] sorted = [1, 2, 4, 8, 16];
        foreach ((double p, double expected) in ((double, double)[])[(0, 1), (0.1, 1.4), (0.25, 2), (0.3, 2.4), (0.5, 4), (0.9, 12.8), (0.95, 14.4), (1, 16)])
            Assert.Equal(expected, OrderStatistics.SortedQuantile(sorted, p), 1e-12);
        Assert.True(double.IsNaN(OrderStatistics.SortedQuantile([], 0.5)));
        Assert.Equal(7, OrderStatistics.SortedQuantile([7], 0.3));
        Assert.Equal(double.PositiveInfinity, OrderStatistics.SortedQuantile([1, double.PositiveInfinity, double.PositiveInfinity], 0.75));
    }

    [Fact]
    public void TailShareCountsTiesAsReached() => Gen.Select(Gen.Int[-5, 5].Array[0, 40], Gen.Int[-6, 6]).Sample((integers, value) =>
        OrderStatistics.TailShare([.. integers.Order().Select(i => (double)i)], value) == (1.0 + integers.Count(i => i >= value)) / (integers.Length + 1));
}
