namespace Ueq.MLNet.Tests;

public sealed class MLNetTrainersTests
{
    [Fact]
    public void AnUnknownNameListsTheKnownOnes()
    {
        ArgumentException unknown = Assert.Throws<ArgumentException>(() => MLNetTrainers.Regression("xgboost"));
        Assert.Contains("lightgbm, fasttree, fastforest, linear, got 'xgboost'", unknown.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => MLNetTrainers.Classification("", 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => MLNetTrainers.Classification("linear", 1));
    }

    public static TheoryData<MLNetOptions> Bad =>
    [
        new LightGbmOptions { Trees = 0 }, new LightGbmOptions { Leaves = 1 }, new LightGbmOptions { LearningRate = 0 },
        new LightGbmOptions { LearningRate = double.NaN }, new LightGbmOptions { RowsPerLeaf = 0 }, new LightGbmOptions { RowShare = 1.5 },
        new LightGbmOptions { Threads = 0 }, new FastTreeOptions { Trees = -1 }, new FastTreeOptions { FeatureShare = 0 },
        new FastForestOptions { Leaves = 1 }, new FastForestOptions { RowsPerLeaf = -3 }, new LinearOptions { Ridge = 0 }, new LinearOptions { Passes = 0 },
    ];

    [Theory]
    [MemberData(nameof(Bad))]
    public void AnOptionOutsideItsRangeIsRefused(MLNetOptions options)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new MLNetRegressionTrainer(options));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MLNetClassificationTrainer(options, 2));
    }
}
