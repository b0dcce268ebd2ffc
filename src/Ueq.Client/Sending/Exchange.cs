namespace Ueq.Client.Sending;

/// <summary>One call of the service: what is sent, and how its answer is read.</summary>
internal sealed record Exchange<T>(HttpMethod Method, string Path, Func<ReceivedAnswer, T> Read)
{
    public ReadOnlyMemory<byte> Body { get; init; }

    public string? ContentType { get; init; }

    /// <summary>Statuses beside 2xx whose answers are answers.</summary>
    public HttpStatusCode? AlsoFine { get; init; }

    /// <summary>Whether a second address may be asked while the first still works on it.</summary>
    public bool MayHedge { get; init; }

    public string Name => $"{Method} /{Path.Split('?')[0]}";
}

/// <summary>A whole answer as it came.</summary>
internal readonly record struct ReceivedAnswer(Uri Address, HttpStatusCode Status, string? RequestId, byte[] Body);

/// <summary>How an attempt ended: a value or a fault.</summary>
internal sealed record Attempt(object? Value, Fault? Fault);
