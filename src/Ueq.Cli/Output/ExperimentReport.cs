using System.Globalization;
using System.Text.Json.Nodes;

namespace Ueq.Cli.Output;

/// <summary>Experiments as people read them, in 80 columns.</summary>
internal static class ExperimentReport
{
    private const int LongestName = 18;
    private static readonly string[] _figures = ["coverage", "width", "loss"];

    public static void PrintList(Terminal terminal, JsonArray experiments)
    {
        if (experiments.Count == 0) terminal.Output.WriteLine("There are no experiments; ueq experiment start makes one.");
        foreach (JsonNode? experiment in experiments)
        {
            PrintHead(terminal, experiment!);
            PrintArms(terminal, experiment!);
        }
    }

    public static void Print(Terminal terminal, JsonNode experiment)
    {
        PrintHead(terminal, experiment);
        PrintArms(terminal, experiment);
        if (experiment["arms"]![0]!["labels"] is null) return;
        foreach (string figure in _figures)
        {
            terminal.Output.WriteLine();
            terminal.Output.WriteLine($"{figure,-LongestName} {"mean",10} {"95 % at all times",24}  less the control");
            foreach (JsonNode? arm in experiment["arms"]!.AsArray())
            {
                JsonNode reading = arm![figure]!;
                string less = reading["difference_lower"] is null ? "" : Bounds(reading, "difference_lower", "difference_upper");
                terminal.Output.WriteLine($"{Short((string)arm["arm"]!),-LongestName} {Number(reading["mean"]),10} {Bounds(reading, "lower", "upper"),24}  {less}".TrimEnd());
                // A line of its own: beside the bounds it would be wider than 80 columns.
                if ((string)reading["verdict"]! is not "control" and var verdict) terminal.Output.WriteLine($"  {verdict}");
            }
        }
    }

    private static void PrintHead(Terminal terminal, JsonNode experiment)
    {
        terminal.Output.WriteLine($"{experiment["name"]}: {experiment["kind"]} of {experiment["model"]}, {experiment["state"]}{((string?)experiment["source"] == "config" ? ", of the configuration" : "")}");
        if (experiment["problem"] is { } problem) terminal.Output.WriteLine($"  {problem}");
    }

    private static void PrintArms(Terminal terminal, JsonNode experiment)
    {
        terminal.Output.WriteLine($"{"arm",-LongestName} {"share",7} {"requests",10} {"rows",10} {"users",8} {"labels",8}");
        foreach (JsonNode? arm in experiment["arms"]!.AsArray())
            terminal.Output.WriteLine($"{Short((string)arm!["arm"]!),-LongestName} {((double)arm["share"]!).ToString("P1", CultureInfo.InvariantCulture),7} {arm["requests"],10} {arm["rows"],10} {arm["users"],8} {arm["labels"]?.ToString() ?? "",8}".TrimEnd());
    }

    private static string Short(string name) => name.Length <= LongestName ? name : name[..(LongestName - 1)] + "…";

    private static string Bounds(JsonNode reading, string lower, string upper) => $"[{Number(reading[lower])}, {Number(reading[upper])}]";

    private static string Number(JsonNode? value) => value is null ? "-" : ((double)value).ToString("G4", CultureInfo.InvariantCulture);
}
