namespace Ueq.Storage;

/// <summary>One label that arrived, with what was predicted: a row of the ledger.</summary>
/// <remarks>Times are kept to 100 ns, in UTC. Numbers are kept as they are, infinities and NaN too.</remarks>
/// <param name="ReceiptId">Identity of the receipt; it counts once.</param>
/// <param name="Model">Name of the model.</param>
/// <param name="Version">Version of the model.</param>
/// <param name="Group">Group of the row; <c>null</c> when there are none.</param>
/// <param name="IssuedAt">When the prediction was made.</param>
/// <param name="ArrivedAt">When the label came.</param>
/// <param name="Prediction">What was predicted.</param>
/// <param name="Lower">Lower end of the interval.</param>
/// <param name="Upper">Upper end of the interval.</param>
/// <param name="Y">The label.</param>
/// <param name="Score">The label's score against the prediction.</param>
/// <param name="Covered">Whether the interval or label set holds the label.</param>
public sealed record LabelRecord(
    Guid ReceiptId, string Model, string Version, string? Group, DateTimeOffset IssuedAt, DateTimeOffset ArrivedAt,
    double Prediction, double Lower, double Upper, double Y, double Score, bool Covered)
{
    /// <summary>The coverage that was promised; NaN where none was.</summary>
    public double Coverage { get; init; } = double.NaN;

    /// <summary>The miss of the online level that the answer was made at; NaN where the level was fixed.</summary>
    public double OnlineMiss { get; init; } = double.NaN;

    /// <summary>The arm of an experiment that answered; <c>null</c> outside of experiments. It is counted with the label and not kept with it.</summary>
    public ArmLabel? Arm { get; init; }
}

/// <summary>A label of the ledger with its place there.</summary>
/// <param name="Sequence">Ascending in the order in which labels became visible; there may be gaps.</param>
/// <param name="Label">The label.</param>
public sealed record StoredLabel(long Sequence, LabelRecord Label);

/// <summary>The saved state of one part of a monitor.</summary>
/// <param name="State">The bytes, as saved.</param>
/// <param name="LabelSequence">Place in the ledger of the last label that the state includes; 0 for none.</param>
/// <param name="SavedAt">When it was saved.</param>
public sealed record StoredState(ReadOnlyMemory<byte> State, long LabelSequence, DateTimeOffset SavedAt);
