using Ueq.Testing;

namespace Ueq.Remote.Tests;

/// <summary>The laws of models and formats, over a real socket.</summary>
public sealed class LawTests : IAsyncLifetime
{
    private static readonly LinearTruth Truth = new([2, -1]);
    private OipServer _point = null!, _pair = null!, _classes = null!;

    public static TheoryData<Type> Types => [.. LawBook.Of<RemoteFormat>().Types];

    public async ValueTask InitializeAsync()
    {
        const string Input = """{"name":"m","inputs":[{"name":"x","datatype":"FP32","shape":[-1,2]}],"outputs":""";
        _point = await OipServer.Start(asked => asked.Answer(row => 2 * row[0] - row[1]));
        _pair = await OipServer.Start(
            asked => asked.Answer(("both", "FP64", [asked.Rows.Length, 2], asked.Rows.SelectMany(row => new[] { row[0], 1 + Math.Abs(row[1]) }).ToArray())),
            Input + """[{"name":"both","datatype":"FP64","shape":[-1,2]}]}""");
        _classes = await OipServer.Start(
            asked => asked.Answer(("p", "FP64", [asked.Rows.Length], asked.Rows.Select(row => 1 / (1 + Math.Exp(-row[0]))).ToArray())),
            Input + """[{"name":"p","datatype":"FP64","shape":[-1]}]}""");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (OipServer server in (OipServer[])[_point, _pair, _classes]) await server.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void TheLawsHold(Type type)
    {
        RemoteFormat format = new("127.0.0.1");
        StoragePromises few = new() { Places = 64 };
        RemoteOptions options = new() { Model = "m", BatchRows = 7 };
        LawBook.Of<RemoteFormat>()
            .Stored(() => new RemoteRegressor(RemoteModel.Connect(_point.Address, options)), format, Rows, storage: few)
            .Stored(() => new RemoteQuantileRegressor(RemoteModel.Connect(_pair.Address, options)), format, Rows, storage: few)
            .Stored(() => new RemoteGaussianRegressor(RemoteModel.Connect(_pair.Address, options)), format, Rows, storage: few)
            .Stored(() => new RemoteClassifier(RemoteModel.Connect(_classes.Address, options)), format, Rows, storage: few)
            .Hold(type);
    }

    [Fact]
    public void OnlyAllowedHostsAreAsked()
    {
        using RemoteModel model = RemoteModel.Connect(_point.Address, new RemoteOptions { Model = "m" });
        using MemoryStream file = new();
        new RemoteRegressor(model).Save(file);
        int before = _point.Seen.Count;
        foreach (RemoteFormat format in (RemoteFormat[])[new(), new("models.example.org")])
            Assert.Contains("127.0.0.1", Assert.Throws<InvalidDataException>(() => format.Load(new MemoryStream(file.ToArray()))).Message, StringComparison.Ordinal);
        Assert.Equal(before, _point.Seen.Count);
    }

    private static FeatureMatrix Rows() => Truth.Draw(20, 1).X;
}
