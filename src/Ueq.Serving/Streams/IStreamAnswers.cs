namespace Ueq.Serving.Streams;

/// <summary>How the answers of a stream are written.</summary>
internal interface IStreamAnswers : IDisposable
{
    string ContentType { get; }

    /// <summary>Writes the answers of a batch that was predicted.</summary>
    void Write(StreamBatch batch);

    /// <summary>Writes what stands behind the last answer.</summary>
    void End(StreamBatch batch);
}
