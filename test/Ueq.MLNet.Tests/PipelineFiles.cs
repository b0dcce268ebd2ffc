using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Microsoft.ML.Trainers.LightGbm;

namespace Ueq.MLNet.Tests;

/// <summary>Pipelines as people save them.</summary>
internal static class PipelineFiles
{
    public const int Rows = 400;

    private static readonly string[] _cities = ["Bern", "Rom", "Ulm"];

    /// <summary>Data as ML.NET's users declare them: a column per feature, of several types, and a label.</summary>
    internal sealed class House
    {
        public float Size { get; set; }

        public double Age { get; set; }

        public int Floors { get; set; }

        public bool Garden { get; set; }

        public string City { get; set; } = "";

        [ColumnName("Label")]
        public float Price { get; set; }

        public string Grade { get; set; } = "";

        public bool Dear { get; set; }
    }

    /// <summary>One vector of known length.</summary>
    internal sealed class Point
    {
        [VectorType(3)]
        public float[] Features { get; set; } = [];

        public float Label { get; set; }
    }

    /// <summary>The columns of the houses as a table of features has them.</summary>
    public static FeatureSchema Schema { get; } = new(
    [
        new FeatureColumn("City") { Categories = ["Ulm", "Rom", "Bern"] },
        new FeatureColumn("Garden"), new FeatureColumn("Floors"), new FeatureColumn("More"), new FeatureColumn("Age"), new FeatureColumn("Size"),
    ]);

    public static House[] Houses { get; } = Build();

    public static FeatureMatrix X { get; } = new(
        Houses.SelectMany(h => (float[])[h.City == "Ulm" ? 1 : 0, h.City == "Rom" ? 1 : 0, h.City == "Bern" ? 1 : 0, h.Garden ? 1 : 0, h.Floors, 1e6f, (float)h.Age, h.Size]).ToArray(), 8);

    public static Point[] Points { get; } = [.. Houses.Select(h => new Point { Features = [h.Size, (float)h.Age, h.Floors], Label = h.Price })];

    public static FeatureMatrix PointX { get; } = new(Points.SelectMany(p => p.Features).ToArray(), 3);

    public static MLContext Context { get; } = new(seed: 1);

    public static IDataView Data { get; } = Context.Data.LoadFromEnumerable(Houses);

    public static IDataView PointData { get; } = Context.Data.LoadFromEnumerable(Points);

    public static IEstimator<ITransformer> Features() => Context.Transforms.Categorical.OneHotEncoding("CityKey", "City")
        .Append(Context.Transforms.Conversion.ConvertType([new("AgeSingle", "Age"), new("FloorsSingle", "Floors"), new("GardenSingle", "Garden")]))
        .Append(Context.Transforms.Concatenate("Features", "Size", "AgeSingle", "FloorsSingle", "GardenSingle", "CityKey"));

    // One thread each: on a busy machine the threads of native trainers wait for each other much longer than they work.
    public static ITransformer Regression { get; } = Features().Append(Context.Regression.Trainers.LightGbm(new LightGbmRegressionTrainer.Options { NumberOfIterations = 30, NumberOfThreads = 1 })).Fit(Data);

    public static ITransformer Several { get; } = Context.Transforms.Conversion.MapValueToKey("Class", "Grade").Append(Features())
        .Append(Context.MulticlassClassification.Trainers.LbfgsMaximumEntropy(new LbfgsMaximumEntropyMulticlassTrainer.Options { LabelColumnName = "Class", NumberOfThreads = 1 }))
        .Append(Context.Transforms.Conversion.MapKeyToValue("PredictedLabel")).Fit(Data);

    public static ITransformer Two { get; } = Features().Append(Context.BinaryClassification.Trainers.LightGbm(
        new LightGbmBinaryTrainer.Options { LabelColumnName = "Dear", NumberOfIterations = 20, NumberOfThreads = 1 })).Fit(Data);

    public static IEstimator<ITransformer> Linear() => Context.Regression.Trainers.Sdca(new SdcaRegressionTrainer.Options { NumberOfThreads = 1, MaximumNumberOfIterations = 20 });

    /// <summary>Answers of ML.NET itself.</summary>
    public static double[] Numbers(ITransformer model, IDataView data, string column) =>
        [.. model.Transform(data).GetColumn<float>(column).Select(value => (double)value)];

    public static double[] Vectors(ITransformer model, IDataView data) =>
        [.. model.Transform(data).GetColumn<float[]>("Score").SelectMany(row => row.Select(value => (double)value))];

    public static string Save(ITransformer model, IDataView data, string folder, string name = "model.zip")
    {
        string path = Path.Combine(folder, name);
        Context.Model.Save(model, data.Schema, path);
        return path;
    }

    private static House[] Build()
    {
        Rng rng = Rng.Stream(9, 0);
        House[] houses = new House[Rows];
        for (int i = 0; i < houses.Length; i++)
        {
            House house = houses[i] = new House
            {
                Size = 50 + 100 * (float)rng.NextUniform(),
                Age = rng.NextIndex(90),
                Floors = 1 + rng.NextIndex(4),
                Garden = rng.NextIndex(2) == 1,
                City = _cities[rng.NextIndex(3)],
            };
            house.Price = (float)(house.Size * 3 - house.Age + (house.Garden ? 40 : 0) + (house.City == "Bern" ? 80 : 0) + 10 * rng.NextNormal());
            house.Grade = house.Price < 250 ? "low" : house.Price < 350 ? "middle" : "high";
            house.Dear = house.Price > 300;
        }

        return houses;
    }
}
