using Microsoft.ML;
using Microsoft.ML.Data;
using Ueq.MLNet.Views;

namespace Ueq.MLNet;

/// <summary>A fitted ML.NET model with its calibration: everything the model appends to a data view, and calibrated columns after it.</summary>
/// <remarks>
/// Rows stream: nothing is copied, and only the columns that are asked for are computed. <c>mlContext.Model.Save</c> writes model and
/// calibration together; before <c>mlContext.Model.Load</c>, call <see cref="CalibratedModels.RegisterUeq"/> once on that context.
/// Immutable and safe to share between threads, as far as the model is. Disposing disposes the model.
/// </remarks>
public abstract class CalibratedTransformer : ITransformer, IDisposable
{
    private protected CalibratedTransformer(ITransformer model, Coverage coverage)
    {
        Model = model;
        Coverage = coverage;
    }

    /// <summary>The model before calibration.</summary>
    public ITransformer Model { get; }

    /// <summary>The level of the appended columns.</summary>
    public Coverage Coverage { get; }

    /// <summary>What is promised at that level.</summary>
    public abstract Guarantee Guarantee { get; }

    /// <inheritdoc/>
    public bool IsRowToRowMapper => Model.IsRowToRowMapper;

    internal abstract ScoredColumns Columns { get; }

    /// <inheritdoc/>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Columns.Extend(Model.GetOutputSchema(inputSchema));

    /// <inheritdoc/>
    public IDataView Transform(IDataView input) => new AppendedView(Model.Transform(input), Columns);

    /// <inheritdoc/>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => new AppendedMapper(Model.GetRowToRowMapper(inputSchema), Columns);

    /// <inheritdoc/>
    void ICanSaveModel.Save(ModelSaveContext ctx) => Save(ctx);

    /// <inheritdoc/>
    public void Dispose()
    {
        (Model as IDisposable)?.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected abstract void Save(ModelSaveContext context);
}
