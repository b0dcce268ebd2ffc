namespace Ueq.Client;

/// <summary>How a stream of rows is predicted.</summary>
public sealed record LargeOptions
{
    /// <summary>What to ask for; groups stand in the lines of a stream and not here. Default: intervals or sets.</summary>
    public PredictOptions Predict { get; init; } = new();

    /// <summary>Most rows of one request, 1 to 65,536; a request also ends at 256 KiB. Default: 1,000.</summary>
    public int RowsPerRequest { get; init; } = 1000;

    /// <summary>Most requests whose answers have not been taken yet, 1 to 256; they go to all healthy addresses. Default: 4.</summary>
    /// <remarks>What stands in memory is at most this many requests and their answers, however long the stream.</remarks>
    public int RequestsInFlight { get; init; } = 4;

    /// <summary>What separates the fields of a CSV file. Default: a comma.</summary>
    public char Delimiter { get; init; } = ',';

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Predict);
        if (Predict.Groups is not null) throw Expect.Wrong(nameof(Predict), $"Expected groups in the lines of the stream, {{\"x\": […], \"group\": \"…\"}}, got them in the options.");
        Predict.Validate(0);
        Expect.Range(nameof(RowsPerRequest), RowsPerRequest, 1, 65_536);
        Expect.Range(nameof(RequestsInFlight), RequestsInFlight, 1, 256);
    }
}

/// <summary>How far a stream has come.</summary>
/// <param name="RowsRead">Rows taken from the caller.</param>
/// <param name="RowsAnswered">Rows whose answers have been handed to the caller, those with errors included.</param>
/// <param name="RowsWithError">Rows that the service could not answer.</param>
/// <param name="BytesRead">Bytes of the rows as they are sent.</param>
public readonly record struct LargeProgress(long RowsRead, long RowsAnswered, long RowsWithError, long BytesRead);
