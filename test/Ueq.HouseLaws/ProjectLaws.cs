using System.Xml.Linq;

namespace Ueq.HouseLaws;

/// <summary>What project files may say. Each law takes texts, so that a test can show it a wrong one.</summary>
internal static class ProjectLaws
{
    /// <summary>Which rooms a room may know. A room that is not listed may not exist.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> Arrows = new Dictionary<string, string[]>
    {
        ["Ueq"] = [],
        ["Ueq.Data"] = ["Ueq"],
        ["Ueq.Monitoring"] = ["Ueq"],
        ["Ueq.Plots"] = ["Ueq", "Ueq.Monitoring"],
        ["Ueq.MLNet"] = ["Ueq"],
        ["Ueq.Onnx"] = ["Ueq"],
        ["Ueq.Torch"] = ["Ueq"],
        ["Ueq.Remote"] = ["Ueq"],
        ["Ueq.Testing"] = ["Ueq", "Ueq.Monitoring"],
        ["Ueq.Registry"] = ["Ueq"],
        ["Ueq.Storage"] = ["Ueq", "Ueq.Monitoring"],
        ["Ueq.Serving"] = ["Ueq", "Ueq.Monitoring", "Ueq.Registry", "Ueq.Storage"],
        ["Ueq.InferenceLog"] = ["Ueq", "Ueq.Serving"],
        ["Ueq.Client"] = [],
        ["Ueq.Cli"] = ["Ueq", "Ueq.Client", "Ueq.Data", "Ueq.Monitoring", "Ueq.Plots", "Ueq.MLNet", "Ueq.InferenceLog", "Ueq.Onnx", "Ueq.Registry", "Ueq.Serving", "Ueq.Storage", "Ueq.Torch"],
    };

    /// <summary>The packages of rooms whose packages are limited.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> Packages = new Dictionary<string, string[]>
    {
        ["Ueq"] = ["System.Numerics.Tensors", "MathNet.Numerics"],
        ["Ueq.Client"] = ["CsvHelper", "Polly.Core"],
        ["Ueq.InferenceLog"] = ["Apache.Arrow", "ParquetSharp"],
        ["Ueq.Monitoring"] = [],
        ["Ueq.Plots"] = ["ScottPlot", "SkiaSharp.NativeAssets.Linux.NoDependencies"],
        ["Ueq.Registry"] = [],
        ["Ueq.Remote"] = ["Polly.Core"],
        ["Ueq.Testing"] = [],
        ["Ueq.Torch"] = ["TorchSharp"],
    };

    public static IEnumerable<string> WrongArrows(string room, string project)
    {
        if (!Arrows.TryGetValue(room, out string[]? allowed)) return [$"{room} is not a room in the table of arrows."];
        return Included(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/')))
            .Where(target => !allowed.Contains(target))
            .Select(target => $"{room} -> {target} is not an allowed arrow; allowed: {(allowed.Length == 0 ? "none" : string.Join(", ", allowed))}.");
    }

    public static IEnumerable<string> WrongPackages(string room, string project) =>
        Packages.TryGetValue(room, out string[]? allowed)
            ? Included(project, "PackageReference").Where(p => !allowed.Contains(p)).Select(p => $"{room} may not use the package {p}.")
            : [];

    public static IEnumerable<string> OwnVersions(string name, string project) =>
        XDocument.Parse(project).Descendants("PackageReference")
            .Where(p => p.Attribute("Version") is not null || p.Element("Version") is not null || p.Attribute("VersionOverride") is not null)
            .Select(p => $"{name} gives {p.Attribute("Include")?.Value} a version of its own; versions stand in Directory.Packages.props.");

    public static IEnumerable<string> Untested(IEnumerable<string> rooms, IEnumerable<string> tests) =>
        rooms.Except(tests.Select(t => t.EndsWith(".Tests", StringComparison.Ordinal) ? t[..^6] : t)).Select(room => $"{room} has no project test/{room}.Tests.");

    public static IEnumerable<string> OutsideTheSolution(IEnumerable<string> projects, string solution)
    {
        HashSet<string?> inside = [.. XDocument.Parse(solution).Descendants("Project").Select(p => Path.GetFileNameWithoutExtension(p.Attribute("Path")?.Value))];
        return projects.Where(p => !inside.Contains(p)).Select(p => $"{p} is not in Ueq.slnx.");
    }

    public static IEnumerable<string> WithoutPublicApi(IEnumerable<string> libraries, Func<string, bool> exists) =>
        libraries.SelectMany(room => new[] { $"src/{room}/PublicAPI.Shipped.txt", $"src/{room}/PublicAPI.Unshipped.txt" })
            .Where(path => !exists(path)).Select(path => $"{path} is missing; run build/public-api.sh.");

    private static IEnumerable<string> Included(string project, string element) =>
        XDocument.Parse(project).Descendants(element).Select(e => e.Attribute("Include")?.Value ?? e.Attribute("Update")?.Value ?? "");
}
