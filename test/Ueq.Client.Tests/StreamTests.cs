using System.Text;
using Microsoft.AspNetCore.Http;
using Ueq.Serving;

namespace Ueq.Client.Tests;

public sealed class StreamTests
{
    [Fact]
    public async Task RowsComeBackInTheirOrderFromAllReplicas()
    {
        const int Rows = 50_000;
        await using Replica a = await Replica.Start(), b = await Replica.Start();
        using UeqClient client = new([a.Address, b.Address]);
        Steps steps = new();
        long row = 0;
        await foreach (RowAnswer answer in client.PredictLargeAsync(Numbers(Rows), new LargeOptions { RowsPerRequest = 300 }, steps))
        {
            Assert.Equal((row, row + 2.0, new PredictedInterval(row + 0.5, row + 3.5)), (answer.Row, answer.Prediction, answer.Interval!.Value));
            row++;
        }

        Assert.Equal(Rows, row);
        Assert.True(a.Predictions > 10 && b.Predictions > 10);
        Assert.Equal((Rows, Rows, 0), (steps.Last.RowsRead, steps.Last.RowsAnswered, steps.Last.RowsWithError));
        Assert.Equal((Rows + 299) / 300, steps.Count);
    }

    [Fact]
    public async Task ARowThatFailsIsAnErrorInItsPlace()
    {
        await using Replica server = await Replica.Start(Fakes.Sum(Fakes.Mixed));
        using UeqClient client = new(server.Address);
        RowAnswer[] answers = await All(client.PredictLargeAsync(Rows([[1, "red", 2]], [[1, "purple", 2]], [["x", "red", 2]], [[2, "red", FeatureValue.Missing]])));
        Assert.Equal([4.0, double.NaN, double.NaN, -997], answers.Select(a => a.Prediction));
        Assert.Contains("expected one of \"red\"", answers[1].Error, StringComparison.Ordinal);
        Assert.Contains("$[0]: expected a number, got \"x\"", answers[2].Error, StringComparison.Ordinal);
        Assert.Equal([0, 1, 2, 3], answers.Select(a => a.Row));
    }

