namespace Ueq.InferenceLog.Tests;

/// <summary>The tests, or a child process of one of them.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        if (args is ["child", .. string[] work]) return Child.Run(work);
        return args.Any(a => a is "--server" or "--internal-msbuild-node")
            ? await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
            : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
    }
}
