using MathNet.Numerics.LinearAlgebra;

namespace Ueq.Monitoring;

/// <summary>How well a classifier tells the rows of two samples apart.</summary>
/// <param name="Accuracy">Share of rows told rightly by a model that had not seen them, samples weighted alike; ½ when nothing changed.</param>
/// <param name="Auc">Mean over folds of the probability that a current row scores above a reference row, ties counting one half; ½ when nothing changed.</param>
/// <param name="Test">Number of rows told rightly, and the exact binomial probability of as many by coin tosses.</param>
public readonly record struct ClassifierReading(double Accuracy, double Auc, TestReading Test);

/// <summary>The classifier two-sample test (Lopez-Paz and Oquab 2017): if two samples differ, a model can learn which row is whose.</summary>
/// <remarks>
/// Logistic regression on the columns and their squares, standardised, with a ridge penalty, cross-fitted: each row is told by a model that was
/// fitted on the other folds. The larger sample is thinned to the size of the smaller, so a coin is right half of the time. It sees changes
/// of means and scales, not those of dependence between columns; <see cref="MeanDiscrepancy"/> sees these too.
/// </remarks>
public static class ClassifierTest
{
    /// <summary>Fits and judges the classifier.</summary>
    /// <exception cref="ArgumentException">Columns differ, there are too few rows for the folds, or a value is not finite; the message says where.</exception>
    public static ClassifierReading Of(FeatureMatrix reference, FeatureMatrix current, MultivariateOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new MultivariateOptions();
        options.Validate();
        SampleCheck.Matrix(reference, reference.Columns, 2 * options.Folds, nameof(reference));
        SampleCheck.Matrix(current, reference.Columns, 2 * options.Folds, nameof(current));
        int size = Math.Min(options.MostRows, Math.Min(reference.Rows, current.Rows));
        PooledRows rows = PooledRows.Of(reference, current, size, options.Seed);
        int[] fold = Folds(size, options.Folds, options.Seed);
        double[][] features = [.. Enumerable.Range(0, rows.Rows).Select(i => Features(rows.Row(i)))];
        int right = 0;
        double auc = 0;
        for (int f = 0; f < options.Folds; f++)
        {
            cancellation.ThrowIfCancellationRequested();
            Vector<double> weights = Fit(features, size, fold, f);
            List<double> first = [], second = [];
            for (int i = 0; i < features.Length; i++)
            {
                if (fold[i % size] != f) continue;
                double score = weights.DotProduct(Vector<double>.Build.Dense(features[i]));
                (i < size ? first : second).Add(score);
                if (score > 0 == i >= size) right++;
            }

            SampleDistances apart = SampleDistances.Of(first.ToArray(), second.ToArray());
            auc += 1 - apart.MannWhitney / ((double)first.Count * second.Count);
        }

        int trials = 2 * size;
        return new ClassifierReading((double)right / trials, auc / options.Folds, new TestReading(right, BinomialDistribution.Tail(right, trials, 0.5), PValueMethod.Exact));
    }

    /// <summary>The fold of each place; a place holds one row of either sample.</summary>
    private static int[] Folds(int size, int folds, ulong seed)
    {
        int[] fold = [.. Enumerable.Range(0, size).Select(i => i % folds)];
        Rng rng = Rng.Stream(seed, ulong.MaxValue - 2);
        rng.Shuffle(fold.AsSpan());
        return fold;
    }

    private static double[] Features(ReadOnlySpan<float> row)
    {
        double[] features = new double[2 * row.Length + 1];
        features[0] = 1;
        for (int c = 0; c < row.Length; c++)
        {
            features[1 + 2 * c] = row[c];
            features[2 + 2 * c] = row[c] * row[c] - 1;
        }

        return features;
    }

    /// <summary>Newton's method on the penalised likelihood of the rows outside a fold.</summary>
    private static Vector<double> Fit(double[][] features, int size, int[] fold, int without)
    {
        const int Steps = 12;
        const double Ridge = 1;
        int width = features[0].Length;
        Vector<double> weights = Vector<double>.Build.Dense(width);
        for (int step = 0; step < Steps; step++)
        {
            Matrix<double> curvature = Matrix<double>.Build.DenseDiagonal(width, Ridge);
            Vector<double> slope = weights * -Ridge;
            for (int i = 0; i < features.Length; i++)
            {
                if (fold[i % size] == without) continue;
                double[] x = features[i];
                double score = 0;
                for (int a = 0; a < width; a++) score += x[a] * weights[a];
                double p = 1 / (1 + Math.Exp(-score)), weight = Math.Max(p * (1 - p), 1e-6), error = (i >= size ? 1 : 0) - p;
                for (int a = 0; a < width; a++)
                {
                    slope[a] += error * x[a];
                    for (int b = 0; b <= a; b++) curvature[a, b] += weight * x[a] * x[b];
                }
            }

            for (int a = 0; a < width; a++)
                for (int b = 0; b < a; b++) curvature[b, a] = curvature[a, b];
            Vector<double> move = curvature.Cholesky().Solve(slope);
            // Heavy squares can overshoot; a bounded step still arrives.
            double length = move.L2Norm();
            weights += length > 5 ? move * (5 / length) : move;
            if (length < 1e-8) break;
        }

        return weights;
    }
}
