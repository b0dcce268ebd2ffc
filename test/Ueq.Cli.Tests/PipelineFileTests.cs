using Microsoft.ML;
using Microsoft.ML.Data;
using Ueq.Cli.Tests.Support;
using Ueq.MLNet;
using Ueq.Versions;

namespace Ueq.Cli.Tests;

/// <summary>Pipelines that <c>mlContext.Model.Save</c> wrote, calibrated and served by the command.</summary>
public sealed class PipelineFileTests : IDisposable
{
    private static readonly MLContext _context = new(seed: 1);
    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>A house as a table has it: a number, a text and the target.</summary>
    private sealed class House
    {
        public float Size { get; set; }

        public string City { get; set; } = "";

        public float Price { get; set; }

        public bool Dear { get; set; }
    }

    private static House[] Houses(int rows, ulong seed)
    {
        Rng rng = Rng.Stream(seed, 0);
        House[] houses = new House[rows];
        for (int i = 0; i < rows; i++)
        {
            float size = (float)(50 + 100 * rng.NextUniform());
            string city = rng.NextUniform() < 0.5 ? "Bonn" : "Köln";
            double price = 3 * size + (city == "Bonn" ? 0 : 80) + 10 * rng.NextNormal();
            houses[i] = new House { Size = size, City = city, Price = (float)price, Dear = price > 300 };
        }

        return houses;
    }

    private string Table(string name, IEnumerable<House> houses, Func<House, string> target) =>
        _folder.Write(name, "City,Size,target\n" + string.Concat(houses.Select(house => FormattableString.Invariant($"{house.City},{house.Size},{target(house)}\n"))));

    private string Save(IEstimator<ITransformer> trainer, string label)
    {
        IDataView train = _context.Data.LoadFromEnumerable(Houses(400, 1));
        IEstimator<ITransformer> pipeline = _context.Transforms.Categorical.OneHotEncoding("Town", "City")
            .Append(_context.Transforms.Concatenate("Features", "Size", "Town")).Append(_context.Transforms.NormalizeMeanVariance("Features")).Append(trainer);
        string path = _folder[label + ".zip"];
        _context.Model.Save(pipeline.Fit(train), train.Schema, path);
        return path;
    }

    [Fact]
    public async Task ARegressionPipelineWithATextColumnIsCalibratedAndAnswers()
    {
        string model = Save(_context.Regression.Trainers.FastTree("Price"), "Price");
        string calibration = Table("cal.csv", Houses(300, 2), house => FormattableString.Invariant($"{house.Price}"));
        string test = Table("test.csv", Houses(500, 3), house => FormattableString.Invariant($"{house.Price}"));
        Answer fit = (await UeqCommand.Run("fit", "--model", model, "--calibration", calibration, "--target", "target", "--output", _folder["m"], "--json")).Succeeds();
        Assert.Equal(("Price.zip", "split", 300), ((string)fit.Json["model"]!, (string)fit.Json["method"]!, (int)fit.Json["guarantee"]!["n"]!));
        Answer answer = (await UeqCommand.Run("evaluate", "--model", model, "--calibration", calibration, "--data", test, "--target", "target", "--json")).Succeeds();
        Assert.InRange((double)answer.Json[0]!["coverage"]!, 0.84, 0.96);
        // The noise has σ 10: the best width is 33; a model that did not get its columns would need 200.
        Assert.InRange((double)answer.Json[0]!["mean_width"]!, 30, 75);
    }

    [Fact]
    public async Task FalseAndTrueOfAPipelineAreZeroAndOneOfATable()
    {
        string model = Save(_context.BinaryClassification.Trainers.LbfgsLogisticRegression("Dear"), "Dear");
        string calibration = Table("cal.csv", Houses(300, 2), house => house.Dear ? "1" : "0");
        (await UeqCommand.Run("fit", "--model", model, "--calibration", calibration, "--target", "target", "--output", _folder["m"])).Succeeds();
        ModelVersion version = VersionDirectory.Load(_folder["m"], [new MLNetFormat()]);
        Assert.Equal(["0", "1"], version.Manifest.Classes!);
        Assert.True(version.Manifest.Metrics["accuracy_calibration"] > 0.9);
        string other = Table("other.csv", Houses(300, 2), house => house.Dear ? "dear" : "cheap");
        (await UeqCommand.Run("fit", "--model", model, "--calibration", other, "--target", "target", "--output", _folder["n"])).Fails(1, "Dear.zip", "'target'", "got 'cheap'");
    }

    [Fact]
    public async Task AColumnThatThePipelineReadsAndTheTableLacksIsNamed()
    {
        string model = Save(_context.Regression.Trainers.FastTree("Price"), "Price");
        string table = _folder.Write("lacks.csv", "Size,target\n50,150\n60,180\n70,215\n");
        (await UeqCommand.Run("fit", "--model", model, "--calibration", table, "--target", "target", "--output", _folder["m"])).Fails(1, "Price.zip", "City");
    }
}
