namespace Ueq.Cli;

/// <summary>What the ueq command answers to the shell.</summary>
internal static class ExitCode
{
    public const int Success = 0;
    public const int RunFailed = 1;
    public const int CallIsWrong = 2;

    /// <summary>Ended by Ctrl+C or SIGTERM, as shells count it.</summary>
    public const int Interrupted = 130;
}
