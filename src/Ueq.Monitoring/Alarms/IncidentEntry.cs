namespace Ueq.Monitoring;

/// <summary>One line of an incident's timeline.</summary>
/// <param name="At">When it happened.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Who">Who did it; <c>ueq</c> for the monitor itself.</param>
/// <param name="Text">A sentence for people.</param>
/// <param name="Row">Number of values of the signal by then; 0 for what people do.</param>
public sealed record IncidentEntry(DateTimeOffset At, IncidentEntryKind Kind, string Who, string Text, long Row = 0);
