using Microsoft.ML;
using Microsoft.ML.Data;
using Ueq.MLNet.Pipelines;
using Ueq.Versions;

namespace Ueq.MLNet;

/// <summary>A fitted ML.NET pipeline in a file, what it answers, and the predictor over the columns of some data: for a host that does not know the pipeline.</summary>
/// <remarks>
/// The file is what <c>mlContext.Model.Save(model, schema, file)</c> writes. A regression is read from its column Score, a classification of
/// several classes from the vector Score, one of yes and no from Probability. Immutable and safe to share between threads.
/// </remarks>
public sealed class MLNetModelFile
{
    private readonly PipelineAnswer _answer;
    private readonly DataViewSchema _schema;
    private readonly IReadOnlyList<DataViewSchema.Column> _needed;

    private MLNetModelFile(byte[] archive, string source, ITransformer transformer, DataViewSchema schema)
    {
        Archive = archive;
        Source = source;
        Transformer = transformer;
        _schema = schema;
        IRowToRowMapper mapper = transformer.GetRowToRowMapper(schema);
        _answer = PipelineAnswer.Of(source, mapper.OutputSchema);
        HashSet<string> needed = [.. mapper.GetDependencies([mapper.OutputSchema[_answer.Column]]).Select(column => column.Name)];
        _needed = [.. schema.Where(column => !column.IsHidden && needed.Contains(column.Name))];
    }

    /// <summary>Regression or classification.</summary>
    public ModelTask Task => _answer.Classes is null ? ModelTask.Regression : ModelTask.Classification;

    /// <summary>Names of the classes in the order of their probabilities; <c>null</c> of a regression. Of yes and no they are False and True.</summary>
    public IReadOnlyList<string>? Classes => _answer.Classes;

    /// <summary>Names of the columns that the pipeline reads for its answer, which the label is not among.</summary>
    public IReadOnlyList<string> Columns => [.. _needed.Select(column => column.Name)];

    internal string Source { get; }

    internal byte[] Archive { get; }

    internal ITransformer Transformer { get; }

    /// <summary>Reads a pipeline and finds out what it answers.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, of another kind, or answers nothing that can be read.</exception>
    public static MLNetModelFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path)) throw new FileNotFoundException($"{path}: expected a pipeline saved by mlContext.Model.Save, got no such file.", path);
        return Open(File.ReadAllBytes(path), path);
    }

    internal static MLNetModelFile Open(byte[] archive, string source)
    {
        ArchiveCheck.Run(archive, source);
        try
        {
            ITransformer transformer = new MLContext(seed: 0).RegisterUeq().Model.Load(new MemoryStream(archive, writable: false), out DataViewSchema? schema);
            if (schema is null) throw new InvalidDataException("it was saved without the schema of its input");
            if (!transformer.IsRowToRowMapper) throw new InvalidDataException("it does not answer row by row");
            return new MLNetModelFile(archive, source, transformer, schema);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException && !(fault is InvalidDataException && fault.Message.StartsWith(source, StringComparison.Ordinal)))
        {
            throw new InvalidDataException($"{source}: expected a pipeline saved by mlContext.Model.Save that can be loaded here, got: {fault.Message}", fault);
        }
    }

    /// <summary>The predictor over rows of these features: an <see cref="MLNetRegressor"/> or an <see cref="MLNetClassifier"/>.</summary>
    /// <remarks>
    /// A single value comes from the column of its name, a text from the category that is 1. One vector takes the columns that its slots are
    /// named after, or else all columns that nothing else is made of, in their order. The label need not be there.
    /// </remarks>
    /// <exception cref="ArgumentException">A column is missing or of another type: names the file, what was found and what was expected.</exception>
    /// <exception cref="InvalidDataException">The pipeline cannot answer rows of its own schema.</exception>
    public IStoredPredictor Predictor(FeatureSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        Pipeline pipeline = new(this, PipelineColumns.Match(Source, _schema, _needed, schema));
        Fitted fitted = new([new Slot(Transformer, 0)], _answer.Output, schema.Width, pipeline.Input.AcceptsMissing, float.NaN, pipeline);
        Try(fitted);
        return Classes is { } classes
            ? new MLNetClassifier(fitted, classes.Count, [.. Enumerable.Range(0, classes.Count)])
            : new MLNetRegressor(fitted, 0, 1);
    }

    // One row: a pipeline that cannot answer fails here, not in service.
    private void Try(Fitted fitted)
    {
        try
        {
            Scorer scorer = fitted.Rent();
            scorer.Score(fitted.Pipeline!.Input.Sample(), new double[_answer.Output == OutputKind.Probabilities ? Classes!.Count : 1]);
            fitted.Return(scorer);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            throw new InvalidDataException($"{Source}: expected an answer to a row of zeros, got: {fault.Message}", fault);
        }
    }
}
