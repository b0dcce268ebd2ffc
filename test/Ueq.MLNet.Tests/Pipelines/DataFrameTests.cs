using Microsoft.Data.Analysis;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Ueq.MLNet.Tests.Pipelines;

public sealed class DataFrameTests
{
    [Fact]
    public void ADataFrameIsFittedAndAnswered()
    {
        MLContext context = Rows.Context();
        Patient[] patients = Rows.Patients();
        DataFrame frame = new(
            new SingleDataFrameColumn("mass", patients.Select(p => p.Measurements[2])),
            new SingleDataFrameColumn("pressure", patients.Select(p => p.Measurements[3])),
            new SingleDataFrameColumn("Label", patients.Select(p => p.Label)));
        var pipeline = context.Transforms.Concatenate("Features", "mass", "pressure")
            .Append(context.Transforms.NormalizeMeanVariance("Features"))
            .Append(context.Regression.Trainers.LbfgsPoissonRegression());
        IntervalTransformer model = context.Regression.Calibrated(pipeline).Fit(frame);
        IDataView scored = model.Transform(frame);
        float[] lower = Rows.Singles(scored, "Score.Lower"), upper = Rows.Singles(scored, "Score.Upper");
        int covered = patients.Where((p, i) => lower[i] <= p.Label && p.Label <= upper[i]).Count();
        Assert.InRange(covered / (double)patients.Length, 0.85, 0.96);
        Assert.Equal(patients.Select(p => p.Measurements[2]), scored.GetColumn<float>("mass"));
        DataFrame answers = context.Transforms.SelectColumns("Score", "Score.Lower", "Score.Upper").Fit(scored).Transform(scored).ToDataFrame(10);
        Assert.Equal(upper[..10], answers.Columns["Score.Upper"].Cast<float>());
    }
}
