namespace Ueq.Client;

/// <summary>What the service answers to a row of a stream: a prediction, or what was wrong with the row.</summary>
public sealed record RowAnswer
{
    /// <summary>Place of the row in the stream, from 0.</summary>
    public required long Row { get; init; }

    /// <summary>What was wrong with the row; <c>null</c> where it has been answered.</summary>
    public string? Error { get; init; }

    /// <summary>The prediction of a regression; else NaN.</summary>
    public double Prediction { get; init; } = double.NaN;

    /// <summary>The interval of a regression; <c>null</c> where there is none or none was asked for.</summary>
    public PredictedInterval? Interval { get; init; }

    /// <summary>The most probable class of a classification; else <c>null</c>.</summary>
    public string? PredictedLabel { get; init; }

    /// <summary>The label set of a classification; else empty.</summary>
    public IReadOnlyList<string> Set { get; init; } = [];

    /// <summary>The probabilities of the classes in the model's order; of a regression empty.</summary>
    public IReadOnlyList<double> Probabilities { get; init; } = [];

    /// <summary>The receipt; <c>null</c> where none was asked for.</summary>
    public string? Receipt { get; init; }
}
