namespace Ueq.Client;

/// <summary>What a request for predictions may ask for beside the rows.</summary>
public sealed record PredictOptions
{
    /// <summary>How often the answer is to contain the truth, strictly between 0 and 1; <c>null</c>: as the service is configured. Default: <c>null</c>.</summary>
    public double? Coverage { get; init; }

    /// <summary>Which model is asked, where a service has several: <c>name</c>, <c>name@alias</c> or <c>name:version</c>. Default: <c>null</c>, the service's own.</summary>
    public string? Model { get; init; }

    /// <summary>Who is served, for services that assign users to experiments. Default: <c>null</c>.</summary>
    public string? UserId { get; init; }

    /// <summary>Whether intervals or sets are wanted. Default: <c>true</c>.</summary>
    public bool Uncertainty { get; init; } = true;

    /// <summary>Whether the rows count for drift. Default: <c>true</c>.</summary>
    public bool Monitor { get; init; } = true;

    /// <summary>Whether every row comes back with a receipt, for its label. Default: <c>false</c>.</summary>
    public bool Receipts { get; init; }

    /// <summary>A group per row, or <c>null</c> for a row without; 1 to 64 bytes each. Default: <c>null</c>, no groups.</summary>
    public IReadOnlyList<string?>? Groups { get; init; }

    internal void Validate(int rows)
    {
        Expect.Coverage(nameof(Coverage), Coverage);
        if (Groups is { } groups && groups.Count != rows) throw Expect.Wrong(nameof(Groups), $"Expected a group per row, {rows}, got {groups.Count}.");
    }
}
