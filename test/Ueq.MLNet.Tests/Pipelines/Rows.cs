using Microsoft.ML;
using Microsoft.ML.Data;
using Ueq.Data;

namespace Ueq.MLNet.Tests.Pipelines;

public sealed class Patient
{
    [VectorType(10)]
    public float[] Measurements { get; set; } = [];

    public float Label { get; set; }

    public string Name { get; set; } = "";
}

public sealed class Progress
{
    public float Score { get; set; }

    [ColumnName("Score.Lower")]
    public float Lower { get; set; }

    [ColumnName("Score.Upper")]
    public float Upper { get; set; }

    public string Name { get; set; } = "";
}

public sealed class Flower
{
    [VectorType(4)]
    public float[] Leaves { get; set; } = [];

    public string Species { get; set; } = "";

    public bool Large { get; set; }
}

public sealed class Kind
{
    public string PredictedLabel { get; set; } = "";

    public bool[] PredictedSet { get; set; } = [];

    public float[] PValues { get; set; } = [];
}

/// <summary>The bundled data sets as ML.NET's users have them, and pipelines over them.</summary>
internal static class Rows
{
    private static readonly string[] _species = ["setosa", "versicolor", "virginica"];

    public static MLContext Context() => new(seed: 1);

    public static Patient[] Patients()
    {
        Dataset data = Sets.Regression("reg-diabetes");
        return [.. data.Y.Select((y, i) => new Patient { Measurements = data.X.Row(i).ToArray(), Label = (float)y, Name = $"patient {i}" })];
    }

    public static Flower[] Flowers()
    {
        Dataset data = Sets.Classification("cls-iris");
        return [.. data.Y.Select((y, i) => new Flower { Leaves = data.X.Row(i).ToArray(), Species = _species[(int)y], Large = y == 2 })];
    }

    public static (IDataView Train, IDataView Test) Divided<T>(MLContext context, T[] rows, ulong seed = 1, double share = 0.3)
        where T : class
    {
        Rng rng = Rng.Stream(seed, 9);
        T[] order = [.. rows];
        rng.Shuffle<T>(order);
        int test = (int)(share * order.Length);
        return (context.Data.LoadFromEnumerable(order[test..]), context.Data.LoadFromEnumerable(order[..test]));
    }

    /// <summary>A linear regression: quick, and its features have to be made from another column.</summary>
    public static IEstimator<ITransformer> Progression(MLContext context) =>
        context.Transforms.NormalizeMeanVariance("Features", "Measurements")
            .Append(context.Regression.Trainers.LbfgsPoissonRegression(new() { NumberOfThreads = 1 }));

    public static IEstimator<ITransformer> Species(MLContext context) =>
        context.Transforms.Conversion.MapValueToKey("Label", "Species")
            .Append(context.Transforms.NormalizeMeanVariance("Features", "Leaves"))
            .Append(context.MulticlassClassification.Trainers.LbfgsMaximumEntropy(new() { NumberOfThreads = 1 }))
            .Append(context.Transforms.Conversion.MapKeyToValue("PredictedLabel"));

    public static IEstimator<ITransformer> Largeness(MLContext context) =>
        context.Transforms.NormalizeMeanVariance("Features", "Leaves")
            .Append(context.BinaryClassification.Trainers.LbfgsLogisticRegression(new() { LabelColumnName = "Large", NumberOfThreads = 1 }));

    public static float[] Singles(IDataView view, string column) => [.. view.GetColumn<float>(view.Schema[column])];
}
