using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

#pragma warning disable xUnit1051 // Each of these calls ends within milliseconds.

namespace Ueq.Tests;

public sealed class BatchProcessorTests
{
    private static readonly FeatureMatrix X = new(Enumerable.Range(0, 2003 * 2).Select(i => (float)i).ToArray(), 2);

    [Theory]
    [InlineData(1000, 1)]
    [InlineData(7, 4)]
    [InlineData(1, 3)]
    [InlineData(int.MaxValue, 8)]
    public void AnswersStandInTheOrderOfTheRows(int size, int parallelism)
    {
        ConcurrentBag<int> batches = [];
        ConcurrentQueue<int> reports = new();
        double[] sums = new BatchProcessor(new() { BatchSize = size, Parallelism = parallelism }).Process<double>(X, (batch, destination) =>
        {
            batches.Add(batch.Rows);
            for (int i = 0; i < batch.Rows; i++) destination[i] = batch.Row(i)[0] + batch.Row(i)[1];
        }, new Reports(reports));
        Assert.Equal(Enumerable.Range(0, 2003).Select(i => 4.0 * i + 1), sums);
        Assert.Equal((2003 + (long)size - 1) / size, batches.Count);
        Assert.True(batches.Max() <= size);
        Assert.Equal(reports.Order(), reports);
        Assert.Equal(2003, reports.Last());
        Assert.Equal(batches.Count, reports.Count);
    }

    [Fact]
    public void ACalibratedModelAnswersAsWithoutBatches()
    {
        FeatureMatrix x = new(Enumerable.Range(0, 120).Select(i => (float)Math.Sin(i)).ToArray(), 2);
        double[] y = [.. Enumerable.Range(0, 60).Select(i => (double)x.Row(i)[0])];
        IIntervalPredictor model = Uq.Calibrate(new FunctionPredictor(row => row[0] + row[1]), x, y);
        double[] predictions = new double[60];
        Interval[] intervals = new Interval[60];
        new BatchProcessor(new() { BatchSize = 7, Parallelism = 3 }).Predict(model, x, default, predictions, intervals);
        IntervalPrediction[] expected = model.Predict(x, default);
        Assert.Equal(expected.Select(e => e.Value), predictions);
        Assert.Equal(expected.Select(e => e.Interval), intervals);
        Assert.Throws<ArgumentException>(() => new BatchProcessor().Predict(model, x, default, predictions, intervals.AsMemory(1)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void TheFirstRowsFailureIsTheOneThatIsHeard(int parallelism)
    {
        for (int round = 0; round < 20; round++)
        {
            InvalidOperationException failure = Assert.Throws<InvalidOperationException>(() => new BatchProcessor(new() { BatchSize = 10, Parallelism = parallelism }).Process<double>(X, (batch, _) =>
            {
                if (batch.Row(0)[0] >= 1000) throw new InvalidOperationException($"{batch.Row(0)[0]}");
            }));
            Assert.Equal("1000", failure.Message);
        }
    }

    [Fact]
    public void CancellingEndsItBeforeTheNextBatch()
    {
        using CancellationTokenSource enough = new();
        int calls = 0;
        Assert.Throws<OperationCanceledException>(() => new BatchProcessor(new() { BatchSize = 1 }).Process<double>(X, (_, _) =>
        {
            if (++calls == 5) enough.Cancel();
        }, cancellation: enough.Token));
        Assert.Equal(5, calls);
        Assert.Empty(new BatchProcessor().Process<double>(default, (_, _) => Assert.Fail("there is no row")));
    }

    [Fact]
    public void BadOptionsAreSaid()
    {
        Assert.Contains("1 row or more, got 0", Assert.Throws<ArgumentOutOfRangeException>(() => new BatchProcessor(new() { BatchSize = 0 })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchProcessor(new() { Parallelism = 0 }));
        Assert.Throws<ArgumentException>(() => new BatchProcessor().ProcessInto<double>(X, (_, _) => { }, new double[5]));
    }

    [Theory]
    [InlineData(1e-3, 1e-6, 2048)]
    [InlineData(1e-4, 1e-5, 190)]
    [InlineData(0, 1e-4, 32)]
    [InlineData(1e-3, 0, 2048)]
    public void TheSizeKeepsTheCallsCostSmall(double perCall, double perRow, int expected)
    {
        FakeTimeProvider time = new();
        BatchSizeReading found = BatchSize.Find(batch => time.Advance(TimeSpan.FromSeconds(perCall + perRow * batch.Rows)), X.Slice(0, 3), new() { BytesPerRow = 100 }, time);
        Assert.Equal(expected, found.Size);
        Assert.Equal(perCall, found.PerCall.TotalSeconds, 1e-6);
        Assert.Equal(perRow, found.PerRow.TotalSeconds, 1e-7);
        Assert.Equal(108, found.BytesPerRow);
    }

    [Fact]
    public void TimeAndMemoryBoundTheSize()
    {
        FakeTimeProvider time = new();
        BatchSizeReading Find(BatchSizeOptions options) => BatchSize.Find(batch => time.Advance(TimeSpan.FromSeconds(0.01 + 0.001 * batch.Rows)), X, options, time);
        Assert.Equal(190, Find(new()).Size);
        Assert.InRange(Find(new() { LongestBatch = TimeSpan.FromSeconds(0.1) }).Size, 89, 90);
        Assert.Equal(100, Find(new() { Memory = 10_000, BytesPerRow = 92 }).Size);
        Assert.Equal(1, Find(new() { Memory = 1, BytesPerRow = 0 }).Size);
        Assert.Equal(1, Find(new() { LongestBatch = TimeSpan.FromSeconds(0.001) }).Size);
    }

    [Fact]
    public void TheSearchItselfKeepsWithinTheMemory()
    {
        FakeTimeProvider time = new();
        int largest = 0;
        // Features of 2 columns take 8 bytes; a call allocates 10,000 per row, of which nothing was said.
        BatchSizeReading found = BatchSize.Find(
            batch =>
            {
                largest = Math.Max(largest, batch.Rows);
                for (int row = 0; row < batch.Rows; row++) GC.KeepAlive(new byte[10_000]);
                time.Advance(TimeSpan.FromSeconds(1 + 1e-6 * batch.Rows));
            },
            X, new() { Memory = 1_000_000, LongestBatch = TimeSpan.FromMinutes(1) }, time);
        Assert.InRange(largest, 64, 99);
        Assert.InRange(found.Size, 64, 99);
        Assert.InRange(found.BytesPerRow, 10_008, 15_000);
    }

    [Fact]
    public void WhatCannotBeSearchedIsSaid()
    {
        Assert.Throws<ArgumentException>(() => BatchSize.Find(_ => { }, default));
        foreach (BatchSizeOptions bad in new BatchSizeOptions[]
        {
            new() { Smallest = 0 }, new() { Largest = 32 }, new() { Overhead = 0 }, new() { Overhead = double.NaN }, new() { LongestBatch = TimeSpan.Zero }, new() { Memory = 0 }, new() { BytesPerRow = -1 },
        })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => BatchSize.Find(_ => { }, X, bad));
        }
    }

    private sealed class Reports(ConcurrentQueue<int> all) : IProgress<int>
    {
        public void Report(int value) => all.Enqueue(value);
    }
}
