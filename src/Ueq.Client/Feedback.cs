namespace Ueq.Client;

/// <summary>A truth that has arrived for an answer.</summary>
public sealed record Label
{
    /// <summary>The truth of a regression.</summary>
    /// <exception cref="ArgumentException">The receipt is empty or the truth is not finite.</exception>
    public Label(string receipt, double y)
        : this(receipt)
    {
        if (!double.IsFinite(y)) throw new ArgumentOutOfRangeException(nameof(y), y, $"Expected a finite truth, got {y}.");
        Number = y;
    }

    /// <summary>The truth of a classification: the class by its name.</summary>
    /// <exception cref="ArgumentException">The receipt is empty.</exception>
    public Label(string receipt, string y)
        : this(receipt)
    {
        ArgumentNullException.ThrowIfNull(y);
        Class = y;
    }

    private Label(string receipt)
    {
        ArgumentException.ThrowIfNullOrEmpty(receipt);
        Receipt = receipt;
    }

    /// <summary>The receipt that came with the answer.</summary>
    public string Receipt { get; }

    /// <summary>The truth of a regression; <c>null</c> of a classification.</summary>
    public double? Number { get; }

    /// <summary>The truth of a classification; <c>null</c> of a regression.</summary>
    public string? Class { get; }
}

/// <summary>What became of labels. Those that are accepted or duplicates are on the service's disk.</summary>
/// <param name="Accepted">Labels that count from now on.</param>
/// <param name="Duplicates">Labels whose receipts had one already.</param>
/// <param name="Rejected">Labels that could not be taken.</param>
/// <param name="Status"><c>success</c>, <c>partial</c>, or <c>error</c> when none could be taken.</param>
public sealed record FeedbackAnswer(long Accepted, long Duplicates, IReadOnlyList<RejectedLabel> Rejected, string Status);

/// <summary>A label that could not be taken.</summary>
/// <param name="Index">Its place among those sent, from 0.</param>
/// <param name="Reason">Such as <c>unreadable</c>, <c>forged</c>, <c>expired</c>, <c>unknown_class</c>.</param>
public sealed record RejectedLabel(int Index, string Reason);
