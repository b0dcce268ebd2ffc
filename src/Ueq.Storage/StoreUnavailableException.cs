namespace Ueq.Storage;

/// <summary>The store cannot be reached now: its file is locked by another process, or its server is away. Trying again later is right.</summary>
/// <remarks>Whether labels were stored whose append ended with this is not known; appending them again is safe, as a receipt counts once.</remarks>
public sealed class StoreUnavailableException : IOException
{
    /// <summary>The store is away.</summary>
    public StoreUnavailableException()
    {
    }

    /// <summary>The store is away, with the words for people.</summary>
    public StoreUnavailableException(string message) : base(message)
    {
    }

    /// <summary>The store is away, with the words for people and the cause.</summary>
    public StoreUnavailableException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
