using System.Diagnostics;
using System.Reflection;
using System.Xml.Linq;

namespace Ueq.HouseLaws;

/// <summary>The files of this repository, and the assemblies of its rooms.</summary>
internal static class Repository
{
    private static readonly string[] _made = ["bin", "obj", ".git", "artifacts", "TestResults", "BenchmarkDotNet.Artifacts"];

    public static string Root { get; } = FindRoot();

    /// <summary>Project files of <c>src/</c> or <c>test/</c>, as name and text.</summary>
    public static IReadOnlyList<(string Name, string Text)> Projects(string folder) =>
        [.. Directory.GetFiles(Path.Combine(Root, folder), "*.csproj", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(path => (Path.GetFileNameWithoutExtension(path), File.ReadAllText(path)))];

    /// <summary>C# sources under <c>src/</c>: path from the root with forward slashes, and text.</summary>
    public static IEnumerable<(string Path, string Text)> Sources() =>
        Walk(Path.Combine(Root, "src")).Where(p => p.EndsWith(".cs", StringComparison.Ordinal)).Select(p => (Relative(p), File.ReadAllText(p)));

    /// <summary>The texts of a room's tests.</summary>
    public static IEnumerable<string> Tests(string room) => Path.Combine(Root, "test", $"{room}.Tests") is var folder && Directory.Exists(folder)
        ? Walk(folder).Where(p => p.EndsWith(".cs", StringComparison.Ordinal)).Select(File.ReadAllText)
        : [];

    /// <summary>What is committed or about to be; in an exported tree without git, all there is.</summary>
    public static IEnumerable<string> Committed() =>
        Git("ls-files --cached --others --exclude-standard") is { Length: > 0 } listed
            ? listed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(p => File.Exists(Path.Combine(Root, p)))
            : Walk(Root).Select(Relative);

    /// <summary>The assemblies of all rooms, by project name.</summary>
    public static IReadOnlyDictionary<string, Assembly> Rooms { get; } = Projects("src")
        .ToDictionary(p => p.Name, p => Assembly.Load(XDocument.Parse(p.Text).Descendants("AssemblyName").FirstOrDefault()?.Value ?? p.Name));

    private static IEnumerable<string> Walk(string folder) =>
        Directory.GetFiles(folder).Concat(Directory.GetDirectories(folder).Where(d => !_made.Contains(Path.GetFileName(d))).SelectMany(Walk))
            .Order(StringComparer.Ordinal);

    private static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Ueq.slnx"))) return folder.FullName;
        throw new DirectoryNotFoundException($"Expected Ueq.slnx above {AppContext.BaseDirectory}.");
    }

    private static string? Git(string arguments)
    {
        if (!Path.Exists(Path.Combine(Root, ".git"))) return null;
        try
        {
            using Process git = Process.Start(new ProcessStartInfo("git", arguments) { WorkingDirectory = Root, RedirectStandardOutput = true })!;
            string text = git.StandardOutput.ReadToEnd();
            git.WaitForExit();
            return git.ExitCode == 0 ? text : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
