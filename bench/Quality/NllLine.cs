using System.Globalization;

namespace Ueq.Bench.Quality;

/// <summary>One line of the table of likelihoods: means over the splits and their standard errors.</summary>
internal sealed record NllLine(
    string Data, string Method, string Setting, int Splits, double Nll, double NllError, double Rmse, double RmseError, double Seconds)
{
    private const string Header = "data,method,setting,splits,nll,nll_standard_error,rmse,rmse_standard_error,seconds";

    public string Text => string.Create(CultureInfo.InvariantCulture,
        $"{Data},{Method},{Setting},{Splits},{Nll:F4},{NllError:F4},{Rmse:F4},{RmseError:F4},{Seconds:F0}");

    public static NllLine Of(string data, string method, string setting, (double Nll, double Rmse)[] scores, TimeSpan time)
    {
        (double nll, double nllError) = Mean([.. scores.Select(s => s.Nll)]);
        (double rmse, double rmseError) = Mean([.. scores.Select(s => s.Rmse)]);
        return new NllLine(data, method, setting, scores.Length, nll, nllError, rmse, rmseError, time.TotalSeconds);
    }

    /// <summary>Puts a line into a file in place of the one of the same data and method, in the order of their names.</summary>
    public static Task PutAsync(string file, NllLine line) => File.WriteAllLinesAsync(file,
        [Header, .. Read(file).Where(old => (old.Data, old.Method) != (line.Data, line.Method)).Append(line)
            .OrderBy(l => l.Data, StringComparer.Ordinal).ThenBy(l => l.Method, StringComparer.Ordinal).Select(l => l.Text)]);

    public static IReadOnlyList<NllLine> Read(string file) => File.Exists(file)
        ? [.. File.ReadLines(file).Skip(1).Where(text => text.Length > 0).Select(Parse)]
        : [];

    private static NllLine Parse(string text)
    {
        string[] cells = text.Split(',');
        double Number(int i) => double.Parse(cells[i], CultureInfo.InvariantCulture);
        return new NllLine(cells[0], cells[1], cells[2], (int)Number(3), Number(4), Number(5), Number(6), Number(7), Number(8));
    }

    private static (double Mean, double StandardError) Mean(double[] values)
    {
        double mean = values.Average();
        double variance = values.Length < 2 ? 0 : values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1);
        return (mean, Math.Sqrt(variance / values.Length));
    }
}
