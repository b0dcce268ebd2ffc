using Microsoft.ML;
using Microsoft.ML.Runtime;
using Ueq.Conformal;
using Ueq.MLNet.Views;

namespace Ueq.MLNet;

/// <summary>A fitted regression of ML.NET with its calibration: appends <c>Score.Lower</c> and <c>Score.Upper</c>.</summary>
/// <remarks>
/// Split conformal prediction by the absolute residual; the guarantee is that of <see cref="IntervalCalibration"/>. The ends are Single,
/// rounded outwards, and infinite where there are too few calibration rows for the level or where the model answers NaN.
/// </remarks>
public sealed class IntervalTransformer : CalibratedTransformer
{
    internal const string Loader = "UeqIntervals";
    private readonly IntervalColumns _columns;

    internal IntervalTransformer(ITransformer model, IntervalCalibration calibration, Coverage coverage, string scoreColumn)
        : base(model, coverage)
    {
        Calibration = calibration;
        _columns = new IntervalColumns(scoreColumn, calibration.Threshold(coverage));
    }

    /// <summary>The calibration scores.</summary>
    public IntervalCalibration Calibration { get; }

    /// <inheritdoc/>
    public override Guarantee Guarantee => Calibration.Guarantee(Coverage);

    internal override ScoredColumns Columns => _columns;

    /// <summary>The same model and calibration at another level.</summary>
    public IntervalTransformer At(Coverage coverage) => new(Model, Calibration, coverage, _columns.Source);

    /// <summary>Calibrates a fitted model on rows it has not seen.</summary>
    /// <param name="model">The fitted model.</param>
    /// <param name="calibration">The rows.</param>
    /// <param name="options">Names of columns and level.</param>
    /// <param name="rows">Where the rows stand in what the caller handed over, for messages; <c>null</c> where they are all of it.</param>
    internal static IntervalTransformer From(ITransformer model, IDataView calibration, IntervalOptions? options, int[]? rows = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(calibration);
        options ??= new IntervalOptions();
        options.Validate();
        IDataView scored = model.Transform(calibration);
        DataViewSchema.Column score = IntervalColumns.ScoreOf(scored.Schema, options.ScoreColumn);
        DataViewSchema.Column label = Expect.Column(scored.Schema, options.LabelColumn, "the truth");
        List<Band> bands = [];
        List<double> targets = [];
        using (DataViewRowCursor cursor = scored.GetRowCursor([score, label]))
        {
            ValueGetter<float> prediction = cursor.GetGetter<float>(score);
            Func<double> truth = Expect.Number(cursor, label);
            float predicted = 0;
            while (cursor.MoveNext())
            {
                prediction(ref predicted);
                int row = rows?[bands.Count] ?? bands.Count;
                targets.Add(Expect.Finite(truth(), label, row));
                if (!float.IsFinite(predicted)) throw Expect.NotFinite(predicted, score, row);
                bands.Add(new Band(predicted, predicted, 1));
            }
        }

        Expect.Rows(bands.Count);
        return new IntervalTransformer(model, IntervalCalibration.From([.. bands], [.. targets]), options.Coverage, options.ScoreColumn);
    }

    internal static IntervalTransformer Create(IHostEnvironment environment, object context)
    {
        (ITransformer model, (Coverage coverage, string column, double[] scores)) = Archive.Read(
            environment, context, reader => (CalibrationFile.ReadCoverage(reader), reader.ReadString(), CalibrationFile.ReadScores(reader)));
        return new IntervalTransformer(model, IntervalCalibration.FromScores(scores), coverage, column);
    }

    private protected override void Save(ModelSaveContext context) => Archive.Write(context, "UEQ INTV", Loader, Model, writer =>
    {
        writer.Write(Coverage.Value);
        writer.Write(_columns.Source);
        CalibrationFile.WriteScores(writer, Calibration.Scores);
    });
}
