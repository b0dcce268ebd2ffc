namespace Ueq.Client.Sending;

/// <summary>Why an attempt failed.</summary>
internal sealed record Fault(Uri Address, string Error)
{
    public HttpStatusCode? Status { get; init; }

    public string? RequestId { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    public Exception? Cause { get; init; }

    /// <summary>Whether another attempt may succeed.</summary>
    public bool IsTransient { get; init; }

    /// <summary>Whether the address is the trouble, and not the request or its caller.</summary>
    public bool IsOfAddress { get; init; }
}
