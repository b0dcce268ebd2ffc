using System.Diagnostics;
using System.Net;

namespace Ueq.Client.Tests;

public sealed class FaultTests
{
    private const string Half = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"predictions\":[6],";
    private static readonly float[][] Row = [[1, 2, 3]];
    private static readonly UeqClientOptions Quick = new() { RetryDelay = TimeSpan.FromMilliseconds(1), ProbeInterval = TimeSpan.FromHours(1) };

    public static TheoryData<string> Kinds => ["reset", "garbage", "half", "other answer", "fewer rows", "hangs", "503", "502", "nobody"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task ABadServerBesideAGoodOneIsNotNoticed(string kind)
    {
        using BadServer bad = Bad(kind);
        await using Replica good = await Replica.Start();
        using UeqClient client = new([bad.Address, good.Address], Quick with { AttemptTimeout = TimeSpan.FromMilliseconds(kind == "hangs" ? 300 : 60_000) });
        if (kind == "nobody") bad.Dispose();
        for (int i = 0; i < 10; i++) Assert.Equal([6], (await client.PredictAsync(Row)).Predictions);
        Assert.Equal([good.Address], client.HealthyAddresses);
        Assert.True(bad.Requests <= 1);
    }

    [Theory]
    [InlineData("reset", null)]
    [InlineData("garbage", null)]
    [InlineData("half", null)]
    [InlineData("hangs", "no answer within 0.2 s")]
    [InlineData("other answer", "the answer is not one of this service")]
    [InlineData("fewer rows", "expected 1 predictions, one per row, got 0")]
    [InlineData("503", "closed")]
    public async Task ABadServerAloneIsAnErrorWithItsAddress(string kind, string? said)
    {
        using BadServer bad = Bad(kind);
        using UeqClient client = new(bad.Address, Quick with { Retries = 2, AttemptTimeout = TimeSpan.FromMilliseconds(kind == "hangs" ? 200 : 60_000) });
        UeqClientException fault = await Assert.ThrowsAsync<UeqClientException>(() => client.PredictAsync(Row));
        Assert.Equal((3, 3, true, bad.Address), (fault.Attempts, bad.Requests, fault.IsTransient, fault.Address));
        if (said is not null) Assert.Contains(said, fault.Error, StringComparison.Ordinal);
        Assert.Contains("after 3 attempts", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(413)]
    [InlineData(500)]
    [InlineData(507)]
    [InlineData(302)]
    public async Task WhatWillNotPassIsNotRepeated(int status)
    {
        using BadServer bad = BadServer.Answers(status, "{\"error\": \"because\", \"request_id\": 7}", "Location: http://127.0.0.1:1/\r\n");
        using UeqClient client = new(bad.Address, Quick);
        UeqClientException fault = await Assert.ThrowsAsync<UeqClientException>(() => client.PredictAsync(Row));
        Assert.Equal(((HttpStatusCode)status, "because", "7", false), (fault.Status!.Value, fault.Error, fault.RequestId, fault.IsTransient));
        Assert.Equal(1, bad.Requests);
    }

    [Fact]
    public async Task ABusyServiceIsAskedAgain()
    {
        await using Replica server = await Replica.Start();
        int left = 2;
        server.Before = http =>
        {
            if (Interlocked.Decrement(ref left) < 0) return Task.FromResult(false);
            http.Response.StatusCode = 429;
            http.Response.Headers.RetryAfter = "0";
            return Task.FromResult(true);
        };
        using UeqClient client = new(server.Address, new UeqClientOptions { RetryDelay = TimeSpan.FromHours(1) });
        // Retry-After of 0 s goes before an hour's delay.
        Assert.Equal([6], (await client.PredictAsync(Row)).Predictions);
        Assert.Equal(3, server.Predictions);
    }

    [Fact]
    public async Task AWaitThatIsLongerThanTheTimeLeftIsNotBegun()
    {
        using BadServer busy = BadServer.Answers(503, "{\"error\": \"full\"}", "Retry-After: 100000\r\n");
        using UeqClient client = new(busy.Address, new UeqClientOptions { TotalTimeout = TimeSpan.FromHours(1) });
        UeqClientException fault = await Assert.ThrowsAsync<UeqClientException>(() => client.PredictAsync(Row));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "full", 1), (fault.Status!.Value, fault.Error, busy.Requests));
    }

