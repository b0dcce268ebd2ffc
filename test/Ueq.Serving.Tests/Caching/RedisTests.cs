using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Ueq.Serving.Caching;
using Ueq.Serving.Tests.Batching;

namespace Ueq.Serving.Tests.Caching;

/// <summary>The level that replicas share, over a real Redis that is killed, paused and replaced by nonsense under load.</summary>
public sealed class RedisTests
{
    [Fact]
    public async Task WhatOneReplicaHasComputedAnotherGivesAgain()
    {
        await using RedisServer redis = await RedisServer.Start();
        using GatedModel one = new(), two = new();
        await using Server first = await Server.Start(one.Version, Shared(redis.Address)), second = await Server.Start(two.Version, Shared(redis.Address));
        await Filled(first, redis);
        JsonElement answer = await second.Predict("""{"X":[[1,2],[3,4]]}""");
        Assert.Equal("[3,7]", answer.GetProperty("predictions").GetRawText());
        Assert.Equal("[[1.5,4.5],[5.5,8.5]]", answer.GetProperty("uncertainty").GetRawText());
        Assert.Empty(two.Calls);
        JsonElement cache = (await second.Get("/health")).Body.GetProperty("cache").GetProperty("redis");
        Assert.Equal(("up", 2, 0), (cache.GetProperty("state").GetString(), cache.GetProperty("hits").GetInt32(), cache.GetProperty("misses").GetInt32()));
        // Once more, and from its own memory this time.
        await second.Predict("""{"X":[[1,2]]}""");
        Assert.Equal(1, second.Models.Current.Cache!.Read().Hits);
    }

    [Fact]
    public async Task ValuesThatOthersChangedAreNotBelieved()
    {
        await using RedisServer redis = await RedisServer.Start();
        using GatedModel one = new(), two = new();
        await using Server first = await Server.Start(one.Version, Shared(redis.Address));
        await Filled(first, redis);
        // Whatever stands there now has the right name and other bytes.
        await redis.Ask("EVAL \"for _,k in ipairs(redis.call('KEYS','*ueq:*')) do redis.call('HSET',k,'data','nonsense') end return 1\" 0");
        await using Server second = await Server.Start(two.Version, Shared(redis.Address));
        Assert.Equal("[3,7]", (await second.Predict("""{"X":[[1,2],[3,4]]}""")).GetProperty("predictions").GetRawText());
        Assert.Single(two.Calls);
        await redis.Ask("EVAL \"for _,k in ipairs(redis.call('KEYS','*ueq:*')) do redis.call('DEL',k) redis.call('SET',k,'text') end return 1\" 0");
        await using Server third = await Server.Start(one.Version, Shared(redis.Address));
        Assert.Equal("[3,7]", (await third.Predict("""{"X":[[1,2],[3,4]]}""")).GetProperty("predictions").GetRawText());
    }

    [Theory]
    [Trait("Suite", "Faults")]
    [InlineData("killed")]
    [InlineData("paused")]
    [InlineData("nonsense")]
    [InlineData("deaf")]
    public async Task WhateverBecomesOfRedisNoPredictionFails(string trouble)
    {
        await using RedisServer redis = await RedisServer.Start();
        await using Server server = await Server.Start(Fakes.Sum(2), Shared(redis.Address));
        using CancellationTokenSource enough = new();
        int answered = 0, next = 0;
        async Task Call(int caller)
        {
            while (!enough.IsCancellationRequested)
            {
                // Half the rows are new, so that Redis is asked all the time.
                int row = caller % 2 == 0 ? Interlocked.Increment(ref next) + 1000 : caller;
                JsonElement answer = await server.Predict($$"""{"X":[[{{row}},1],[{{row}},2]]}""");
                Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"[{row + 1},{row + 2}]"), answer.GetProperty("predictions").GetRawText());
                Interlocked.Increment(ref answered);
            }
        }

        Task[] callers = [.. Enumerable.Range(0, 8).Select(caller => Task.Run(() => Call(caller)))];
        SharedCache shared = server.Service<SharedCache>();
        await Happen(callers, () => Volatile.Read(ref answered) > 100 && shared.IsUp);
        TcpListener? impostor = null;
        if (trouble == "paused") redis.Signal("STOP");
        else await redis.Kill();
        if (trouble is "nonsense" or "deaf")
        {
            impostor = new(IPAddress.Loopback, redis.Port);
            impostor.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            impostor.Start();
            _ = Pretend(impostor, trouble);
        }

        // It is noticed, and a thousand predictions later all is still well.
        await Happen(callers, () => !shared.IsUp);
        int then = Volatile.Read(ref answered);
        await Happen(callers, () => Volatile.Read(ref answered) > then + 1000);
        JsonElement health = (await server.Get("/health")).Body;
        Assert.Equal("away", health.GetProperty("cache").GetProperty("redis").GetProperty("state").GetString());
        Assert.Equal(0, health.GetProperty("error_count").GetInt64());

        impostor?.Dispose();
        if (trouble == "paused") redis.Signal("CONT");
        else await redis.Restart();
        await Happen(callers, () => shared.IsUp);
        await enough.CancelAsync();
        await Task.WhenAll(callers);
        Assert.Equal(0, (await server.Get("/health")).Body.GetProperty("error_count").GetInt64());
    }

    [Fact]
    public async Task AServiceStartsWithoutItsRedis()
    {
        await using Server server = await Server.Start(Fakes.Sum(2), Shared(string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{RedisServer.FreePort()}")));
        for (int i = 0; i < 20; i++) Assert.Equal(i, (await server.Predict($$"""{"X":[[{{i}},0]]}""")).GetProperty("predictions")[0].GetDouble());
        Assert.True(server.Service<SharedCache>().Errors > 0);
    }

    private static UeqServiceConfig Shared(string address) =>
        new() { Cache = new CacheConfig { Models = ["*"], Redis = address, Rows = 1000, RedisTimeoutMilliseconds = 1000 } };

    // Until both rows stand in Redis: they are written behind the answers' back.
    private static async Task Filled(Server server, RedisServer redis)
    {
        await server.Predict("""{"X":[[1,2],[3,4]]}""");
        while (!(await redis.Ask("EVAL \"return #redis.call('KEYS','*ueq:*')\" 0")).StartsWith(":2", StringComparison.Ordinal)) await Task.Delay(5);
    }

    private static async Task Happen(Task[] callers, Func<bool> hoped)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(120));
        while (!hoped())
        {
            Assert.False(limit.IsCancellationRequested, "after two minutes it has not happened");
            if (callers.FirstOrDefault(c => c.IsFaulted) is { } failed) await failed;
            await Task.Delay(5);
        }
    }

    private static async Task Pretend(TcpListener impostor, string trouble)
    {
        try
        {
            while (true)
            {
                TcpClient client = await impostor.AcceptTcpClientAsync();
                if (trouble == "deaf") continue;
                byte[] nonsense = new byte[4096];
                for (int i = 0; i < nonsense.Length; i++) nonsense[i] = (byte)(i * 37 + 11);
                await client.GetStream().WriteAsync(nonsense);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
        {
            // The listener is gone, or the client did not like what it read.
            if (e is IOException) await Pretend(impostor, trouble);
        }
    }
}
