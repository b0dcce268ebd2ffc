namespace Ueq.Plots.Tests;

public sealed class TraceTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(1000)]
    [InlineData(1025)]
    public void PointsHoldEveryRowOnceAndTheirMomentsAreThoseOfTheRows(int rows)
    {
        Rng rng = Rng.Stream(3, (ulong)rows);
        double[] values = [.. Enumerable.Range(0, rows).Select(_ => 1e3 + rng.NextNormal())];
        Trace trace = new(8);
        foreach (double value in values) trace.Add(value);
        IReadOnlyList<TracePoint> points = trace.Read();
        Assert.Equal(rows, trace.Rows);
        Assert.InRange(points.Count, 1, 8);
        Assert.Equal(rows, points.Sum(point => point.Rows));
        long first = 1;
        foreach (TracePoint point in points)
        {
            Assert.Equal(first, point.FirstRow);
            double[] own = values[(int)(first - 1)..(int)(first - 1 + point.Rows)];
            Assert.Equal(own.Length, point.Count);
            Assert.Equal(own.Average(), point.Mean, 1e-9);
            Assert.Equal(Math.Sqrt(own.Average(v => (v - own.Average()) * (v - own.Average()))), point.StandardDeviation, 1e-9);
            Assert.Equal((own.Min(), own.Max()), (point.Minimum, point.Maximum));
            first += point.Rows;
        }
    }

    [Fact]
    public void ValuesThatAreNotFiniteCountAsRowsOnly()
    {
        Trace trace = new(2);
        foreach (double value in (double[])[double.NaN, double.PositiveInfinity, 4, double.NaN]) trace.Add(value);
        IReadOnlyList<TracePoint> points = trace.Read();
        Assert.Equal(new TracePoint(1, 2, 0, double.NaN, double.NaN, double.NaN, double.NaN), points[0]);
        Assert.Equal(new TracePoint(3, 2, 1, 4, 0, 4, 4), points[1]);
    }

    [Fact]
    public void AValueMayStandForSeveralRows()
    {
        Trace trace = new(2, 10);
        for (int i = 0; i < 4; i++) trace.Add(i);
        Assert.Equal([(1L, 20L), (21L, 20L)], trace.Read().Select(point => (point.FirstRow, point.Rows)));
        Assert.Equal(40, trace.Rows);
    }

    [Fact]
    public void AddingAllocatesNothing()
    {
        Trace trace = new(4);
        trace.Add(1);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10_000; i++) trace.Add(i);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void SizesThatCannotBeAreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Trace(3));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Trace(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Trace(4, 0));
    }
}
