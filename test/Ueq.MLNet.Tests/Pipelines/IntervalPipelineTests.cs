using Microsoft.ML;
using Microsoft.ML.Data;

namespace Ueq.MLNet.Tests.Pipelines;

public sealed class IntervalPipelineTests
{
    private readonly MLContext _context = Rows.Context();

    [Fact]
    public void IntervalsCoverDiabetesAsOftenAsTheySay()
    {
        double covered = 0, width = 0, count = 0;
        for (ulong seed = 1; seed <= 12; seed++)
        {
            var (train, test) = Rows.Divided(_context, Rows.Patients(), seed);
            IDataView scored = _context.Regression.Calibrated(Rows.Progression(_context), new IntervalOptions { Coverage = new Coverage(0.8), Seed = seed }).Fit(train).Transform(test);
            float[] lower = Rows.Singles(scored, "Score.Lower"), upper = Rows.Singles(scored, "Score.Upper"), truth = Rows.Singles(scored, "Label");
            for (int i = 0; i < truth.Length; i++)
            {
                covered += lower[i] <= truth[i] && truth[i] <= upper[i] ? 1 : 0;
                width += upper[i] - lower[i];
                count++;
            }
        }

        Assert.InRange(covered / count, 0.77, 0.86);
        // The labels run from 25 to 346; their standard deviation is 77.
        Assert.InRange(width / count, 100, 180);
    }

    [Fact]
    public void TheCalibrationRowsAreCoveredExactlyAsTheRankSays()
    {
        var (train, test) = Rows.Divided(_context, Rows.Patients());
        IntervalTransformer model = _context.Regression.Calibrate(Rows.Progression(_context).Fit(train), test, new IntervalOptions { Coverage = new Coverage(0.9) });
        IDataView scored = model.Transform(test);
        float[] score = Rows.Singles(scored, "Score"), lower = Rows.Singles(scored, "Score.Lower"), upper = Rows.Singles(scored, "Score.Upper"), truth = Rows.Singles(scored, "Label");
        int covered = truth.Where((y, i) => lower[i] <= y && y <= upper[i]).Count();
        Assert.Equal(model.Guarantee.Rank, covered);
        Assert.Equal(truth.Length, model.Calibration.Count);
        Assert.All(score.Select((s, i) => (s, i)), p => Assert.Equal(model.Calibration.Threshold(new Coverage(0.9)), upper[p.i] - p.s, 1e-3));
    }

    [Fact]
    public void TooFewRowsForTheLevelAnswerWithInfiniteEnds()
    {
        var (train, test) = Rows.Divided(_context, Rows.Patients());
        IntervalTransformer model = _context.Regression.Calibrated(Rows.Progression(_context), new IntervalOptions { Coverage = new Coverage(0.999) }).Fit(train);
        Assert.False(model.Guarantee.IsBounded);
        Assert.All(Rows.Singles(model.Transform(test), "Score.Upper"), end => Assert.Equal(float.PositiveInfinity, end));
        Assert.All(Rows.Singles(model.Transform(test), "Score.Lower"), end => Assert.Equal(float.NegativeInfinity, end));
        Assert.All(Rows.Singles(model.At(new Coverage(0.5)).Transform(test), "Score.Upper"), end => Assert.True(float.IsFinite(end)));
    }

    [Fact]
    public void CrossValidationScoresTheCalibratedPipeline()
    {
        var (train, _) = Rows.Divided(_context, Rows.Patients());
        var folds = _context.Regression.CrossValidate(train, _context.Regression.Calibrated(Rows.Progression(_context)), numberOfFolds: 3);
        Assert.Equal(3, folds.Count);
        Assert.All(folds, fold =>
        {
            Assert.InRange(fold.Metrics.RSquared, 0.2, 0.7);
            Assert.NotNull(fold.ScoredHoldOutSet.Schema.GetColumnOrNull("Score.Lower"));
            Assert.IsType<IntervalTransformer>(fold.Model);
        });
    }

    [Fact]
    public void TheEstimatorStandsInTheMiddleOfAChain()
    {
        var (train, test) = Rows.Divided(_context, Rows.Patients());
        var chain = _context.Transforms.NormalizeMeanVariance("Features", "Measurements")
            .Append(_context.Regression.Calibrated(_context.Regression.Trainers.LbfgsPoissonRegression()))
            .Append(_context.Transforms.Concatenate("Ends", "Score.Lower", "Score.Upper"))
            .Append(_context.Transforms.CustomMapping<Progress, Width>((row, width) => width.Size = row.Upper - row.Lower, contractName: null))
            .Append(_context.Transforms.SelectColumns("Ends", "Size", "Name"));
        IDataView scored = chain.Fit(train).Transform(test);
        Assert.Equal(["Ends", "Size", "Name"], scored.Schema.Select(column => column.Name));
        Assert.All(scored.GetColumn<float[]>("Ends").Zip(Rows.Singles(scored, "Size")), p => Assert.Equal(p.First[1] - p.First[0], p.Second));
        Assert.StartsWith("patient", scored.GetColumn<string>("Name").First(), StringComparison.Ordinal);
    }

    public sealed class Width
    {
        public float Size { get; set; }
    }

