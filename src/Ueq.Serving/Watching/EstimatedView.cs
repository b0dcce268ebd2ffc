using Ueq.Monitoring;

namespace Ueq.Serving.Watching;

/// <summary>What is estimated of a model's latest rows without labels, as answers and metrics show it.</summary>
/// <param name="Method">How: <c>cbpe</c> or <c>dle</c>.</param>
/// <param name="Rows">Rows that the estimate is of.</param>
/// <param name="Window">The most rows that it looks at.</param>
/// <param name="ReferenceRows">Rows with labels that the estimator has learned from.</param>
/// <param name="Quantities">The figures; empty without rows.</param>
internal sealed record EstimatedView(string Method, long Rows, int Window, int ReferenceRows, IReadOnlyList<EstimatedQuantity> Quantities)
{
    /// <summary>The names of all figures, of either task.</summary>
    public static IReadOnlyList<string> Names { get; } = ["mae", "rmse", "accuracy", "roc_auc", "f1"];

    public static EstimatedView Of(LabelFreeMonitor monitor)
    {
        long rows = Math.Min(monitor.Rows, monitor.Window);
        return monitor.Losses is { } losses
            ? new("dle", rows, monitor.Window, losses.ReferenceRows, Losses(monitor.ReadLosses(), losses))
            : new("cbpe", rows, monitor.Window, monitor.Classes!.ReferenceRows, Classes(monitor.ReadClasses(), monitor.Classes!));
    }

    public EstimatedQuantity? Of(string name) => Quantities.FirstOrDefault(q => q.Name == name);

    /// <summary>A figure's name in words.</summary>
    public static string Say(string name) => name switch
    {
        "mae" => "mean absolute error",
        "rmse" => "root mean squared error",
        "roc_auc" => "area under the ROC curve",
        "f1" => "F1 score",
        _ => name,
    };

    // The error of a root follows from that of the square by its slope.
    private static EstimatedQuantity[] Losses(LossEstimate? estimate, LossEstimator losses) => estimate is null ? [] :
    [
        new("mae", estimate.Mae.Value, estimate.Mae.Error, losses.ReferenceMae),
        new("rmse", estimate.Rmse, estimate.Rmse > 0 ? estimate.Mse.Error / (2 * estimate.Rmse) : double.NaN, losses.ReferenceRmse),
    ];

    private static EstimatedQuantity[] Classes(ClassEstimate? estimate, ClassEstimator classes) => estimate is null ? [] :
    [
        new("accuracy", estimate.Accuracy.Value, estimate.Accuracy.Error, classes.ReferenceAccuracy),
        .. classes.Classes > 2 ? [] : (EstimatedQuantity[])[new("roc_auc", estimate.RocAuc.Value, estimate.RocAuc.Error, double.NaN), new("f1", estimate.F1, double.NaN, double.NaN)],
    ];
}

/// <summary>One estimated figure.</summary>
/// <param name="Name">Its name on the wire.</param>
/// <param name="Value">The estimate; NaN where the rows do not define it.</param>
/// <param name="Error">Its standard error; NaN where there is none.</param>
/// <param name="Reference">The same of the rows that the estimator has learned from; NaN where it is not kept.</param>
internal sealed record EstimatedQuantity(string Name, double Value, double Error, double Reference);
