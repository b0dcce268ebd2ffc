using Ueq.Versions;

namespace Ueq.Serving;

/// <summary>Keeps what was asked and answered.</summary>
/// <remarks>The service has one where its container has one. A log is told after the answer is written; it may drop rows, and it may neither fail nor wait.</remarks>
public interface IInferenceLog
{
    /// <summary>Takes rows that were answered; their memory is the caller's again afterwards.</summary>
    void Add(in AnsweredRows rows);

    /// <summary>What has become of the rows so far.</summary>
    InferenceLogReading Read();
}

/// <summary>What has become of rows that an inference log was told of.</summary>
/// <param name="Written">Rows in files that are closed.</param>
/// <param name="Dropped">Rows for which there was no room, or that could not be written.</param>
public readonly record struct InferenceLogReading(long Written, long Dropped);

/// <summary>Some rows of a request and their answers.</summary>
public readonly ref struct AnsweredRows
{
    /// <summary>The version that answered.</summary>
    public required ModelVersion Version { get; init; }

    /// <summary>The model's name.</summary>
    public required string Model { get; init; }

    /// <summary>The request's id, as its header <c>X-Request-Id</c> says it.</summary>
    public required string RequestId { get; init; }

    /// <summary>Number of the first of the rows within its request, from 0.</summary>
    public required long First { get; init; }

    /// <summary>The rows as features, as the version's schema encodes them; NaN is missing.</summary>
    public required FeatureMatrix Features { get; init; }

    /// <summary>Predictions; of classifications the index of the most probable class.</summary>
    public required ReadOnlySpan<double> Predictions { get; init; }

    /// <summary>Intervals of a regression.</summary>
    public ReadOnlySpan<Interval> Intervals { get; init; }

    /// <summary>Probabilities of a classification, rows × classes.</summary>
    public ReadOnlySpan<double> Probabilities { get; init; }

    /// <summary>Label sets of a classification, <see cref="LabelSet.WordsFor"/> words for each row.</summary>
    public ReadOnlySpan<ulong> Sets { get; init; }

    /// <summary>The coverage that was asked for.</summary>
    public required Coverage Coverage { get; init; }

    /// <summary>The experiment that the request was in; <c>null</c> outside of experiments.</summary>
    public string? Experiment { get; init; }

    /// <summary>The arm that answered.</summary>
    public string? Arm { get; init; }

    /// <summary>The name of the key, or the subject of the token, that the request came with; <c>null</c> when nobody was asked.</summary>
    public string? Caller { get; init; }
}
