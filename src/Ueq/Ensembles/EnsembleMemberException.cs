namespace Ueq.Ensembles;

/// <summary>A member of an ensemble could not answer; the ensemble then answers nothing, rather than something else.</summary>
public sealed class EnsembleMemberException : Exception
{
    /// <summary>Says which member failed, and why.</summary>
    public EnsembleMemberException(string member, string message, Exception? inner = null)
        : base($"The ensemble's member '{member}' failed: {message}", inner) => Member = member;

    /// <summary>Name of the member.</summary>
    public string Member { get; }
}
