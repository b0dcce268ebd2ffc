namespace Ueq.Torch;

/// <summary>What the columns of a module's output are.</summary>
public enum TorchHead
{
    /// <summary>N or N × 1: the mean.</summary>
    Mean,

    /// <summary>N × 2: the mean and the variance of the noise.</summary>
    MeanAndVariance,

    /// <summary>N × 2: the mean and the logarithm of the variance of the noise.</summary>
    MeanAndLogVariance,

    /// <summary>N × 2: the mean and s, where the variance of the noise is log(1 + exp(s)) + 10⁻⁶ (Lakshminarayanan 2017, section 2.2.1).</summary>
    MeanAndSoftplusVariance,
}

/// <summary>How an output is read.</summary>
internal static class Heads
{
    /// <summary>The least variance of a softplus head, in squared standard deviations of the target.</summary>
    public const double LeastVariance = 1e-6;

    public static int Columns(TorchHead head) => head == TorchHead.Mean ? 1 : 2;

    public static double Variance(TorchHead head, float raw) => head switch
    {
        TorchHead.Mean => 0,
        TorchHead.MeanAndVariance => raw,
        TorchHead.MeanAndLogVariance => Math.Exp(raw),
        _ => (raw > 20 ? raw : Math.Log(1 + Math.Exp(raw))) + LeastVariance,
    };

    public static void Check(TorchHead head, ReadOnlySpan<long> shape, long rows)
    {
        int columns = Columns(head);
        bool fits = (shape.Length == 2 && shape[0] == rows && shape[1] == columns) || (columns == 1 && shape.Length == 1 && shape[0] == rows);
        if (fits) return;
        string expected = columns == 1 ? $"{rows} × 1 or {rows}" : $"{rows} × 2";
        throw new ArgumentException(
            $"Expected from the module an output of the shape {expected} for {rows} rows (head {head}), got {(shape.Length == 0 ? "a scalar" : string.Join(" × ", shape.ToArray()))}.");
    }
}
