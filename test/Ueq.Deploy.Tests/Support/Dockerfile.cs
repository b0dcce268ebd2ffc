using System.Text.RegularExpressions;

namespace Ueq.Deploy.Tests.Support;

/// <summary>The instructions of a Dockerfile, by stage.</summary>
internal sealed partial class Dockerfile
{
    private readonly List<(string Stage, string Verb, string Words)> _steps = [];

    public Dockerfile(string text)
    {
        string stage = "";
        string joined = Continued().Replace(string.Join('\n', text.Split('\n').Where(line => !line.TrimStart().StartsWith('#'))), " ");
        foreach (string line in joined.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] parts = line.Split(' ', 2);
            if (parts[0] == "FROM") stage = parts[1].Split(" AS ")[^1];
            _steps.Add((stage, parts[0], parts[1].Trim()));
        }
    }

    public IEnumerable<string> All(string stage, string verb) => _steps.Where(s => s.Stage == stage && s.Verb == verb).Select(s => s.Words);

    public string Only(string stage, string verb) => Assert.Single(All(stage, verb));

    /// <summary>The shell commands of a stage, without what only the builder understands.</summary>
    public IEnumerable<string> Commands(string stage) => All(stage, "RUN").Select(run => BuilderOption().Replace(run, ""));

    /// <summary>The variables that a stage sets.</summary>
    public IReadOnlyDictionary<string, string> Environment(string stage) =>
        All(stage, "ENV").SelectMany(e => Variable().Matches(e)).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value);

    [GeneratedRegex(@"\\\s*\n")]
    private static partial Regex Continued();

    [GeneratedRegex(@"--mount=\S+\s*")]
    private static partial Regex BuilderOption();

    [GeneratedRegex(@"(\w+)=(\S+)")]
    private static partial Regex Variable();
}
