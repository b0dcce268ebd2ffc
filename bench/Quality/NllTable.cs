using System.Diagnostics;
using System.Globalization;
using Ueq.Data;
using Ueq.Torch;

namespace Ueq.Bench.Quality;

/// <summary>RMSE and negative log-likelihood of the deep methods on the standard splits of the UCI sets.</summary>
/// <remarks>
/// The protocol of Lakshminarayanan 2017: one hidden ReLU layer of 50 units, 40 epochs, 5 members. What it leaves open (Adam's step, the rows
/// of a step, the share of dropout) is the same for all sets and was not chosen by any test row.
/// </remarks>
internal static class NllTable
{
    private const ulong Seed = 1;
    private static readonly TorchFitOptions _fit = new() { Epochs = 40, BatchRows = 32, LearningRate = 0.01, HeldOut = 0 };

    private static readonly (string Name, ITrainer<IGaussianPredictor> Trainer)[] _methods =
    [
        ("deep_ensemble", new DeepEnsembleTrainer(
            new MlpOptions { Hidden = [50] }, new DeepEnsembleOptions { Members = 5, Threads = Environment.ProcessorCount, Fit = _fit })),
        ("mc_dropout", new McDropoutTrainer(new MlpOptions { Hidden = [50], Dropout = 0.05 }, new McDropoutOptions { Passes = 200 }, _fit)),
        ("last_layer_laplace", new LaplaceTrainer(new MlpOptions { Hidden = [50] }, _fit)),
    ];

    public static async Task<int> MakeAsync(string name, IReadOnlyList<string> sets, int mostSplits)
    {
        List<string> lines = ["data,method,splits,nll,nll_standard_error,rmse,rmse_standard_error,seconds"];
        foreach (string set in sets)
        {
            string folder = Path.Combine(Folders.Shared(), set);
            Dataset data = CsvTable.ReadRegression(Path.Combine(folder, "data.csv.gz"), "target");
            int[][] train = Rows(folder, "train.txt"), test = Rows(folder, "test.txt");
            foreach ((string method, ITrainer<IGaussianPredictor> trainer) in _methods)
            {
                int splits = Math.Min(mostSplits, train.Length);
                Stopwatch watch = Stopwatch.StartNew();
                (double Nll, double Rmse)[] scores = [.. Enumerable.Range(0, splits).Select(split => Score(trainer, data, train[split], test[split]))];
                (double nll, double nllError) = Mean([.. scores.Select(s => s.Nll)]);
                (double rmse, double rmseError) = Mean([.. scores.Select(s => s.Rmse)]);
                lines.Add(string.Create(CultureInfo.InvariantCulture,
                    $"{set},{method},{splits},{nll:F3},{nllError:F3},{rmse:G4},{rmseError:G2},{watch.Elapsed.TotalSeconds:F0}"));
                Console.Error.WriteLine(lines[^1]);
            }
        }

        await File.WriteAllLinesAsync(Path.Combine(Folders.Results(), name + ".csv"), lines);
        return 0;
    }

    private static (double Nll, double Rmse) Score(ITrainer<IGaussianPredictor> trainer, Dataset data, int[] train, int[] test)
    {
        IGaussianPredictor model = trainer.Fit(data.X.Gather(train), [.. train.Select(i => data.Y[i])], Seed);
        double[] mean = new double[test.Length], sigma = new double[test.Length];
        model.Predict(data.X.Gather(test), mean, sigma);
        ((IDisposable)model).Dispose();
        double nll = 0, squares = 0;
        for (int i = 0; i < test.Length; i++)
        {
            double error = data.Y[test[i]] - mean[i];
            nll += 0.5 * Math.Log(2 * Math.PI) + Math.Log(sigma[i]) + 0.5 * (error / sigma[i]) * (error / sigma[i]);
            squares += error * error;
        }

        return (nll / test.Length, Math.Sqrt(squares / test.Length));
    }

    private static (double Mean, double StandardError) Mean(double[] values)
    {
        double mean = values.Average();
        double variance = values.Length < 2 ? 0 : values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1);
        return (mean, Math.Sqrt(variance / values.Length));
    }

    private static int[][] Rows(string folder, string file) =>
        [.. File.ReadLines(Path.Combine(folder, "splits", file)).Where(line => line.Length > 0)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(row => int.Parse(row, CultureInfo.InvariantCulture)).ToArray())];
}
