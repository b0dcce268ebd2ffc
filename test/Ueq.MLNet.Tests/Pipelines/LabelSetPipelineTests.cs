using Microsoft.ML;
using Microsoft.ML.Data;
using Ueq.Conformal;

namespace Ueq.MLNet.Tests.Pipelines;

public sealed class LabelSetPipelineTests
{
    private readonly MLContext _context = Rows.Context();

    [Fact]
    public void SetsCoverIrisAsOftenAsTheySay()
    {
        double covered = 0, size = 0, count = 0;
        for (ulong seed = 1; seed <= 12; seed++)
        {
            var (train, test) = Rows.Divided(_context, Rows.Flowers(), seed);
            LabelSetTransformer model = _context.MulticlassClassification.Calibrated(Rows.Species(_context), new LabelSetOptions { Seed = seed }).Fit(train);
            string[] classes = [.. model.Classes];
            Assert.Equal(["setosa", "versicolor", "virginica"], classes.Order());
            IDataView scored = model.Transform(test);
            foreach ((bool[] set, string species) in scored.GetColumn<bool[]>("PredictedSet").Zip(scored.GetColumn<string>("Species")))
            {
                covered += set[Array.IndexOf(classes, species)] ? 1 : 0;
                size += set.Count(inside => inside);
                count++;
            }
        }

        Assert.InRange(covered / count, 0.87, 0.99);
        Assert.InRange(size / count, 0.95, 1.3);
    }

    [Fact]
    public void TheSlotsAreNamedAfterTheClasses()
    {
        var (train, _) = Rows.Divided(_context, Rows.Flowers());
        LabelSetTransformer model = _context.MulticlassClassification.Calibrated(Rows.Species(_context)).Fit(train);
        DataViewSchema schema = model.GetOutputSchema(train.Schema);
        foreach (string column in (string[])["PredictedSet", "PValues"])
        {
            VBuffer<ReadOnlyMemory<char>> names = default;
            schema[column].GetSlotNames(ref names);
            Assert.Equal(model.Classes, names.DenseValues().Select(name => name.ToString()));
        }

        Assert.Equal(BooleanDataViewType.Instance, ((VectorDataViewType)schema["PredictedSet"].Type).ItemType);
        Assert.Equal(NumberDataViewType.Single, ((VectorDataViewType)schema["PValues"].Type).ItemType);
    }

    [Fact]
    public void AClassIsInTheSetWhereItsPValueExceedsTheMiss()
    {
        var (train, test) = Rows.Divided(_context, Rows.Flowers());
        Coverage coverage = new(0.75);
        LabelSetTransformer model = _context.MulticlassClassification.Calibrated(Rows.Species(_context), new LabelSetOptions { Coverage = coverage, Empty = EmptySets.Allowed }).Fit(train);
        IDataView scored = model.Transform(test);
        foreach ((bool[] set, float[] p) in scored.GetColumn<bool[]>("PredictedSet").Zip(scored.GetColumn<float[]>("PValues")))
            for (int k = 0; k < 3; k++) Assert.Equal(p[k] > 1 - model.Guarantee.Rank / (model.Guarantee.Count + 1.0) + 1e-6, set[k]);
    }

    [Fact]
    public void APredictionEngineAnswersAsTheBatchDoes()
    {
        var (train, test) = Rows.Divided(_context, Rows.Flowers());
        LabelSetTransformer model = _context.MulticlassClassification.Calibrated(Rows.Species(_context)).Fit(train);
        using PredictionEngine<Flower, Kind> engine = _context.Model.CreatePredictionEngine<Flower, Kind>(model);
        Kind[] batch = [.. _context.Data.CreateEnumerable<Kind>(model.Transform(test), reuseRowObject: false)];
        Flower[] flowers = [.. _context.Data.CreateEnumerable<Flower>(test, reuseRowObject: false)];
        for (int i = 0; i < flowers.Length; i++)
        {
            Kind one = engine.Predict(flowers[i]);
            Assert.Equal(batch[i].PredictedLabel, one.PredictedLabel);
            Assert.Equal(batch[i].PredictedSet, one.PredictedSet);
            Assert.Equal(batch[i].PValues, one.PValues);
            Assert.Contains(true, one.PredictedSet);
        }
    }

    [Fact]
    public void CrossValidationScoresTheCalibratedPipeline()
    {
        var (train, _) = Rows.Divided(_context, Rows.Flowers());
        var folds = _context.MulticlassClassification.CrossValidate(train, _context.MulticlassClassification.Calibrated(Rows.Species(_context)), numberOfFolds: 3);
        Assert.All(folds, fold => Assert.InRange(fold.Metrics.MicroAccuracy, 0.85, 1));
    }

    [Fact]
    public void YesAndNoAreTwoClasses()
    {
        var (train, test) = Rows.Divided(_context, Rows.Flowers());
        LabelSetTransformer model = _context.BinaryClassification.Calibrated(Rows.Largeness(_context), new LabelSetOptions { LabelColumn = "Large" }).Fit(train);
        Assert.Equal(["False", "True"], model.Classes);
        IDataView scored = model.Transform(test);
        int covered = scored.GetColumn<bool[]>("PredictedSet").Zip(scored.GetColumn<bool>("Large"), (set, truth) => set[truth ? 1 : 0]).Count(inside => inside);
        Assert.InRange(covered, 36, 45);
        Assert.Equal(Rows.Singles(scored, "Probability"), scored.GetColumn<float>(scored.Schema["Probability"]));
    }

    [Fact]
    public void TheModelsOwnScoresPassThroughUnchanged()
    {
        var (train, test) = Rows.Divided(_context, Rows.Flowers());
        LabelSetTransformer model = _context.MulticlassClassification.Calibrated(Rows.Species(_context)).Fit(train);
        IDataView calibrated = model.Transform(test), raw = model.Model.Transform(test);
        using DataViewRowCursor cursor = calibrated.GetRowCursor([calibrated.Schema["Score"], calibrated.Schema["PValues"]]);
        ValueGetter<VBuffer<float>> score = cursor.GetGetter<VBuffer<float>>(calibrated.Schema["Score"]), p = cursor.GetGetter<VBuffer<float>>(calibrated.Schema["PValues"]);
        VBuffer<float> scores = default, values = default;
        foreach (float[] expected in raw.GetColumn<float[]>("Score"))
        {
            Assert.True(cursor.MoveNext());
            p(ref values);
            score(ref scores);
            Assert.Equal(expected, scores.DenseValues());
        }
    }
}
