namespace Ueq.Onnx;

/// <summary>What the second head of a Gaussian model says.</summary>
internal static class Spreads
{
    /// <summary>The standard deviation that a spread means.</summary>
    public static double Sigma(OnnxSpread kind, double spread, string source, int row)
    {
        double sigma = kind switch
        {
            OnnxSpread.Variance => Math.Sqrt(spread),
            OnnxSpread.LogVariance => Math.Exp(spread / 2),
            _ => spread,
        };
        return sigma > 0 && double.IsFinite(sigma) ? sigma : throw new AssumptionException(
            Assumption.FiniteAnswers, $"Expected of {source} at row {row} a spread ({kind}) that makes a positive finite standard deviation, got {Inputs.Say(spread)}.");
    }
}
