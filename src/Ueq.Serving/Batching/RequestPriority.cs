namespace Ueq.Serving.Batching;

/// <summary>Whose turn comes first where requests wait.</summary>
internal enum RequestPriority
{
    High,
    Normal,
    Low,
}
