using System.Text.Json;
using Ueq.Versions;

namespace Ueq.Serving.Tests.Experiments;

/// <summary>A service of one model with a champion and a challenger whose intervals are narrower.</summary>
internal static class ExperimentServer
{
    public const string Champion = "houses@champion";
    public const string Challenger = "houses@challenger";

    public static IReadOnlyList<KeyValuePair<string, ModelVersion>> Models { get; } =
    [
        KeyValuePair.Create("houses", Version('a', 4)),
        KeyValuePair.Create(Champion, Version('a', 4)),
        KeyValuePair.Create(Challenger, Version('b', 3)),
        KeyValuePair.Create("broken", Version('c', double.NaN)),
    ];

    public static ExperimentConfig Split(ExperimentKind kind = ExperimentKind.AB, double challenger = 0.5, string other = Challenger) => new()
    {
        Name = "narrow",
        Kind = kind,
        Model = "houses",
        Arms = [new(Champion, kind == ExperimentKind.Shadow ? 1 : 1 - challenger), new(other, challenger)],
    };

    public static UeqServiceConfig Config(string store, params ExperimentConfig[] experiments) => new() { Store = store, ReceiptKey = new string('k', 40), Experiments = experiments };

    public static async Task<Server> Start(UeqServiceConfig config)
    {
        Server server = await Server.Start(Models, config);
        await server.Service<Keeping.StoreKeeper>().Opened;
        return server;
    }

    public static string Body(string? user, int rows = 1, string more = "") =>
        $$"""{"X":[{{string.Join(",", Enumerable.Range(0, rows).Select(i => $"[{i},2,3]"))}}]{{(user is null ? "" : $",\"user_id\":\"{user}\"")}}{{more}}}""";

    public static string ArmOf(JsonElement answer) => answer.GetProperty("experiment").GetProperty("arm").GetString()!;

    public static JsonElement Arm(JsonElement experiment, string arm) => experiment.GetProperty("arms").EnumerateArray().Single(a => a.GetProperty("arm").GetString() == arm);

    public static async Task Label(Server server, IEnumerable<(string Receipt, double Y)> labels)
    {
        string body = JsonSerializer.Serialize(new { labels = labels.Select(l => new { receipt = l.Receipt, y = l.Y }) });
        (int status, string text) = await server.Post("/feedback", body);
        Assert.True(status == 200, text);
    }

    private static ModelVersion Version(char digest, double width) => new(Fakes.Sum().Manifest, new WidthModel(width), default, new string(digest, 64));

    /// <summary>y = Σ x, an interval of a width; throws where there is none.</summary>
    private sealed class WidthModel(double width) : IIntervalPredictor
    {
        public int Features => 3;

        public void Predict(FeatureMatrix x, Coverage coverage, Span<double> predictions, Span<Interval> intervals)
        {
            if (double.IsNaN(width)) throw new InvalidOperationException("a model that is being tried");
            for (int row = 0; row < x.Rows; row++)
            {
                predictions[row] = x.Row(row)[0] + x.Row(row)[1] + x.Row(row)[2];
                intervals[row] = new Interval(predictions[row] - width / 2, predictions[row] + width / 2);
            }
        }

        public Guarantee Guarantee(Coverage coverage) => new(GuaranteeKind.SplitConformal, coverage, coverage.Rank(100), 100);
    }
}
