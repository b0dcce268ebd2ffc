using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Ueq.Remote.Tests;

/// <summary>What becomes of servers that fail.</summary>
public sealed class FaultTests
{
    private static readonly FeatureMatrix Rows = new(Enumerable.Range(0, 40).Select(i => (float)i).ToArray(), 2);

    private static double[] Predict(IPointPredictor model, FeatureMatrix x)
    {
        double[] answers = new double[x.Rows];
        model.Predict(x, answers);
        return answers;
    }

    private static Task Sum(Asked asked) => asked.Answer(row => row.Sum());

    private static void Says(Exception fault, params string[] parts) => Assert.All(parts, part => Assert.Contains(part, fault.Message, StringComparison.Ordinal));

    [Theory]
    [InlineData(503)]
    [InlineData(500)]
    [InlineData(429)]
    [InlineData(408)]
    public async Task AFaultThatPassesIsWaitedFor(int status)
    {
        await using OipServer server = await OipServer.Start(asked => asked.Number < 3 ? asked.Fail(status) : Sum(asked));
        using RemoteModel model = server.Connect();
        Assert.Equal(5, Predict(new RemoteRegressor(model), Rows)[1]);
        Assert.Equal(3, server.Requests);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(404)]
    [InlineData(422)]
    [InlineData(302)]
    public async Task AFaultThatStaysFailsAtOnce(int status)
    {
        await using OipServer server = await OipServer.Start(asked => asked.Fail(status, "{\"error\": \"no such thing\"}\u0007"));
        using RemoteModel model = server.Connect();
        RemoteModelException fault = Assert.Throws<RemoteModelException>(() => Predict(new RemoteRegressor(model), Rows));
        Says(fault, $"'m' at {server.Address}v2/models/m/infer, rows 0 to 19: status {status}", "no such thing");
        Assert.Equal(((HttpStatusCode)status, 0, 20), (fault.Status!.Value, fault.FirstRow!.Value, fault.RowCount!.Value));
        Assert.DoesNotContain('\u0007', fault.Message);
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task AServerThatNeverRecoversIsGivenUp()
    {
        await using OipServer server = await OipServer.Start(asked => asked.Fail(503, new string('x', 10_000)));
        using RemoteModel model = server.Connect(options => options with { Retries = 2 });
        RemoteModelException fault = Assert.Throws<RemoteModelException>(() => Predict(new RemoteRegressor(model), Rows));
        Assert.InRange(fault.Message.Length, 200, 400);
        Assert.Equal(3, server.Requests);
    }

    [Fact]
    public async Task ACutConnectionIsRepeated()
    {
        await using OipServer server = await OipServer.Start(async asked =>
        {
            if (asked.Number > 2)
            {
                await Sum(asked);
                return;
            }

            if (asked.Number == 2)
            {
                asked.Context.Response.ContentLength = 1000;
                await asked.Context.Response.WriteAsync("{\"outputs\":");
                await asked.Context.Response.Body.FlushAsync();
            }

            asked.Context.Abort();
        });
        using RemoteModel model = server.Connect();
        Assert.Equal(5, Predict(new RemoteRegressor(model), Rows)[1]);
        Assert.Equal(3, server.Requests);
    }

    [Fact]
    public async Task AServerThatIsGoneIsNamed()
    {
        OipServer server = await OipServer.Start(Sum);
        Uri address = server.Address;
        using RemoteModel model = server.Connect(options => options with { Retries = 1 });
        await server.DisposeAsync();
        RemoteModelException fault = Assert.Throws<RemoteModelException>(() => Predict(new RemoteRegressor(model), Rows));
        Assert.Null(fault.Status);
        Says(fault, address.ToString(), "rows 0 to 19: no answer");
        Assert.Throws<RemoteModelException>(() => RemoteModel.Connect(address, new RemoteOptions { Model = "m", Retries = 0 }));
    }

    /// <summary>A server that begins to answer, or does not even that, and then says nothing until the client hangs up.</summary>
    private static Task<OipServer> Silent(ChannelWriter<int> asked, string begins) => OipServer.Start(async request =>
    {
        if (begins.Length > 0)
        {
            await request.Context.Response.WriteAsync(begins);
            await request.Context.Response.Body.FlushAsync();
        }

        TaskCompletionSource gone = new();
        using CancellationTokenRegistration registration = request.Context.RequestAborted.Register(gone.SetResult);
        await asked.WriteAsync(request.Number);
        await gone.Task;
    });

    [Theory]
    [InlineData("")]
    [InlineData("{\"outputs\":")]
    public async Task ASilentServerCostsNoMoreThanTheTimeOutOfEachAttempt(string begins)
    {
        Channel<int> asked = Channel.CreateUnbounded<int>();
        FakeTimeProvider time = new();
        await using OipServer server = await Silent(asked.Writer, begins);
        using RemoteModel model = server.Connect(options => options with { Time = time, Retries = 1, RetryDelay = TimeSpan.Zero });
        Task<double[]> answers = Task.Run(() => Predict(new RemoteRegressor(model), Rows));
        Assert.Equal(1, await asked.Reader.ReadAsync());
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(2, await asked.Reader.ReadAsync());
        time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(answers.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.1));
        Says(await Assert.ThrowsAsync<RemoteModelException>(() => answers), "no answer: nothing within 10 s", "rows 0 to 19");
        Assert.Equal(2, server.Requests);
    }

