using Microsoft.ML;
using Ueq.Testing;
using Ueq.Versions;

namespace Ueq.MLNet.Tests;

/// <summary>The laws of models, trainers and formats, held against everything public that there is.</summary>
public sealed class LawTests
{
    private static readonly LinearTruth Truth = new([3, -2, 0], noise: 0.1);
    private static readonly ClassTruth Classes = new(3);
    private static readonly LawBook Book = Written();

    public static TheoryData<Type> Types => [.. Book.Types];

    [Theory]
    [MemberData(nameof(Types))]
    public void TheLawsHold(Type type) => Book.Hold(type);

    private static FeatureMatrix Rows() => Truth.Draw(60, 1).X;

    private static LawBook Written()
    {
        LawBook book = LawBook.Of<MLNetFormat>();
        foreach (string name in Sets.Names)
        {
            MLNetOptions one = name switch
            {
                "lightgbm" => new LightGbmOptions { Trees = 10 },
                "fasttree" => new FastTreeOptions { Trees = 10 },
                "fastforest" => new FastForestOptions { Trees = 10 },
                _ => new LinearOptions(),
            };
            MLNetOptions two = one with { Threads = 2 };
            book.Stored(() => new MLNetRegressionTrainer(one).Fit(Truth.Draw(200, 2).X, Truth.Draw(200, 2).Y, 1), new MLNetFormat(), Rows, storage: new() { Places = 64 })
                .Stored(() => new MLNetClassificationTrainer(one, 3).Fit(Classes.Draw(200, 2).X, Classes.Draw(200, 2).Y, 1), new MLNetFormat(), Rows, storage: new() { Places = 64 })
                .Trainer(new MLNetRegressionTrainer(one), new MLNetRegressionTrainer(two), () => Truth.Draw(200, 2))
                .Trainer(new MLNetClassificationTrainer(one, 3), new MLNetClassificationTrainer(two, 3), () => Classes.Draw(200, 2));
        }

        return book
            .Stored(() => (MLNetRegressor)Pipeline(PipelineFiles.Regression), new MLNetFormat(), Houses, storage: new() { Places = 64 })
            .Stored(() => (MLNetClassifier)Pipeline(PipelineFiles.Several), new MLNetFormat(), Houses, storage: new() { Places = 64 })
            .Stored(() => (MLNetClassifier)Pipeline(PipelineFiles.Two), new MLNetFormat(), Houses, storage: new() { Places = 64 });
    }

    private static FeatureMatrix Houses() => PipelineFiles.X.Slice(0, 60);

    private static IStoredPredictor Pipeline(ITransformer model)
    {
        string folder = Directory.CreateTempSubdirectory("ueq-mlnet-").FullName;
        try
        {
            return MLNetModelFile.Open(PipelineFiles.Save(model, PipelineFiles.Data, folder)).Predictor(PipelineFiles.Schema);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
