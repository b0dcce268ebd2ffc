namespace Ueq.Storage;

/// <summary>There is no room left where the store lies: what was to be written is not stored.</summary>
public sealed class StoreFullException : IOException
{
    /// <summary>The store is full.</summary>
    public StoreFullException()
    {
    }

    /// <summary>The store is full, with the words for people.</summary>
    public StoreFullException(string message) : base(message)
    {
    }

    /// <summary>The store is full, with the words for people and the cause.</summary>
    public StoreFullException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
