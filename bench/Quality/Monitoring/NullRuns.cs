using System.Diagnostics;
using System.Globalization;

namespace Ueq.Bench.Quality.Monitoring;

/// <summary>False alarms of every shipped default where nothing changes, beside what it claims.</summary>
internal static class NullRuns
{
    private const int Runs = 1000;

    /// <summary>Makes a page; with names only what has one of them in its own, for a look, and writes nothing.</summary>
    public static int Make(string page, params string[] names)
    {
        (string title, IReadOnlyList<NullSubject> subjects) = page switch
        {
            "drift-null" => ("False alarms where nothing changes", (IReadOnlyList<NullSubject>)[.. NullWatch.All, .. NullDrift.All, .. NullCoverage.All]),
            "drift-null-detectors" => ("False alarms of the classical detectors where nothing changes", NullDetectors.All),
            _ => ("False alarms of the guide's classes where nothing changes", NullGuide.All),
        };
        List<NullLine> lines = Measure(subjects, names);
        if (names.Length == 0) NullPage.Write(page, title, lines);
        return lines.Any(line => line.Exceeds) ? 1 : 0;
    }

    private static List<NullLine> Measure(IReadOnlyList<NullSubject> subjects, string[] names)
    {
        List<NullLine> lines = [];
        foreach (NullSubject subject in subjects.Where(s => names.Length == 0 || names.Any(n => s.Name.Contains(n, StringComparison.OrdinalIgnoreCase))))
        {
            foreach (Source source in subject.Streams)
            {
                foreach (int reference in NullSubject.References)
                {
                    long start = Stopwatch.GetTimestamp();
                    NullLine line = subject.Measure(source, reference, Runs);
                    lines.Add(line);
                    Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                        $"{subject.Name}, {source.Name}, {reference}: {line.Count.Alarms} of {line.Claimed:0.#} claimed{(line.Exceeds ? ", EXCEEDED" : "")} ({Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s)"));
                }
            }
        }

        return lines;
    }
}
