using Microsoft.ML;
using Microsoft.ML.Data;

namespace Ueq.MLNet.Tests.Pipelines;

public sealed class SavedPipelineTests
{
    private readonly MLContext _context = Rows.Context();

    private static ITransformer RoundTrip(MLContext context, ITransformer model, DataViewSchema input, MLContext fresh, out DataViewSchema schema)
    {
        using MemoryStream file = new();
        context.Model.Save(model, input, file);
        file.Position = 0;
        return fresh.Model.Load(file, out schema);
    }

    [Fact]
    public void IntervalsComeBackWithTheirCalibration()
    {
        var (train, test) = Rows.Divided(_context, Rows.Patients());
        IntervalTransformer model = _context.Regression.Calibrated(Rows.Progression(_context), new IntervalOptions { Coverage = new Coverage(0.8) }).Fit(train);
        ITransformer loaded = RoundTrip(_context, model, train.Schema, new MLContext().RegisterUeq(), out DataViewSchema schema);
        Assert.Equal(train.Schema.Select(c => c.Name), schema.Select(c => c.Name));
        IntervalTransformer again = Assert.IsType<IntervalTransformer>(Single(loaded));
        Assert.Equal(model.Calibration.Scores.ToArray(), again.Calibration.Scores.ToArray());
        Assert.Equal(model.Guarantee, again.Guarantee);
        foreach (string column in (string[])["Score", "Score.Lower", "Score.Upper"]) Assert.Equal(Rows.Singles(model.Transform(test), column), Rows.Singles(loaded.Transform(test), column));
    }

    [Fact]
    public void LabelSetsComeBackWithTheirCalibration()
    {
        var (train, test) = Rows.Divided(_context, Rows.Flowers());
        LabelSetTransformer model = _context.MulticlassClassification.Calibrated(Rows.Species(_context)).Fit(train);
        ITransformer loaded = RoundTrip(_context, model, train.Schema, new MLContext().RegisterUeq(), out _);
        LabelSetTransformer again = Assert.IsType<LabelSetTransformer>(Single(loaded));
        Assert.Equal(model.Classes, again.Classes);
        Assert.Equal(model.Guarantee, again.Guarantee);
        Assert.Equal(model.Empty, again.Empty);
        Assert.Equal(model.Transform(test).GetColumn<bool[]>("PredictedSet"), loaded.Transform(test).GetColumn<bool[]>("PredictedSet"));
        Assert.Equal(model.Transform(test).GetColumn<float[]>("PValues"), loaded.Transform(test).GetColumn<float[]>("PValues"));
    }

    [Fact]
    public void AChainAroundTheModelIsSavedToo()
    {
        var (train, test) = Rows.Divided(_context, Rows.Flowers());
        ITransformer chain = _context.BinaryClassification.Calibrated(Rows.Largeness(_context), new LabelSetOptions { LabelColumn = "Large" })
            .Append(_context.Transforms.CopyColumns("Sets", "PredictedSet")).Fit(train);
        ITransformer loaded = RoundTrip(_context, chain, train.Schema, new MLContext().RegisterUeq(), out _);
        Assert.Equal(chain.Transform(test).GetColumn<bool[]>("Sets"), loaded.Transform(test).GetColumn<bool[]>("Sets"));
        // A second registration changes nothing, and a loaded model can be saved again.
        Assert.NotNull(RoundTrip(_context, loaded, train.Schema, new MLContext().RegisterUeq().RegisterUeq(), out _));
    }

    private static ITransformer Single(ITransformer loaded) => loaded is IEnumerable<ITransformer> chain ? chain.Single() : loaded;
}
