namespace Ueq.Data;

/// <summary>A table ready for fitting: features, targets and what the columns mean.</summary>
public sealed class Dataset
{
    internal Dataset(FeatureSchema schema, FeatureMatrix x, double[] y, string targetName, IReadOnlyList<string>? classes, DateTimeOffset[] times)
    {
        Schema = schema;
        X = x;
        Y = y;
        TargetName = targetName;
        Classes = classes;
        Times = times;
    }

    /// <summary>The columns and how they became features.</summary>
    public FeatureSchema Schema { get; }

    /// <summary>Features: rows × <see cref="FeatureSchema.Width"/>.</summary>
    public FeatureMatrix X { get; }

    /// <summary>Targets, one per row: finite numbers, or class indices when <see cref="Classes"/> is there.</summary>
    public double[] Y { get; }

    /// <summary>Name of the target column.</summary>
    public string TargetName { get; }

    /// <summary>Names of the classes in the order of their indices; <c>null</c> for regression.</summary>
    public IReadOnlyList<string>? Classes { get; }

    /// <summary>When each row came, by <see cref="CsvOptions.TimeColumn"/>; none without one.</summary>
    public IReadOnlyList<DateTimeOffset> Times { get; }
}
