namespace Ueq.Registry;

/// <summary>A registry has no such model, alias or version; the message names those that it has.</summary>
public sealed class UnknownModelException : Exception
{
    /// <summary>There is no such model.</summary>
    public UnknownModelException()
    {
    }

    /// <summary>There is no such model, with the words for people.</summary>
    public UnknownModelException(string message) : base(message)
    {
    }

    /// <summary>There is no such model, with the words for people and the cause.</summary>
    public UnknownModelException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
