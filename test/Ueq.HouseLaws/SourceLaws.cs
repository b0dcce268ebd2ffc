using System.Text.RegularExpressions;

namespace Ueq.HouseLaws;

/// <summary>What source files may look like. Each law takes a path and a text.</summary>
internal static partial class SourceLaws
{
    private const int MostLines = 400;

    public static IEnumerable<string> TooLong(string path, string text)
    {
        int lines = text.AsSpan().Count('\n') + (text.EndsWith('\n') ? 0 : 1);
        return lines > MostLines ? [$"{path} has {lines} lines; {MostLines} is the most, 60 to 150 the aim."] : [];
    }

    // Who watches a model needs the monitors together: their folders are for us.
    private static readonly string[] OneNamespace = ["Ueq.Monitoring"];

    public static IEnumerable<string> NamespaceElsewhere(string path, string text)
    {
        string[] folders = path.Split('/')[1..^1];
        string expected = OneNamespace.Contains(folders[0]) ? folders[0] : string.Join('.', folders);
        return Namespace().Matches(text).Select(m => m.Groups[1].Value).Where(found => found != expected)
            .Select(found => $"{path} is in the namespace {found}; its folder says {expected}.");
    }

    /// <summary>Paths of somebody's machine in a committed text.</summary>
    public static IEnumerable<string> MachinePaths(string path, string text) =>
        text.Split('\n').Select((line, i) => (line, i)).Where(l => MachinePath().IsMatch(l.line))
            .Select(l => $"{path}:{l.i + 1}: {MachinePath().Match(l.line).Value} is a path of one machine.");

    [GeneratedRegex(@"^namespace\s+([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    // Written in pieces so that this file does not break its own law. A path inside a web address is no machine's.
    [GeneratedRegex(@"(?<![\w.:/$}-])/(?:wor" + @"k/|tm" + @"p/(?:wt|briefs)\b|hom" + @"e/\w+/)")]
    private static partial Regex MachinePath();
}
