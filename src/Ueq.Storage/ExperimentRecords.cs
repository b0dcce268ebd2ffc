using Ueq.Monitoring;

namespace Ueq.Storage;

/// <summary>An experiment as it is stored.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Body">What it is, as text.</param>
/// <param name="Revision">Number of times it was saved: who saves it again names the revision that he changed.</param>
public sealed record StoredExperiment(string Name, string Body, long Revision);

/// <summary>How often an arm of an experiment has answered.</summary>
/// <param name="Experiment">The experiment.</param>
/// <param name="Arm">The arm.</param>
/// <param name="Requests">Requests answered.</param>
/// <param name="Rows">Rows of them.</param>
/// <param name="Unnamed">Requests of which no user was known.</param>
/// <param name="Users">The users, counted by their hashes.</param>
public sealed record ExposureRecord(string Experiment, string Arm, long Requests, long Rows, long Unnamed, DistinctCount Users);

/// <summary>The arm of an experiment that a label is of.</summary>
/// <param name="Experiment">The experiment.</param>
/// <param name="Arm">The arm.</param>
/// <param name="Bucket">Group of users that the row's user is in: 0 to 255.</param>
/// <param name="Sums">What the label adds; <c>null</c> where it waits for the answer of the arm in the shadow.</param>
public sealed record ArmLabel(string Experiment, string Arm, int Bucket, OutcomeSums? Sums);

/// <summary>What labels have shown of an arm in one bucket of users.</summary>
/// <param name="Arm">The arm.</param>
/// <param name="Bucket">The bucket: 0 to 255.</param>
/// <param name="Sums">The sums.</param>
public sealed record StoredOutcome(string Arm, int Bucket, OutcomeSums Sums);

/// <summary>What an arm in the shadow would have answered to a row.</summary>
/// <param name="ReceiptId">Identity of the receipt of the control's answer.</param>
/// <param name="Experiment">The experiment.</param>
/// <param name="Control">The arm that answered.</param>
/// <param name="Arm">The arm in the shadow.</param>
/// <param name="Bucket">Group of users: 0 to 255.</param>
/// <param name="IssuedAt">When the control's answer was given.</param>
/// <param name="Prediction">The prediction, or the index of the most probable class.</param>
/// <param name="Lower">Lower end of the interval; of a label set 0.</param>
/// <param name="Upper">Upper end of the interval; of a label set its size.</param>
/// <param name="Set">The packed label set; empty of a regression.</param>
public sealed record ShadowRecord(
    Guid ReceiptId, string Experiment, string Control, string Arm, int Bucket, DateTimeOffset IssuedAt, double Prediction, double Lower, double Upper, ReadOnlyMemory<byte> Set);

/// <summary>An answer of an arm in the shadow whose label has come.</summary>
/// <param name="Shadow">The answer.</param>
/// <param name="Label">The label, with the control's answer.</param>
public sealed record LabelledShadow(ShadowRecord Shadow, LabelRecord Label);