    [Fact]
    public async Task ABudgetBoundsTheRepetitionsOfAllCalls()
    {
        using BadServer down = Bad("503");
        using UeqClient client = new(down.Address, Quick with { Retries = 10, RetryReserve = 5, RetryShare = 0.1, RetryDelay = TimeSpan.Zero });
        for (int i = 0; i < 100; i++) await Assert.ThrowsAsync<UeqClientException>(() => client.PredictAsync(Row));
        // 100 calls, 5 repetitions from the start, a tenth of one per call.
        Assert.InRange(down.Requests, 105, 115);
    }

    [Fact]
    public async Task TheTotalTimeIsKeptAndTheLastFaultIsSaid()
    {
        using BadServer down = Bad("503");
        using UeqClient client = new(down.Address, new UeqClientOptions { RetryDelay = TimeSpan.FromMinutes(30), TotalTimeout = TimeSpan.FromMilliseconds(300) });
        long started = Stopwatch.GetTimestamp();
        UeqClientException fault = await Assert.ThrowsAsync<UeqClientException>(() => client.PredictAsync(Row));
        Assert.Equal("no answer within 0.3 s; the last attempt: closed", fault.Error);
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(10));
    }

    [Fact]
    public async Task ACallerWhoLeavesGetsACancellation()
    {
        using BadServer hangs = BadServer.Hangs();
        using UeqClient client = new(hangs.Address);
        using CancellationTokenSource leave = new();
        Task<PredictAnswer> asking = client.PredictAsync(Row, null, leave.Token);
        while (hangs.Requests == 0) await Task.Delay(1);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }

    [Fact]
    public async Task AHedgeIsAnsweredByTheOtherReplica()
    {
        using BadServer slow = BadServer.Hangs();
        await using Replica good = await Replica.Start();
        using UeqClient client = new([slow.Address, good.Address], new UeqClientOptions { HedgeAfter = TimeSpan.FromMilliseconds(20), AttemptTimeout = TimeSpan.FromHours(1), TotalTimeout = TimeSpan.FromHours(2) });
        for (int i = 0; i < 6; i++) Assert.Equal(good.Address, (await client.PredictAsync(Row)).Address);
        // Every second one began there; a good one that takes a moment is hedged too.
        Assert.InRange(slow.Requests, 3, 6);
    }

    [Fact]
    public async Task LabelsAreRepeatedButNotHedged()
    {
        await using Replica a = await Replica.Start(), b = await Replica.Start();
        TaskCompletionSource<bool> held = new();
        int labels = 0;
        a.Before = b.Before = async http =>
        {
            if (http.Request.Path != "/feedback") return false;
            if (Interlocked.Increment(ref labels) > 1) return false;
            await held.Task;
            http.Response.StatusCode = 503;
            return true;
        };
        using UeqClient client = new([a.Address, b.Address], new UeqClientOptions { HedgeAfter = TimeSpan.FromMilliseconds(1), AttemptTimeout = TimeSpan.FromHours(1), TotalTimeout = TimeSpan.FromHours(2) });
        Task<FeedbackAnswer> sending = client.FeedbackAsync([new Label("nonsense", 1)]);
        while (Volatile.Read(ref labels) == 0) await Task.Delay(1);
        await Task.Delay(50);
        Assert.Equal(1, labels);
        held.SetResult(true);
        Assert.Equal("error", (await sending).Status);
        Assert.Equal(2, labels);
    }

    [Fact]
    public async Task AnAnswerThatIsTooLargeIsAnErrorAtOnce()
    {
        using BadServer large = BadServer.Answers(200, new string('x', 5000));
        using UeqClient client = new(large.Address, Quick with { LargestAnswer = 2000 });
        Assert.Equal(1, (await Assert.ThrowsAsync<UeqClientException>(() => client.PredictAsync(Row))).Attempts);
    }

    private static BadServer Bad(string kind) => kind switch
    {
        "reset" or "nobody" => BadServer.Resets(),
        "garbage" => BadServer.Says("\0\u0001nothing of HTTP\r\n\r\n"),
        "half" => BadServer.Says(Half),
        "hangs" => BadServer.Hangs(),
        "other answer" => BadServer.Answers(200, "<html>Please log in</html>"),
        "fewer rows" => BadServer.Answers(200, "{\"predictions\":[],\"coverage\":0.9}"),
        "502" => BadServer.Answers(502, "Bad Gateway"),
        _ => BadServer.Answers(503, "{\"error\": \"closed\"}"),
    };
}