    [Fact]
    public async Task LinesAreSentAsTheyAreAndBlankOnesAreNone()
    {
        await using Replica server = await Replica.Start();
        using UeqClient client = new(server.Address);
        byte[] lines = Encoding.UTF8.GetBytes("\uFEFF[1,2,3]\n\n{\"x\": [4,5,6], \"group\": \"a\"}\r\n  \nnonsense\n[7,8,9]");
        RowAnswer[] answers = await All(client.PredictLargeAsync(new MemoryStream(lines), new LargeOptions { RowsPerRequest = 2, Predict = new PredictOptions { Receipts = true, Coverage = 0.999 } }));
        Assert.Equal([6, 15, double.NaN, 24], answers.Select(a => a.Prediction));
        Assert.Equal([true, true, false, true], answers.Select(a => a.Receipt is not null));
        Assert.Equal(new PredictedInterval(double.NegativeInfinity, double.PositiveInfinity), answers[0].Interval);
        Assert.Contains("nonsense", answers[2].Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ClassesHaveSets()
    {
        await using Replica server = await Replica.Start(Fakes.Classes("a", "b", "c"));
        using UeqClient client = new(server.Address);
        RowAnswer answer = Assert.Single(await All(client.PredictLargeAsync(new MemoryStream("[1,2]"u8.ToArray()))));
        Assert.Equal("b", answer.PredictedLabel);
        Assert.Equal(["b", "c"], answer.Set);
        Assert.Equal([0.1, 0.7, 0.2], answer.Probabilities);
    }

    [Fact]
    public async Task ACsvFileGivesTheModelsColumnsByName()
    {
        await using Replica server = await Replica.Start(Fakes.Sum(Fakes.Mixed));
        using UeqClient client = new(server.Address);
        RowAnswer[] answers = await All(client.PredictCsvAsync(new MemoryStream("income;note;colour;age\n5;\"a;b\";red;10\n;;7;1\n"u8.ToArray()), new LargeOptions { Delimiter = ';' }));
        Assert.Equal([16, -998], answers.Select(a => a.Prediction));
        await Faulty("age,colour\n1,red\n", "Expected a column 'income'");
        await Faulty("age,colour,income\n1,red,3\n1,red\n", "Line 3: expected 3 fields");
        await Faulty("age,colour,income\nold,red,3\n", "Line 2, column 'age': expected a number, got 'old'");
        await Faulty("", "empty file");

        async Task Faulty(string csv, string said) => Assert.Contains(
            said, (await Assert.ThrowsAsync<InvalidDataException>(() => All(client.PredictCsvAsync(new MemoryStream(Encoding.UTF8.GetBytes(csv)))))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ABrokenStreamSaysAfterHowManyRows()
    {
        await using Replica server = await Replica.Start();
        server.Before = http =>
        {
            if (server.Predictions <= 3) return Task.FromResult(false);
            http.Abort();
            return Task.FromResult(true);
        };
        using UeqClient client = new(server.Address, new UeqClientOptions { Retries = 1, RetryDelay = TimeSpan.Zero });
        int rows = 0;
        UeqClientException fault = await Assert.ThrowsAsync<UeqClientException>(async () =>
        {
            await foreach (RowAnswer _ in client.PredictLargeAsync(Numbers(1000), new LargeOptions { RowsPerRequest = 100, RequestsInFlight = 1 })) rows++;
        });
        Assert.Equal((300, 300L), (rows, fault.RowsAnswered!.Value));
        Assert.Contains("after 300 answered rows", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AReplicaThatIsKilledInMidStreamCostsNoRow()
    {
        await using Replica a = await Replica.Start(), b = await Replica.Start();
        using UeqClient client = new([a.Address, b.Address]);
        long row = 0;
        await foreach (RowAnswer answer in client.PredictLargeAsync(Numbers(20_000), new LargeOptions { RowsPerRequest = 200 }))
        {
            Assert.Equal(row + 2.0, answer.Prediction);
            if (row++ == 5000) await a.Kill();
        }

        Assert.Equal(20_000, row);
    }

    [Fact]
    public async Task ASlowReaderStopsTheReadingOfRows()
    {
        await using Replica server = await Replica.Start();
        using UeqClient client = new(server.Address);
        long read = 0;
        await using IAsyncEnumerator<RowAnswer> answers = client.PredictLargeAsync(Counted(), new LargeOptions { RowsPerRequest = 10, RequestsInFlight = 3 }).GetAsyncEnumerator();
        for (int i = 0; i < 100; i++) Assert.True(await answers.MoveNextAsync());
        await Task.Delay(100);
        // Three requests whose answers have not been taken; of the source one row more is looked at.
        Assert.InRange(Interlocked.Read(ref read), 100, 131);

        async IAsyncEnumerable<float[]> Counted()
        {
            await foreach (float[] one in Numbers(1_000_000))
            {
                Interlocked.Increment(ref read);
                yield return one;
            }
        }
    }

    [Fact]
    public async Task AFaultOfTheSourceComesAfterTheAnswersBeforeIt()
    {
        await using Replica server = await Replica.Start();
        using UeqClient client = new(server.Address);
        int rows = 0;
        await Assert.ThrowsAsync<FileNotFoundException>(async () =>
        {
            await foreach (RowAnswer _ in client.PredictLargeAsync(Ending(), new LargeOptions { RowsPerRequest = 10 })) rows++;
        });
        Assert.Equal(30, rows);

        static async IAsyncEnumerable<float[]> Ending()
        {
            await foreach (float[] row in Numbers(30)) yield return row;
            throw new FileNotFoundException();
        }
    }

    [Fact]
    public async Task LeavingAStreamEndsItsRequests()
    {
        await using Replica server = await Replica.Start();
        TaskCompletionSource gone = new();
        server.Before = async http =>
        {
            http.Request.EnableBuffering();
            using StreamReader body = new(http.Request.Body, leaveOpen: true);
            string first = (await body.ReadLineAsync())!;
            http.Request.Body.Position = 0;
            if (first == "[0,1,1]") return false;
            http.RequestAborted.Register(() => gone.TrySetResult());
            await gone.Task;
            return true;
        };
        using UeqClient client = new(server.Address);
        await foreach (RowAnswer _ in client.PredictLargeAsync(Numbers(1000), new LargeOptions { RowsPerRequest = 10 }))
        {
            while (server.Predictions < 2) await Task.Delay(1);
            break;
        }

        await gone.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task ALineWithoutEndIsRefused()
    {
        await using Replica server = await Replica.Start(config: new UeqServiceConfig { MaxBodyBytes = 1000 });
        using UeqClient client = new(server.Address);
        await Assert.ThrowsAsync<InvalidDataException>(() => All(client.PredictLargeAsync(new MemoryStream(new byte[3 << 20]))));
        Assert.Throws<ArgumentException>(() => client.PredictLargeAsync(new MemoryStream(), new LargeOptions { Predict = new PredictOptions { Groups = ["a"] } }));
        Assert.Throws<ArgumentOutOfRangeException>(() => client.PredictLargeAsync(new MemoryStream(), new LargeOptions { RowsPerRequest = 0 }));
        Assert.Empty(await All(client.PredictLargeAsync(new MemoryStream())));
    }

    private static async IAsyncEnumerable<float[]> Numbers(int rows)
    {
        for (int i = 0; i < rows; i++)
        {
            if (i % 1000 == 0) await Task.Yield();
            yield return [i, 1, 1];
        }
    }

    private static async IAsyncEnumerable<FeatureValue[]> Rows(params FeatureValue[][][] rows)
    {
        foreach (FeatureValue[] row in rows.SelectMany(one => one))
        {
            await Task.Yield();
            yield return row;
        }
    }

    private static async Task<RowAnswer[]> All(IAsyncEnumerable<RowAnswer> answers)
    {
        List<RowAnswer> all = [];
        await foreach (RowAnswer answer in answers) all.Add(answer);
        return [.. all];
    }

    private sealed class Steps : IProgress<LargeProgress>
    {
        public LargeProgress Last { get; private set; }

        public int Count { get; private set; }

        public void Report(LargeProgress value)
        {
            Last = value;
            Count++;
        }
    }
}
