namespace Ueq.Serving.Receipts;

/// <summary>One label of a request as it was sent.</summary>
/// <param name="Receipt">The receipt's text.</param>
/// <param name="Number">The truth, when it was a number.</param>
/// <param name="Text">The truth, when it was a text.</param>
internal readonly record struct FeedbackItem(byte[] Receipt, double? Number, string? Text);
