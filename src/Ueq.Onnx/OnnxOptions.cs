namespace Ueq.Onnx;

/// <summary>How rows become the inputs of a model.</summary>
public abstract record OnnxOptions
{
    private protected OnnxOptions()
    {
    }

    /// <summary>Names of the features in the order of the rows. Default: none, the rows have the model's own order.</summary>
    /// <remarks>With names a model that knows its features by name finds each of them in the rows; features it does not know are left out.</remarks>
    public IReadOnlyList<string>? Features { get; init; }

    /// <summary>Names of the features in the model's order. Default: what the model says.</summary>
    /// <remarks>A model says it by inputs of one column each, or by an entry <c>feature_names</c> of its metadata: a JSON list or names with commas between.</remarks>
    public IReadOnlyList<string>? ModelFeatures { get; init; }

    /// <summary>Whether NaN is handed to the model or refused with its row and column. Default: refused.</summary>
    public MissingValues Missing { get; init; } = MissingValues.Refused;
}

/// <summary>How a model answers with one number per row.</summary>
public sealed record OnnxRegressionOptions : OnnxOptions
{
    /// <summary>The output with the prediction. Default: the only one.</summary>
    public OnnxOutput? Output { get; init; }
}

/// <summary>How a model answers with two quantiles per row.</summary>
public sealed record OnnxQuantileOptions : OnnxOptions
{
    /// <summary>The output with the lower quantile. Default, with <see cref="Upper"/>: the first of two outputs or of two columns.</summary>
    public OnnxOutput? Lower { get; init; }

    /// <summary>The output with the upper quantile. Default, with <see cref="Lower"/>: the second of two outputs or of two columns.</summary>
    public OnnxOutput? Upper { get; init; }
}

/// <summary>What the second head of a Gaussian model answers.</summary>
public enum OnnxSpread
{
    /// <summary>σ².</summary>
    Variance,

    /// <summary>σ.</summary>
    StandardDeviation,

    /// <summary>ln σ².</summary>
    LogVariance,
}

/// <summary>How a model answers with a mean and a spread per row.</summary>
public sealed record OnnxGaussianOptions : OnnxOptions
{
    /// <summary>The output with the mean. Default, with <see cref="Spread"/>: the first of two outputs or of two columns.</summary>
    public OnnxOutput? Mean { get; init; }

    /// <summary>The output with the spread. Default, with <see cref="Mean"/>: the second of two outputs or of two columns.</summary>
    public OnnxOutput? Spread { get; init; }

    /// <summary>What the spread is. Default: the variance.</summary>
    public OnnxSpread SpreadIs { get; init; } = OnnxSpread.Variance;
}

/// <summary>How many passes MC dropout makes over a model, and what the model answers in each.</summary>
public sealed record OnnxMcDropoutOptions : OnnxOptions
{
    /// <summary>The output with the prediction or the mean. Default: the only one.</summary>
    public OnnxOutput? Output { get; init; }

    /// <summary>The output with a spread of the model's own. Default: none, the passes alone spread.</summary>
    public OnnxOutput? Spread { get; init; }

    /// <summary>What the spread is. Default: the variance.</summary>
    public OnnxSpread SpreadIs { get; init; } = OnnxSpread.Variance;

    /// <summary>Number of passes, 2 to 100,000. Default: 50.</summary>
    public int Passes { get; init; } = 50;

    /// <summary>Standard deviation of the noise around the mean, added to the spread of the passes, 0 to 10³⁰⁰. Default: 0.</summary>
    /// <remarks>Of a model without a spread of its own. With 0 the answer is the spread of the passes alone, which is no interval until it is calibrated.</remarks>
    public double Noise { get; init; }

    /// <summary>Seed of the dropout masks of nodes that have none of their own. Default: 0.</summary>
    public ulong Seed { get; init; }

    internal void Validate()
    {
        if (!Enum.IsDefined(SpreadIs)) throw new ArgumentOutOfRangeException(nameof(SpreadIs), SpreadIs, $"Expected a kind of spread, got {SpreadIs}.");
        Inputs.CheckRange(nameof(Passes), Passes, 2, 100_000);
        Inputs.CheckRange(nameof(Noise), Noise, 0, 1e300);
    }
}

/// <summary>What the numbers of a classification model are.</summary>
public enum OnnxClassValues
{
    /// <summary>Probabilities; one column is the probability of the second of two classes.</summary>
    Probabilities,

    /// <summary>Numbers whose softmax, or logistic function if there is one column, are the probabilities.</summary>
    Logits,
}

/// <summary>How a model answers with a probability per class and row.</summary>
public sealed record OnnxClassificationOptions : OnnxOptions
{
    /// <summary>Name of the output with the probabilities. Default: the only one that can be, or the one with <c>prob</c> in its name.</summary>
    public string? Output { get; init; }

    /// <summary>What the numbers are. Default: probabilities.</summary>
    public OnnxClassValues Values { get; init; } = OnnxClassValues.Probabilities;
}
