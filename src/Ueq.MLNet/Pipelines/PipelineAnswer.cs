using Microsoft.ML;
using Microsoft.ML.Data;
using Ueq.MLNet.Views;

namespace Ueq.MLNet.Pipelines;

/// <summary>What a fitted pipeline answers, read off the columns it appends.</summary>
/// <param name="Output">Which numbers are read.</param>
/// <param name="Column">Name of the column they stand in.</param>
/// <param name="Classes">Names of the classes; <c>null</c> of a regression.</param>
internal sealed record PipelineAnswer(OutputKind Output, string Column, IReadOnlyList<string>? Classes)
{
    private const string Score = "Score", Probability = "Probability", PredictedLabel = "PredictedLabel", KindAnnotation = "ScoreColumnKind";

    /// <exception cref="InvalidDataException">It is neither a regression nor a classification with probabilities.</exception>
    public static PipelineAnswer Of(string source, DataViewSchema output)
    {
        if (output.GetColumnOrNull(Score) is not { } score)
            throw new InvalidDataException($"{source}: expected a pipeline with a column '{Score}', as a fitted model appends, got {Expect.Some(output.Where(column => !column.IsHidden).Select(column => column.Name))}.");
        DataViewSchema.Column? label = output.GetColumnOrNull(PredictedLabel);
        return KindOf(score, label) switch
        {
            "Regression" when score.Type == NumberDataViewType.Single => new PipelineAnswer(OutputKind.Score, Score, null),
            "BinaryClassification" => Two(source, output),
            "MulticlassClassification" when score.Type is VectorDataViewType { IsKnownSize: true, Size: > 1 } vector && vector.ItemType == NumberDataViewType.Single =>
                new PipelineAnswer(OutputKind.Probabilities, Score, Names(score, label, vector.Size)),
            string kind => throw new InvalidDataException($"{source}: expected a regression, or a classification with its probabilities, got {kind} with {score.Type} in the column '{Score}'."),
        };
    }

    private static PipelineAnswer Two(string source, DataViewSchema output) =>
        output.GetColumnOrNull(Probability) is { } probability && probability.Type == NumberDataViewType.Single
            ? new PipelineAnswer(OutputKind.Probability, Probability, [bool.FalseString, bool.TrueString])
            : throw new InvalidDataException($"{source}: expected a classification with the probability of yes in the column '{Probability}', got scores only: fit it with a calibrator, such as BinaryClassification.Calibrators.Platt.");

    // The trainer says it; where a later step has forgotten it, the types do.
    private static string KindOf(DataViewSchema.Column score, DataViewSchema.Column? label)
    {
        if (score.Annotations.Schema.GetColumnOrNull(KindAnnotation)?.Type is TextDataViewType)
        {
            ReadOnlyMemory<char> kind = default;
            score.Annotations.GetValue(KindAnnotation, ref kind);
            return kind.ToString();
        }

        return label?.Type is BooleanDataViewType ? "BinaryClassification" : label?.Type is KeyDataViewType ? "MulticlassClassification" : "Regression";
    }

    private static IReadOnlyList<string> Names(DataViewSchema.Column score, DataViewSchema.Column? label, int classes) =>
        ClassNames.Of(score, classes) ?? (label is { } column ? ClassNames.Of(column, classes) : null)
        ?? [.. Enumerable.Range(0, classes).Select(k => k.ToString(System.Globalization.CultureInfo.InvariantCulture))];
}
