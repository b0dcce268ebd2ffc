using System.Text.Json;
using Ueq.Serving.Watching;

namespace Ueq.Serving.Tests;

/// <summary>What watching may cost, whatever the traffic.</summary>
public sealed class RowBudgetTests
{
    private readonly HandClock _clock = new();

    [Fact]
    public void RowsAreAllLookedAtUntilTenSecondsAreUsedUp()
    {
        RowBudget budget = new(1000, 10, _clock);
        for (int i = 0; i < 100; i++) Assert.Equal((0, 1), budget.Take(10));
        Assert.Equal((0, 0), budget.Take(10));
    }

    [Fact]
    public void WhatIsBeyondIsSpreadOverARequestAndOverRequests()
    {
        RowBudget budget = new(1000, 10, _clock);
        budget.Take(1000);
        HashSet<int> firsts = [];
        for (int i = 0; i < 40; i++)
        {
            _clock.Now += 100; // Of ten rows.
            (int first, int step) = budget.Take(40);
            Assert.Equal(4, step);
            Assert.Equal(10, RowBudget.Count(40, first, step));
            firsts.Add(first);
        }

        Assert.Equal([0, 1, 2, 3], firsts.Order());
    }

    [Fact]
    public void OverTimeItLooksAtAsManyValuesAsItWasGiven()
    {
        RowBudget budget = new(200_000, 12, _clock);
        long looked = 0;
        for (int request = 0; request < 100_000; request++)
        {
            _clock.Now++;
            (int first, int step) = budget.Take(32);
            looked += RowBudget.Count(32, first, step);
        }

        // A hundred seconds, and the ten that were saved.
        Assert.InRange(12 * looked, 0.98 * 110 * 200_000, 110 * 200_000);
    }

    [Fact]
    public void AModelWiderThanTheBudgetIsLookedAtNowAndThen()
    {
        RowBudget budget = new(1000, 50_000, _clock);
        Assert.Equal((0, 1), budget.Take(1));
        Assert.Equal((0, 0), budget.Take(1));
        _clock.Now += 50_000;
        Assert.Equal((0, 1), budget.Take(1));
    }

    [Fact]
    public void NoLimitIsNoLimit()
    {
        RowBudget budget = new(0, 10, _clock);
        for (int i = 0; i < 100; i++) Assert.Equal((0, 1), budget.Take(1_000_000));
    }

    [Fact]
    public async Task RowsThatAreSkippedAreCountedAndTheOthersWatched()
    {
        await using Server server = await Server.Start(Fakes.Sum(reference: true), new UeqServiceConfig { MonitorValuesPerSecond = 500 });
        await server.Predict("""{"X": [""" + string.Join(",", Enumerable.Range(0, 4000).Select(i => $"[{i % 7}, 1, 2]")) + "]}");
        JsonElement monitoring = await server.Until("/monitoring", m => m.GetProperty("rows").GetInt64() > 0);
        // 5000 values in ten seconds are 1000 rows of three features, prediction and size.
        Assert.Equal((1000, 3000, 0), (monitoring.GetProperty("rows").GetInt64(), monitoring.GetProperty("skipped_rows").GetInt64(), monitoring.GetProperty("dropped_rows").GetInt64()));
        Assert.Equal(3000, (await server.Get("/health")).Body.GetProperty("monitoring").GetProperty("monitor_skipped_rows").GetInt64());
    }

    private sealed class HandClock : TimeProvider
    {
        /// <summary>Milliseconds.</summary>
        public long Now { get; set; }

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => Now;
    }
}
