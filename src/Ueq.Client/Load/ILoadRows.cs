namespace Ueq.Client.Load;

/// <summary>What gives the rows of a load. Called from many threads at the same time.</summary>
public interface ILoadRows
{
    /// <summary>Writes the next row as a JSON array.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="row">Place of the row in its request.</param>
    void Write(Utf8JsonWriter json, int row);
}
