using System.Text.Json.Serialization;

namespace Ueq.Monitoring;

/// <summary>What has to be true for an estimate without labels to mean anything.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LabelFreeAssumption>))]
public enum LabelFreeAssumption
{
    /// <summary>Only the rows have changed, not how the target depends on them. A change of that kind cannot be seen without labels.</summary>
    [JsonStringEnumMemberName("assumes_no_concept_shift")]
    AssumesNoConceptShift,
}

/// <summary>A figure estimated without labels.</summary>
/// <param name="Value">The estimate; NaN where the rows do not define it.</param>
/// <param name="Error">Standard error of the realised figure about it: of drawing the rows, and of the finite reference.</param>
public readonly record struct EstimatedFigure(double Value, double Error)
{
    /// <summary>Three standard errors to either side.</summary>
    [JsonIgnore]
    public Interval Band => new(Value - 3 * Error, Value + 3 * Error);
}

/// <summary>How well a classifier does on rows without labels, by its own calibrated probabilities.</summary>
/// <param name="Assumption">What has to be true for it.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="Accuracy">Share of right predictions.</param>
/// <param name="RocAuc">Area under the ROC curve of the second class; two classes only.</param>
/// <param name="Precision">Of the second class; two classes only.</param>
/// <param name="Recall">Of the second class; two classes only.</param>
/// <param name="F1">Of the second class; two classes only.</param>
public sealed record ClassEstimate(
    LabelFreeAssumption Assumption, int Rows, EstimatedFigure Accuracy, EstimatedFigure RocAuc, double Precision, double Recall, double F1);

/// <summary>How well a regression does on rows without labels, by a model of its losses.</summary>
/// <param name="Assumption">What has to be true for it.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="Mae">Mean absolute error, in units of the target.</param>
/// <param name="Mse">Mean squared error.</param>
/// <param name="Rmse">Root of the estimated mean squared error.</param>
public sealed record LossEstimate(LabelFreeAssumption Assumption, int Rows, EstimatedFigure Mae, EstimatedFigure Mse, double Rmse);
