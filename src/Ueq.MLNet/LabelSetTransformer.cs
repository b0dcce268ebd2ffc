using Microsoft.ML;
using Microsoft.ML.Runtime;
using Ueq.Conformal;
using Ueq.MLNet.Views;

namespace Ueq.MLNet;

/// <summary>A fitted classification of ML.NET with its calibration: appends <c>PredictedSet</c> and <c>PValues</c>.</summary>
/// <remarks>
/// <para>
/// <c>PredictedSet</c> is a vector of Boolean, whether each class is in the set; <c>PValues</c> a vector of Single, the conformal p-value
/// of each class. Their slots are named after <see cref="Classes"/> and stand in the order of the model's scores.
/// </para>
/// The guarantee is that of <see cref="LabelSetCalibration"/>. Where the model answers NaN every class is in, with a p-value of 1.
/// </remarks>
public sealed class LabelSetTransformer : CalibratedTransformer
{
    internal const string Loader = "UeqLabelSets";
    private readonly LabelSetColumns _columns;

    internal LabelSetTransformer(ITransformer model, LabelSetColumns columns)
        : base(model, columns.Coverage) => _columns = columns;

    /// <summary>The calibration scores.</summary>
    public LabelSetCalibration Calibration => _columns.Calibration;

    /// <summary>Names of the classes, in the order of the slots.</summary>
    public IReadOnlyList<string> Classes => _columns.Classes;

    /// <summary>What is answered where the set would be empty.</summary>
    public EmptySets Empty => _columns.Empty;

    /// <inheritdoc/>
    public override Guarantee Guarantee => Calibration.Guarantee(Coverage);

    internal override ScoredColumns Columns => _columns;

    /// <summary>The same model and calibration at another level.</summary>
    public LabelSetTransformer At(Coverage coverage) => new(Model, _columns.At(coverage));

    internal static LabelSetTransformer From(ITransformer model, IDataView calibration, LabelSetOptions? options, ClassOutput output, int[]? rows = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(calibration);
        options ??= new LabelSetOptions();
        options.Validate();
        IDataView scored = model.Transform(calibration);
        string source = options.ProbabilityColumn ?? output.DefaultColumn;
        DataViewSchema.Column probability = output.ColumnOf(scored.Schema, source);
        DataViewSchema.Column label = Expect.Column(scored.Schema, options.LabelColumn, "the truth");
        string[] classes = output.ClassesOf(probability, label);
        List<double> probabilities = [];
        List<int> labels = [];
        using (DataViewRowCursor cursor = scored.GetRowCursor([probability, label]))
        {
            Func<int> truth = output.Truth(cursor, label);
            ProbabilityReader reader = output.Open(cursor, probability);
            double[] all = new double[classes.Length];
            while (cursor.MoveNext())
            {
                int row = rows?[labels.Count] ?? labels.Count;
                int index = truth();
                if (index < 0) throw new AssumptionException(Assumption.EveryClassPresent, $"Expected one of the classes {Expect.Some(classes)} in the column '{label.Name}' at row {row}, found none: the label is missing, or the model was fitted without this class.");
                reader.Read(all);
                foreach (double p in all)
                    if (!(p >= 0 && p <= 1)) throw Expect.NoProbability(p, probability, row);
                probabilities.AddRange(all);
                labels.Add(index);
            }
        }

        Expect.Rows(labels.Count);
        LabelSetCalibration scores = LabelSetCalibration.From([.. probabilities], classes.Length, [.. labels]);
        return new LabelSetTransformer(model, new LabelSetColumns(output, source, classes, scores, options.Coverage, options.Empty));
    }

    internal static LabelSetTransformer Create(IHostEnvironment environment, object context)
    {
        (ITransformer model, LabelSetColumns columns) = Archive.Read(environment, context, LabelSetColumns.Read);
        return new LabelSetTransformer(model, columns);
    }

    private protected override void Save(ModelSaveContext context) => Archive.Write(context, "UEQ LSET", Loader, Model, _columns.Write);
}
