namespace Ueq.Storage;

/// <summary>What an operation does to the store.</summary>
internal enum Access
{
    /// <summary>It reads.</summary>
    Read,

    /// <summary>It writes.</summary>
    Write,
}
