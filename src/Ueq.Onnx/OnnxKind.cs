namespace Ueq.Onnx;

/// <summary>What a model answers.</summary>
public enum OnnxKind
{
    /// <summary>One number per row: <see cref="OnnxRegressor"/>.</summary>
    Point,

    /// <summary>Two quantiles per row: <see cref="OnnxQuantileRegressor"/>.</summary>
    Quantiles,

    /// <summary>A mean and a spread per row: <see cref="OnnxGaussianRegressor"/>.</summary>
    Gaussian,

    /// <summary>A probability per class and row: <see cref="OnnxClassifier"/>.</summary>
    Classes,

    /// <summary>One number per row, or a mean and a spread, another one in every pass: <see cref="OnnxMcDropout"/>.</summary>
    Dropout,
}
