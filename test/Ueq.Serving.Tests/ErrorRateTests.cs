using Microsoft.Extensions.Time.Testing;
using Ueq.Serving.Telemetry;

namespace Ueq.Serving.Tests;

public sealed class ErrorRateTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void TheErrorRateIsOfTheLatestFiveMinutes()
    {
        using ServiceTally tally = new(new UeqServiceConfig(), _time);
        Assert.Equal(0, tally.ErrorRate);
        Finish(tally, 9_000, 200);
        Pass(TimeSpan.FromMinutes(10));
        // Of all requests these would be one in a hundred.
        Finish(tally, 10, 200);
        Finish(tally, 90, 500);
        Assert.Equal(0.9, tally.ErrorRate);
        Pass(TimeSpan.FromMinutes(4));
        Assert.Equal(0.9, tally.ErrorRate);
        Finish(tally, 100, 200);
        Assert.Equal(0.45, tally.ErrorRate);
    }

    [Fact]
    public void ItRecoversWithoutAnyRequest()
    {
        using ServiceTally tally = new(new UeqServiceConfig(), _time);
        Finish(tally, 3, 500);
        Assert.Equal(1, tally.ErrorRate);
        // Whoever balances requests sends none to a replica that calls itself ill.
        Pass(TimeSpan.FromSeconds(310));
        Assert.Equal(0, tally.ErrorRate);
        Assert.Equal((3, 3), (tally.Requests, tally.Errors));
    }

    [Fact]
    public void RefusalsAreRequestsAndNoErrors()
    {
        using ServiceTally tally = new(new UeqServiceConfig(), _time);
        Finish(tally, 1, 500);
        foreach (int status in (int[])[400, 413, 429, 503, 504, 499]) Finish(tally, 1, status);
        Assert.Equal(1 / 7.0, tally.ErrorRate);
    }

    private static void Finish(ServiceTally tally, int times, int status)
    {
        for (int i = 0; i < times; i++) tally.Finish(ServiceCall.Predict, status);
    }

    private void Pass(TimeSpan time)
    {
        for (TimeSpan passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromSeconds(10)) _time.Advance(TimeSpan.FromSeconds(10));
    }
}
