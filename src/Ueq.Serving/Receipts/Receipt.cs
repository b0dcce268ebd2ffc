namespace Ueq.Serving.Receipts;

/// <summary>What a receipt says: everything of an answer that scoring it later takes.</summary>
internal readonly record struct Receipt
{
    /// <summary>Sixteen random bytes: the receipt's identity.</summary>
    public required Guid Id { get; init; }

    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>SHA-256 of the version's manifest, lower-case hexadecimal.</summary>
    public required string Version { get; init; }

    /// <summary>The coverage that was asked for.</summary>
    public required Coverage Coverage { get; init; }

    /// <summary>The miss of the online level that the answer was made at; NaN where it was made for the coverage itself.</summary>
    public double OnlineMiss { get; init; }

    public required double Prediction { get; init; }

    /// <summary>The interval; of a label set (0, number of labels).</summary>
    public required Interval Answer { get; init; }

    /// <summary>The packed label set; empty of a regression.</summary>
    public required ulong[] Set { get; init; }

    /// <summary>Number of classes; 0 of a regression.</summary>
    public required int Classes { get; init; }

    public required string? Group { get; init; }

    /// <summary>The arm of an experiment that answered; <c>null</c> outside of experiments.</summary>
    public ReceiptArm? Arm { get; init; }
}

/// <summary>The arm of an experiment that answered.</summary>
internal sealed record ReceiptArm(string Experiment, string Arm, byte Bucket, ArmShadow Shadow);

/// <summary>Whether another arm computes the same row.</summary>
internal enum ArmShadow
{
    None,
    Waits,
}

/// <summary>What is wrong with a receipt.</summary>
internal enum ReceiptFault
{
    None,

    /// <summary>No text of ours: cut off, misspelt, of an unknown layout.</summary>
    Unreadable,

    /// <summary>Signed with a key this service does not know.</summary>
    ForeignKey,

    /// <summary>Its content does not go with its signature.</summary>
    Forged,

    Expired,

    /// <summary>Of a classifier that is not the served one, so its classes are not known.</summary>
    ForeignVersion,

    /// <summary>The truth is none of the classes.</summary>
    UnknownClass,

    /// <summary>The truth of a regression is a text.</summary>
    NotANumber,
}
