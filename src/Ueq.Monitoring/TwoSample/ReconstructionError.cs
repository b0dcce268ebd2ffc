using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Factorization;

namespace Ueq.Monitoring;

/// <summary>How much worse the reference's principal components describe the current rows than its own.</summary>
/// <param name="Components">How many components were kept.</param>
/// <param name="ReferenceError">Mean squared error of reference rows that the components were not fitted on, over standardised columns.</param>
/// <param name="CurrentError">The same of the current rows.</param>
/// <param name="Test">Kolmogorov–Smirnov between the errors of the two.</param>
public readonly record struct ReconstructionReading(int Components, double ReferenceError, double CurrentError, TestReading Test);

/// <summary>Drift of the dependence between columns, by the error of describing rows with the principal components of a reference.</summary>
/// <remarks>
/// Components are fitted on one half of the reference and judged on the other, so that the reference's own error is an honest one. Columns are
/// standardised by the first half; a column that is constant there counts for nothing.
/// </remarks>
public static class ReconstructionError
{
    /// <summary>Fits components on half of the reference, and compares errors.</summary>
    /// <exception cref="ArgumentException">Columns differ, there are fewer than 20 reference rows, or a value is not finite; the message says where.</exception>
    public static ReconstructionReading Of(FeatureMatrix reference, FeatureMatrix current, MultivariateOptions? options = null)
    {
        options ??= new MultivariateOptions();
        options.Validate();
        SampleCheck.Matrix(reference, reference.Columns, 20, nameof(reference));
        SampleCheck.Matrix(current, reference.Columns, 1, nameof(current));
        int columns = reference.Columns, half = reference.Rows / 2;
        int[] order = [.. Enumerable.Range(0, reference.Rows)];
        Rng rng = Rng.Stream(options.Seed, 0);
        rng.Shuffle(order.AsSpan());
        (Vector<double> mean, Vector<double> scale) = Moments(reference, order.AsSpan(0, half));
        Matrix<double> covariance = Matrix<double>.Build.Dense(columns, columns);
        foreach (int row in order.AsSpan(0, half))
        {
            Vector<double> x = Standard(reference.Row(row), mean, scale);
            for (int a = 0; a < columns; a++)
                for (int b = 0; b < columns; b++) covariance[a, b] += x[a] * x[b] / half;
        }

        Evd<double> parts = covariance.Evd(Symmetricity.Symmetric);
        double[] variances = [.. parts.EigenValues.Select(v => Math.Max(0, v.Real)).Reverse()];
        double all = variances.Sum(), kept = 0;
        int components = 0;
        // At least one is left out, or nothing could be badly described.
        while (components < columns - 1 && kept < options.KeptVariance * all) kept += variances[components++];
        Matrix<double> basis = parts.EigenVectors.SubMatrix(0, columns, columns - components, components);
        double[] then = new double[reference.Rows - half], now = new double[current.Rows];
        for (int i = 0; i < then.Length; i++) then[i] = Error(Standard(reference.Row(order[half + i]), mean, scale), basis);
        for (int i = 0; i < now.Length; i++) now[i] = Error(Standard(current.Row(i), mean, scale), basis);
        return new ReconstructionReading(components, then.Average(), now.Average(), SampleComparison.Of(then, now).KolmogorovSmirnov);
    }

    private static (Vector<double> Mean, Vector<double> Scale) Moments(FeatureMatrix x, ReadOnlySpan<int> rows)
    {
        Vector<double> mean = Vector<double>.Build.Dense(x.Columns), scale = Vector<double>.Build.Dense(x.Columns);
        foreach (int row in rows)
            for (int c = 0; c < x.Columns; c++) mean[c] += (double)x.Row(row)[c] / rows.Length;
        foreach (int row in rows)
            for (int c = 0; c < x.Columns; c++) scale[c] += Math.Pow(x.Row(row)[c] - mean[c], 2) / rows.Length;
        return (mean, scale.Map(v => v > 0 ? 1 / Math.Sqrt(v) : 0));
    }

    private static Vector<double> Standard(ReadOnlySpan<float> row, Vector<double> mean, Vector<double> scale)
    {
        double[] x = new double[row.Length];
        for (int c = 0; c < x.Length; c++) x[c] = (row[c] - mean[c]) * scale[c];
        return Vector<double>.Build.Dense(x);
    }

    private static double Error(Vector<double> x, Matrix<double> basis)
    {
        double inside = basis.ColumnCount == 0 ? 0 : basis.TransposeThisAndMultiply(x).L2Norm();
        return Math.Max(0, x.DotProduct(x) - inside * inside) / x.Count;
    }
}
