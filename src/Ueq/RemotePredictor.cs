namespace Ueq;

/// <summary>Whether a model on another server is asked.</summary>
public enum CircuitStatus
{
    /// <summary>It is asked.</summary>
    Closed,

    /// <summary>Too many requests have failed; the next one finds out whether it answers again.</summary>
    HalfOpen,

    /// <summary>Too many requests have failed; for a while none is sent.</summary>
    Open,
}

/// <summary>How a model on another server is doing.</summary>
/// <param name="Status">Whether it is asked.</param>
/// <param name="Attempts">Requests that were sent, repetitions included.</param>
/// <param name="Retries">Requests that were repetitions.</param>
/// <param name="Failures">Calls that had no answer in the end.</param>
public readonly record struct CircuitReading(CircuitStatus Status, long Attempts, long Retries, long Failures);

/// <summary>A model on another server.</summary>
public interface IRemotePredictor
{
    /// <summary>The server.</summary>
    Uri Address { get; }

    /// <summary>How it is doing. Safe to call from many threads.</summary>
    CircuitReading ReadCircuit();
}

/// <summary>A model cannot be asked now: the server that it is on does not answer as it should.</summary>
public abstract class ModelUnavailableException : Exception
{
    /// <summary>Without words.</summary>
    protected ModelUnavailableException()
    {
    }

    /// <summary>With words for people.</summary>
    protected ModelUnavailableException(string message) : base(message)
    {
    }

    /// <summary>With words for people, and what was the matter.</summary>
    protected ModelUnavailableException(string message, Exception? innerException) : base(message, innerException)
    {
    }
}