    [Fact]
    public void APredictionEngineAnswersAsTheBatchDoes()
    {
        var (train, test) = Rows.Divided(_context, Rows.Patients());
        IntervalTransformer model = _context.Regression.Calibrated(Rows.Progression(_context)).Fit(train);
        using PredictionEngine<Patient, Progress> engine = _context.Model.CreatePredictionEngine<Patient, Progress>(model);
        Patient[] patients = [.. _context.Data.CreateEnumerable<Patient>(test, reuseRowObject: false)];
        Progress[] batch = [.. _context.Data.CreateEnumerable<Progress>(model.Transform(test), reuseRowObject: false)];
        for (int i = 0; i < patients.Length; i++)
        {
            Progress one = engine.Predict(patients[i]);
            Assert.Equal((batch[i].Score, batch[i].Lower, batch[i].Upper, batch[i].Name), (one.Score, one.Lower, one.Upper, one.Name));
            Assert.InRange(one.Score, one.Lower, one.Upper);
        }
    }

    [Fact]
    public void TheSchemaSaysWhatTheRowsHold()
    {
        var (train, _) = Rows.Divided(_context, Rows.Patients());
        IntervalTransformer model = _context.Regression.Calibrated(Rows.Progression(_context)).Fit(train);
        DataViewSchema announced = model.GetOutputSchema(train.Schema), delivered = model.Transform(train).Schema;
        Assert.Equal(announced.Select(c => (c.Name, c.Type.ToString())), delivered.Select(c => (c.Name, c.Type.ToString())));
        Assert.Equal(NumberDataViewType.Single, delivered["Score.Lower"].Type);
        Assert.Equal(["Score", "Score.Lower", "Score.Upper"], delivered.Select(c => c.Name).TakeLast(3));
        Assert.True(model.IsRowToRowMapper);
    }

    [Fact]
    public void EveryCursorOfASetSeesItsShare()
    {
        var (train, test) = Rows.Divided(_context, Rows.Patients());
        IDataView scored = _context.Regression.Calibrated(Rows.Progression(_context)).Fit(train).Transform(test);
        DataViewSchema.Column upper = scored.Schema["Score.Upper"];
        DataViewRowCursor[] cursors = scored.GetRowCursorSet([upper], 4);
        List<float> ends = [];
        Parallel.ForEach(cursors, cursor =>
        {
            using DataViewRowCursor own = cursor;
            ValueGetter<float> getter = own.GetGetter<float>(upper);
            float end = 0;
            while (own.MoveNext())
            {
                getter(ref end);
                lock (ends) ends.Add(end);
            }
        });
        Assert.Equal(Rows.Singles(scored, "Score.Upper").Order(), ends.Order());
    }

    [Fact]
    public void OnlyTheColumnsThatAreAskedForAreComputed()
    {
        var (train, test) = Rows.Divided(_context, Rows.Patients());
        int asked = 0;
        var counted = _context.Transforms.CustomMapping<Patient, Seen>((_, seen) => seen.Times = Interlocked.Increment(ref asked), contractName: null)
            .Append(_context.Transforms.NormalizeMeanVariance("Features", "Measurements"))
            .Append(_context.Regression.Calibrated(_context.Regression.Trainers.LbfgsPoissonRegression()));
        IDataView scored = counted.Fit(train).Transform(test);
        Volatile.Write(ref asked, 0);
        Assert.NotEmpty(Rows.Singles(scored, "Score.Lower"));
        Assert.Equal(0, asked);
        Assert.NotEmpty(Rows.Singles(scored, "Times"));
        Assert.Equal((int)test.GetRowCount()!, asked);
        using DataViewRowCursor cursor = scored.GetRowCursor([scored.Schema["Score"]]);
        Assert.False(cursor.IsColumnActive(scored.Schema["Score.Lower"]));
        Assert.ThrowsAny<ArgumentException>(() => cursor.GetGetter<float>(scored.Schema["Score.Lower"]));
    }

    public sealed class Seen
    {
        public float Times { get; set; }
    }

    [Fact]
    public void ManyThreadsGetTheSameAnswers()
    {
        var (train, test) = Rows.Divided(_context, Rows.Patients());
        IntervalTransformer model = _context.Regression.Calibrated(Rows.Progression(_context)).Fit(train);
        float[] alone = Rows.Singles(model.Transform(test), "Score.Lower");
        Parallel.For(0, 8, _ => Assert.Equal(alone, Rows.Singles(model.Transform(test), "Score.Lower")));
    }

    [Fact]
    public void TheSameSeedCalibratesOnTheSameRows()
    {
        var (train, _) = Rows.Divided(_context, Rows.Patients());
        double[] Scores(ulong seed) => _context.Regression.Calibrated(Rows.Progression(Rows.Context()), new IntervalOptions { Seed = seed }).Fit(train).Calibration.Scores.ToArray();
        Assert.Equal(Scores(1), Scores(1));
        Assert.NotEqual(Scores(1), Scores(2));
    }

    [Fact]
    public void LightGbmIsCalibratedOverATextLoader()
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("ueq-").FullName, "data.csv");
        File.WriteAllLines(file, Rows.Patients().Select(p => string.Join(',', p.Measurements.Select(m => m.ToString("R")).Append(p.Label.ToString("R")))));
        TextLoader loader = _context.Data.CreateTextLoader([new("Features", DataKind.Single, 0, 9), new("Label", DataKind.Single, 10)], separatorChar: ',');
        IDataView data = loader.Load(file);
        Assert.Null(data.GetRowCount());
        IDataView scored = _context.Regression.Calibrated(_context.Regression.Trainers.LightGbm(numberOfIterations: 20)).Fit(data).Transform(data);
        Assert.Equal(442, Rows.Singles(scored, "Score.Lower").Length);
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }
}
