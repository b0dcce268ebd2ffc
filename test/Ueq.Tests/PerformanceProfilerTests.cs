using Microsoft.Extensions.Time.Testing;

namespace Ueq.Tests;

public sealed class PerformanceProfilerTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void FiguresAreThoseOfTheTimesThatPassed()
    {
        FakeTimeProvider time = new();
        int call = 0;
        // After 3 runs of warm-up: 100 runs of 1, 2, … 100 ms, in an order of their own.
        ProfilerReading reading = new PerformanceProfiler(new ProfilerOptions { MostRuns = 100, Duration = TimeSpan.FromHours(1) }, time)
            .Profile(() => time.Advance(TimeSpan.FromMilliseconds(call++ < 3 ? 5000 : (call - 4) * 37 % 100 + 1)), Stop);
        Assert.Equal((103, 100, 3), (call, reading.Runs, reading.WarmupRuns));
        Assert.Equal(51, reading.Median.TotalMilliseconds, 1e-9);
        Assert.Equal(99, reading.P99.TotalMilliseconds, 1e-9);
        Assert.Equal(1, reading.Fastest.TotalMilliseconds, 1e-9);
        Assert.Equal(time.GetUtcNow(), reading.Ended);
    }

    [Fact]
    public void ItEndsWithTheTimeButNotBeforeTheLeastRuns()
    {
        FakeTimeProvider time = new();
        ProfilerOptions options = new() { Duration = TimeSpan.FromSeconds(10), LeastRuns = 4 };
        Assert.Equal(10, new PerformanceProfiler(options, time).Profile(() => time.Advance(TimeSpan.FromSeconds(1)), Stop).Runs);
        Assert.Equal(4, new PerformanceProfiler(options, time).Profile(() => time.Advance(TimeSpan.FromMinutes(1)), Stop).Runs);
    }

    [Fact]
    public void AWarmUpThatTakesTooLongEndsEarly()
    {
        FakeTimeProvider time = new();
        ProfilerOptions options = new() { WarmupRuns = 1000, LeastRuns = 2, LongestWarmup = TimeSpan.FromSeconds(10) };
        ProfilerReading reading = new PerformanceProfiler(options, time).Profile(() => time.Advance(TimeSpan.FromSeconds(4)), Stop);
        Assert.Equal((3, 2), (reading.WarmupRuns, reading.Runs));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PerformanceProfiler(new() { LongestWarmup = TimeSpan.Zero }));
    }

    [Fact]
    public void MethodsAreMeasuredInTurnsAndOneThatFailsIsLeftOut()
    {
        FakeTimeProvider time = new();
        List<string> calls = [];
        IReadOnlyList<ProfiledMethod> methods = new PerformanceProfiler(new ProfilerOptions { WarmupRuns = 1, MostRuns = 5 }, time).BenchmarkMethods(
        [
            new("a", () => calls.Add("a")),
            new("cold", () => throw new InvalidOperationException("cold")),
            new("third", () => { if (calls.Count(c => c == "third") == 3) throw new InvalidOperationException("third"); calls.Add("third"); }),
        ], Stop);
        Assert.Equal(["a", "third", "a", "third", "a", "third", "a", "a", "a"], calls);
        Assert.Equal(["a", "cold", "third"], methods.Select(m => m.Name));
        Assert.Equal([null, "cold", "third"], methods.Select(m => m.Error?.Message));
        Assert.Equal([5, null, null], methods.Select(m => m.Reading?.Runs));
    }

    [Fact]
    public void BytesAreThoseOfTheCall()
    {
        byte[]? kept = null;
        Assert.Equal(1024, new PerformanceProfiler(new ProfilerOptions { MostRuns = 50 }).Profile(() => kept = new byte[1000], Stop).AllocatedBytes);
        Assert.Equal(0, new PerformanceProfiler(new ProfilerOptions { MostRuns = 50 }).Profile(() => kept![0]++, Stop).AllocatedBytes);
    }

    [Fact]
    public void AStopComesBetweenTwoCallsAndIsNoResult()
    {
        using CancellationTokenSource stop = new();
        int calls = 0;
        Assert.Throws<OperationCanceledException>(() => new PerformanceProfiler().BenchmarkMethods([new("a", () => { if (++calls == 7) stop.Cancel(); }), new("b", () => { })], stop.Token));
        Assert.Equal(7, calls);
    }

    [Theory]
    [InlineData(-1, 5, 10, 1, "0 to 1000 runs of warm-up, got -1")]
    [InlineData(3, 0, 10, 1, "1 run at least, or more, got 0")]
    [InlineData(3, 5, 4, 1, "at most 5 to 1000000 runs, got 4")]
    [InlineData(3, 5, 10, 0, "seconds above 0, got 0")]
    public void OptionsOutOfTheirRangeAreRefused(int warmup, int least, int most, double seconds, string expected) =>
        Assert.Contains(expected, Assert.Throws<ArgumentOutOfRangeException>(() => new PerformanceProfiler(new ProfilerOptions
        {
            WarmupRuns = warmup,
            LeastRuns = least,
            MostRuns = most,
            Duration = TimeSpan.FromSeconds(seconds),
        })).Message, StringComparison.Ordinal);
}
