using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Ueq.Cli.Tests.Support;

namespace Ueq.Cli.Tests;

/// <summary>What becomes of an online level when the service is killed.</summary>
public sealed class OnlineFaultTests : IDisposable
{
    private const int Rows = 120, Together = 6;

    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public Task FourKillsNeitherLoseNorRepeatALabel() => Kill(times: 4);

    [Fact]
    [Trait("Category", "Long")]
    public Task FiftyKillsNeitherLoseNorRepeatALabel() => Kill(times: 50);

    private async Task Kill(int times)
    {
        List<string> told = [];
        Rng rng = Rng.Stream(77, (ulong)times);
        for (int kill = 0; kill < times; kill++)
        {
            using LabelServer server = await LabelServer.StartOnline(_folder);
            string[] receipts = await server.Receipts(Rows);
            int until = 1 + rng.NextIndex(Rows / Together);
            for (int i = 0; i < Rows; i += Together)
            {
                if (i / Together == until) server.Kill();
                try
                {
                    await server.Feedback(receipts[i..(i + Together)]);
                }
                catch (Exception gone) when (gone is HttpRequestException or IOException or OperationCanceledException)
                {
                    break;
                }
            }

            told.AddRange(receipts);
        }

        string atTheEnd;
        using (LabelServer last = await LabelServer.StartOnline(_folder))
        {
            foreach (string[] some in told.Chunk(600)) await last.Feedback(some);
            atTheEnd = await last.Level(told.Count);
        }

        // Without any saved state the whole ledger is read from its beginning: the same level, to the last bit.
        SqliteConnection.ClearAllPools();
        await using (SqliteConnection store = new($"Data Source={_folder["ueq.db"]};Pooling=False"))
        {
            await store.OpenAsync(TestContext.Current.CancellationToken);
            await using SqliteCommand forget = store.CreateCommand();
            forget.CommandText = "DELETE FROM ueq_states WHERE part = 'online'";
            await forget.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        using LabelServer again = await LabelServer.StartOnline(_folder);
        Assert.Equal(atTheEnd, await again.Level(told.Count));
        Assert.Equal(told.Count, (long)JsonNode.Parse(atTheEnd)!["updates"]!);
    }
}