    [Fact]
    public async Task AllAttemptsTogetherCostNoMoreThanTheTotalTime()
    {
        Channel<int> asked = Channel.CreateUnbounded<int>();
        FakeTimeProvider time = new();
        await using OipServer server = await Silent(asked.Writer, "");
        using RemoteModel model = server.Connect(options => options with { Time = time, Retries = 50, RetryDelay = TimeSpan.Zero, TotalTimeout = TimeSpan.FromSeconds(15) });
        Task<double[]> answers = Task.Run(() => Predict(new RemoteRegressor(model), Rows));
        Assert.Equal(1, await asked.Reader.ReadAsync());
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(2, await asked.Reader.ReadAsync());
        time.Advance(TimeSpan.FromSeconds(5));
        Says(await Assert.ThrowsAsync<RemoteModelException>(() => answers), "nothing within 15 s");
    }

    [Fact]
    public async Task AServerThatSaysHowLongIsObeyed()
    {
        WatchedTime time = new(TimeSpan.FromSeconds(30));
        await using OipServer server = await OipServer.Start(asked =>
        {
            if (asked.Number > 1) return Sum(asked);
            asked.Context.Response.Headers.RetryAfter = "30";
            return asked.Fail(429);
        });
        using RemoteModel model = server.Connect(options => options with { Time = time });
        Task<double[]> answers = Task.Run(() => Predict(new RemoteRegressor(model), Rows));
        await time.Waiting;
        time.Advance(TimeSpan.FromSeconds(29.9));
        Assert.Equal(1, server.Requests);
        time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(5, (await answers)[1]);
        Assert.Equal(2, server.Requests);
    }

    /// <summary>A clock that tells when somebody begins to wait for so long.</summary>
    private sealed class WatchedTime(TimeSpan wait) : FakeTimeProvider
    {
        private readonly TaskCompletionSource _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Waiting => _waiting.Task;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            ITimer timer = base.CreateTimer(callback, state, dueTime, period);
            if (dueTime == wait) _waiting.SetResult();
            return timer;
        }
    }

    [Fact]
    public async Task ABreakerKeepsQuietAfterManyFaults()
    {
        await using OipServer server = await OipServer.Start(asked => asked.Fail(503));
        using RemoteModel model = server.Connect(options => options with { Retries = 0, BreakFor = TimeSpan.FromHours(1) });
        RemoteRegressor regressor = new(model);
        for (int i = 0; i < 20; i++) Assert.Throws<RemoteModelException>(() => Predict(regressor, Rows));
        // The metadata were the first of ten.
        Assert.Equal(9, server.Requests);
        Says(Assert.Throws<RemoteModelException>(() => Predict(regressor, Rows)), "not asked, since too many requests before have failed");
    }

    [Fact]
    public async Task AnAnswerThatIsTooLargeIsRefused()
    {
        await using OipServer server = await OipServer.Start(asked => asked.Answer(("y", "FP64", [20], Enumerable.Repeat(1.0 / 3, 20_000).ToArray())));
        using RemoteModel model = server.Connect(options => options with { LargestAnswer = 10_000 });
        Assert.Throws<RemoteModelException>(() => Predict(new RemoteRegressor(model), Rows));
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task APoisonBatchIsNamedByItsRows()
    {
        await using OipServer server = await OipServer.Start(asked => asked.Rows.Any(row => row[0] == 24) ? asked.Fail(400, "poison") : Sum(asked));
        using RemoteModel model = server.Connect(options => options with { BatchRows = 5 });
        RemoteModelException fault = Assert.Throws<RemoteModelException>(() => Predict(new RemoteRegressor(model), Rows));
        Assert.Equal((10, 5), (fault.FirstRow, fault.RowCount));
        Assert.Equal(1.0, Predict(new RemoteRegressor(model), Rows.Slice(0, 10))[0]);
    }
}
