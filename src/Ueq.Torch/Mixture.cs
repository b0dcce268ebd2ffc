namespace Ueq.Torch;

/// <summary>The mean and variance of a mixture of equally likely Gaussians, gathered one by one.</summary>
/// <remarks>Total variance: Var[μ] + E[σ²] (Lakshminarayanan 2017, section 2.4). Welford's recursion, so that nothing cancels.</remarks>
internal struct Mixture
{
    private int _count;
    private double _mean, _squares, _noise;

    public void Add(ReadOnlySpan<float> output, int row, TorchHead head)
    {
        int columns = Heads.Columns(head);
        double mean = output[row * columns], step = mean - _mean;
        _count++;
        _mean += step / _count;
        _squares += step * (mean - _mean);
        if (columns == 2) _noise += Heads.Variance(head, output[row * 2 + 1]);
    }

    /// <summary>Mean and standard deviation in units of the target. A sigma of nothing is made tiny instead: a calibration divides by it.</summary>
    public readonly (double Mean, double Sigma) Read(Standardisation scaling, double noise, int row)
    {
        double mean = scaling.Offset + scaling.Scale * _mean;
        double sigma = Math.Sqrt(scaling.Scale * scaling.Scale * (_squares + _noise) / _count + noise * noise);
        Inputs.CheckAnswer(mean, sigma, row);
        return (mean, Positive(sigma, mean));
    }

    /// <summary>A sigma of nothing made tiny beside its mean.</summary>
    public static double Positive(double sigma, double mean) => Math.Max(sigma, 1e-9 * Math.Max(1e-9, Math.Abs(mean)));
}
