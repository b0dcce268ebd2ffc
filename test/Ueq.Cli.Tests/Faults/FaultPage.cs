using System.Globalization;

namespace Ueq.Cli.Tests.Faults;

/// <summary>What a test of the fault suite has counted: a row of the page that <c>./test.sh --faults</c> writes.</summary>
internal static class FaultPage
{
    private const string Rows = "UEQ_FAULTS_ROWS";

    public static void Say(string fault, FormattableString counted)
    {
        string text = counted.ToString(CultureInfo.InvariantCulture);
        TestContext.Current.TestOutputHelper?.WriteLine($"{fault}: {text}");
        if (Environment.GetEnvironmentVariable(Rows) is { Length: > 0 } file) File.AppendAllText(file, $"| {fault} | {text} |\n");
    }

    public static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0} MB");
}
