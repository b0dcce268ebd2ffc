namespace Ueq.Serving.Streams;

/// <summary>The rows of a stream as they come.</summary>
internal interface IStreamRows
{
    /// <summary>What a place in the stream is called on the wire, such as <c>line</c>.</summary>
    string Place { get; }

    /// <summary>The place that was read last.</summary>
    long Read { get; }

    /// <summary>Reads the next rows that are to be predicted together.</summary>
    /// <returns><c>false</c> at the end of the stream.</returns>
    /// <exception cref="RefusalException">The stream cannot go on.</exception>
    ValueTask<bool> Fill(StreamBatch batch, CancellationToken gone);
}
