using System.Diagnostics;
using System.Globalization;
using Ueq.Conformal;
using Ueq.Data;
using Ueq.Scoring;

namespace Ueq.Bench.Quality;

/// <summary>RMSE and negative log-likelihood of Gaussian methods on the standard splits of the UCI sets.</summary>
/// <remarks>Each line is written when it is there: a table that was interrupted goes on with <c>-- nll SET… METHOD…</c>.</remarks>
internal static class NllTable
{
    private const ulong Seed = 1;
    private const double HeldOut = 1.0 / 9;

    /// <summary>Makes the lines of the sets and methods that are named; of all sets or of all methods where none is.</summary>
    public static Task<int> MakeAsync(string name, IReadOnlyList<string> names)
    {
        string[] sets = [.. PublishedLikelihoods.All.Select(set => set.Data)], methods = [.. NllMethods.All.Select(method => method.Name)];
        if (names.FirstOrDefault(n => !sets.Contains(n) && !methods.Contains(n)) is { } unknown)
            throw new ArgumentException($"Expected one of {string.Join(", ", sets)}, {string.Join(", ", methods)}, got '{unknown}'.", nameof(names));
        return MakeAsync(name, Named(sets, names), Named(methods, names), int.MaxValue);
    }

    public static async Task<int> MakeAsync(string name, IReadOnlyList<string> sets, IReadOnlyList<string> methods, int mostSplits)
    {
        TorchSharp.torch.set_num_threads(1);
        string file = Path.Combine(Folders.Results(), name + ".csv");
        foreach (string set in sets)
        {
            string folder = Path.Combine(Folders.Shared(), set);
            Dataset data = CsvTable.ReadRegression(Path.Combine(folder, "data.csv.gz"), "target");
            int[][] train = Rows(folder, "train.txt"), test = Rows(folder, "test.txt");
            foreach (NllMethod method in NllMethods.All.Where(method => methods.Contains(method.Name)))
            {
                Stopwatch watch = Stopwatch.StartNew();
                NllSetting setting = Choose(method, data, train[0]);
                int splits = Math.Min(mostSplits, train.Length);
                (double Nll, double Rmse)[] scores = InParallel(splits, split => Score(setting, data, train[split], test[split]));
                NllLine line = NllLine.Of(set, method.Name, setting.Name, scores, watch.Elapsed);
                Console.Error.WriteLine(line.Text);
                await NllLine.PutAsync(file, line);
            }
        }

        if (mostSplits == int.MaxValue) await NllReport.WriteAsync(Path.ChangeExtension(file, ".md"), NllLine.Read(file));
        return 0;
    }

    private static string[] Named(string[] all, IReadOnlyList<string> names) => all.Any(names.Contains) ? [.. all.Where(names.Contains)] : all;

    // The setting with the best likelihood on parts of the first split's training rows; no test row of that split is looked at.
    private static NllSetting Choose(NllMethod method, Dataset data, int[] rows)
    {
        if (method.Settings is [NllSetting only]) return only;
        SplitRows[] divisions = [.. Enumerable.Range(0, method.Divisions).Select(d => SplitRows.Divide(rows.Length, HeldOut, (ulong)d))];
        return method.Settings.MinBy(setting => InParallel(method.Divisions, d =>
            Score(setting, data, Array.ConvertAll(divisions[d].Proper, i => rows[i]), Array.ConvertAll(divisions[d].Calibration, i => rows[i]))).Average(s => s.Nll))!;
    }

    private static (double Nll, double Rmse) Score(NllSetting setting, Dataset data, int[] train, int[] test)
    {
        IGaussianPredictor model = setting.Trainer(train.Length).Fit(data.X.Gather(train), [.. train.Select(i => data.Y[i])], Seed);
        double[] mean = new double[test.Length], sigma = new double[test.Length], targets = [.. test.Select(i => data.Y[i])];
        model.Predict(data.X.Gather(test), mean, sigma);
        (model as IDisposable)?.Dispose();
        return (LogScore.Gaussian(mean, sigma, targets), PointScores.RootMeanSquaredError(mean, targets));
    }

    private static (double Nll, double Rmse)[] InParallel(int count, Func<int, (double Nll, double Rmse)> score)
    {
        (double Nll, double Rmse)[] scores = new (double, double)[count];
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, i => scores[i] = score(i));
        return scores;
    }

    private static int[][] Rows(string folder, string file) =>
        [.. File.ReadLines(Path.Combine(folder, "splits", file)).Where(line => line.Length > 0)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(row => int.Parse(row, CultureInfo.InvariantCulture)).ToArray())];
}
