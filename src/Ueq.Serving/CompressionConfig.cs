namespace Ueq.Serving;

/// <summary>When answers are compressed for callers that accept it: the section <c>compression</c>. Compressed requests are always read.</summary>
/// <remarks>An answer holds no secret beside what its caller sent, and callers show who they are by a header that no other site can make a browser send, so the length of an answer gives nothing away over TLS (BREACH).</remarks>
public sealed record CompressionConfig
{
    /// <summary>Whether answers are compressed at all. Default yes.</summary>
    public bool Answers { get; init; } = true;

    /// <summary>Bytes from which an answer is worth it: 1 to 1 GiB. Default 32 KiB. Streams of answers always are.</summary>
    public int LeastBytes { get; init; } = 32 * 1024;
}
