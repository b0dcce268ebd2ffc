using Ueq.Monitoring;
using Ueq.Storage;
using Ueq.Versions;

namespace Ueq.Serving.Receipts;

/// <summary>Makes of a receipt and its truth what the ledger keeps.</summary>
internal sealed class LabelScoring(ReceiptIssuer issuer, UeqServiceConfig config, TimeProvider time)
{
    /// <summary>The record of a label; <c>null</c> with the fault when it cannot be believed.</summary>
    public LabelRecord? Score(in FeedbackItem item, ModelCatalog models, out ReceiptFault fault)
    {
        fault = ReceiptText.Read(issuer.Keys, item.Receipt, out Receipt receipt);
        if (fault != ReceiptFault.None) return null;
        DateTimeOffset now = time.GetUtcNow();
        ServedModel? served = models.OfKey(receipt.Version);
        double? y = receipt.Classes == 0 ? item.Number : served?.ClassOf(item.Number, item.Text);
        fault = now - receipt.IssuedAt > TimeSpan.FromDays(config.ReceiptTtlDays) ? ReceiptFault.Expired
            : receipt.Classes == 0 ? y is null ? ReceiptFault.NotANumber : ReceiptFault.None
            : served is null ? ReceiptFault.ForeignVersion
            : y is null ? ReceiptFault.UnknownClass
            : ReceiptFault.None;
        if (fault != ReceiptFault.None) return null;
        bool covered = receipt.Classes == 0 ? receipt.Answer.Contains(y!.Value) : new LabelSet(receipt.Set, receipt.Classes).Contains((int)y!.Value);
        double score = receipt.Classes == 0 ? LabelScore.Of(receipt.Answer, y.Value) : covered ? LabelScore.Inside : LabelScore.Missed;
        LabelRecord record = new(
            receipt.Id, models.NameOfKey(receipt.Version), receipt.Version, receipt.Group, receipt.IssuedAt, now,
            receipt.Prediction, receipt.Answer.Lower, receipt.Answer.Upper, y.Value, score, covered)
        {
            Coverage = receipt.Coverage.Value,
            OnlineMiss = receipt.OnlineMiss,
        };
        return receipt.Arm is { } arm ? record with { Arm = ArmOf(arm, record, receipt.Classes) } : record;
    }

    // A row that an arm in the shadow answers too is counted for both together, once both answers are known.
    private static ArmLabel ArmOf(ReceiptArm arm, LabelRecord record, int classes) => new(
        arm.Experiment, arm.Arm, arm.Bucket,
        arm.Shadow == ArmShadow.Waits ? null : OutcomeSums.Of(Read(record), classes == 0 ? ModelTask.Regression : ModelTask.Classification));

    /// <summary>A record of the ledger as the coverage monitor takes it.</summary>
    public static LabelledAnswer Read(LabelRecord label) => new(
        label.IssuedAt, label.ArrivedAt, label.Group, double.IsNaN(label.Coverage) ? default : new Coverage(label.Coverage), label.Prediction,
        new Interval(label.Lower, label.Upper), label.Y, label.Covered ? LabelOutcome.Covered : LabelOutcome.Missed);

    /// <summary>The fault's name on the wire and in metrics.</summary>
    public static string Reason(ReceiptFault fault) => fault switch
    {
        ReceiptFault.Unreadable => "unreadable",
        ReceiptFault.ForeignKey => "foreign_key",
        ReceiptFault.Forged => "forged",
        ReceiptFault.Expired => "expired",
        ReceiptFault.ForeignVersion => "foreign_version",
        ReceiptFault.UnknownClass => "unknown_class",
        _ => "not_a_number",
    };
}
