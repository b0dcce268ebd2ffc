using Ueq.Monitoring;
using Ueq.Serving.Watching;
using Ueq.Storage;

namespace Ueq.Serving.Tests;

/// <summary>A reference by hour of the week, and the service's clock.</summary>
public sealed class HourOfWeekTests
{
    private static readonly FeatureSchema _schema = FeatureSchema.Numeric(1);

    /// <summary>Ten weeks of a value that is the hour of the day, and a score that is the hour of the answer.</summary>
    private static DriftReference Reference(bool isTimed)
    {
        DateTimeOffset start = new(2026, 1, 5, 0, 0, 0, TimeSpan.FromHours(2));
        DateTimeOffset[] times = [.. Enumerable.Range(0, 168 * 60).Select(i => start.AddMinutes(10 * i))];
        double[] values = Values(1, times.Length, i => times[i].Hour);
        return DriftReference.From(
            _schema, new FeatureMatrix(values.Select(v => (float)v).ToArray(), 1), values, Values(2, times.Length, _ => 0), Values(3, times.Length, i => times[i].Hour), isTimed ? times : []);
    }

    private static double[] Values(ulong stream, int rows, Func<int, double> at)
    {
        Rng rng = Rng.Stream(17, stream);
        return [.. Enumerable.Range(0, rows).Select(i => at(i) + rng.NextUniform())];
    }

    [Theory]
    [InlineData(true, 14, SignalState.Healthy)]
    [InlineData(true, 3, SignalState.Alarm)]
    [InlineData(false, 14, SignalState.Alarm)]
    public async Task RowsAndScoresAreComparedWithTheirHourWhereTheServiceIs(bool isTimed, int value, SignalState expected)
    {
        // 12:20 UTC on a Tuesday is 14:20 here; its labels come at night.
        Clock clock = new(new DateTimeOffset(2026, 6, 2, 12, 20, 0, TimeSpan.Zero));
        using ModelMonitor monitor = new(Reference(isTimed), null, new UeqServiceConfig(), clock);
        double[] values = Values(4, 800, _ => value);
        monitor.Add(new FeatureMatrix(values.Select(v => (float)v).ToArray(), 1), values, Values(5, 800, _ => 0), default);
        await monitor.SettleAsync();
        monitor.TakeScoresAfter(0);
        monitor.AddScores([.. values.Select((score, i) => new StoredLabel(i + 1, new LabelRecord(
            Guid.Empty, "y", "v", null, clock.GetUtcNow(), clock.GetUtcNow().AddHours(13), 0, 0, 0, 0, score, true) { Coverage = 0.9 }))], 0.9);
        WatchReading reading = monitor.Read()!;
        Assert.Equal([expected, expected, SignalState.Healthy, expected], reading.Signals.Select(s => s.State));
    }

    private sealed class Clock(DateTimeOffset now) : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone { get; } = TimeZoneInfo.CreateCustomTimeZone("here", TimeSpan.FromHours(2), "here", "here");

        public override DateTimeOffset GetUtcNow() => now;
    }
}
