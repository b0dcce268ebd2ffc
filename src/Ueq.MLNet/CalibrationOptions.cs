using Ueq.Conformal;

namespace Ueq.MLNet;

/// <summary>How an ML.NET pipeline is calibrated.</summary>
public abstract record CalibrationOptions
{
    private protected CalibrationOptions()
    {
    }

    /// <summary>The level of the appended columns. Default: 90 %.</summary>
    public Coverage Coverage { get; init; }

    /// <summary>Share of the rows that calibrates when a pipeline is fitted, strictly between 0 and 1. Default: 0.25.</summary>
    public double CalibrationShare { get; init; } = 0.25;

    /// <summary>Names the random choice of the rows that calibrate. Default: 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The column with the truth, in the data or as the pipeline makes it. Default: Label.</summary>
    public string LabelColumn { get; init; } = "Label";

    internal virtual void Validate()
    {
        if (!(CalibrationShare > 0 && CalibrationShare < 1))
            throw new ArgumentOutOfRangeException(nameof(CalibrationShare), CalibrationShare, FormattableString.Invariant($"Expected a calibration share strictly between 0 and 1, got {CalibrationShare}."));
        CheckName(LabelColumn, nameof(LabelColumn));
    }

    private protected static void CheckName(string? name, string option)
    {
        if (string.IsNullOrEmpty(name)) throw new ArgumentException($"Expected the name of a column as {option}, got none.", option);
    }
}

/// <summary>How a regression pipeline is calibrated.</summary>
public sealed record IntervalOptions : CalibrationOptions
{
    /// <summary>
    /// The column with the prediction. Default: Score. Its ends are appended under its name with <c>.Lower</c> and <c>.Upper</c>.
    /// </summary>
    public string ScoreColumn { get; init; } = "Score";

    internal override void Validate()
    {
        base.Validate();
        CheckName(ScoreColumn, nameof(ScoreColumn));
    }
}

/// <summary>How a classification pipeline is calibrated.</summary>
public sealed record LabelSetOptions : CalibrationOptions
{
    /// <summary>The column with the probabilities. Default: <c>null</c>, Score for several classes and Probability for two.</summary>
    public string? ProbabilityColumn { get; init; }

    /// <summary>What is answered where the set would be empty. Default: the most probable class.</summary>
    public EmptySets Empty { get; init; } = EmptySets.TopLabel;

    internal override void Validate()
    {
        base.Validate();
        if (ProbabilityColumn is not null) CheckName(ProbabilityColumn, nameof(ProbabilityColumn));
        if (!Enum.IsDefined(Empty)) throw new ArgumentOutOfRangeException(nameof(Empty), Empty, $"Expected TopLabel or Allowed, got {Empty}.");
    }
}
