namespace Ueq.Cli;

/// <summary>The call itself is wrong: exit code 2 and a message that says how to call.</summary>
internal sealed class UsageException(string message) : Exception(message);
