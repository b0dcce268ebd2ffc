namespace Ueq.Versions;

/// <summary>A calibrated model with what is known about it: what is served, and what stands in a version directory.</summary>
/// <remarks>Immutable and safe to share between threads. Exactly one of <see cref="Regressor"/> and <see cref="Classifier"/> is there.</remarks>
public sealed class ModelVersion
{
    /// <summary>A regression model.</summary>
    public ModelVersion(Manifest manifest, IIntervalPredictor regressor, ReadOnlyMemory<byte> reference, string digest)
        : this(manifest, reference, digest) => Regressor = regressor;

    /// <summary>A classification model.</summary>
    public ModelVersion(Manifest manifest, ILabelSetPredictor classifier, ReadOnlyMemory<byte> reference, string digest)
        : this(manifest, reference, digest) => Classifier = classifier;

    private ModelVersion(Manifest manifest, ReadOnlyMemory<byte> reference, string digest)
    {
        Manifest = manifest;
        Schema = new FeatureSchema(manifest.Columns);
        Reference = reference;
        Digest = digest;
    }

    /// <summary>What is written beside the model.</summary>
    public Manifest Manifest { get; }

    /// <summary>How columns become features.</summary>
    public FeatureSchema Schema { get; }

    /// <summary>The model, when it is a regression.</summary>
    public IIntervalPredictor? Regressor { get; }

    /// <summary>The model, when it is a classification.</summary>
    public ILabelSetPredictor? Classifier { get; }

    /// <summary>The drift reference as it was saved; empty when there is none.</summary>
    public ReadOnlyMemory<byte> Reference { get; }

    /// <summary>What estimates losses without labels, as it was saved; empty when there is none.</summary>
    public ReadOnlyMemory<byte> Estimator { get; init; }

    /// <summary>SHA-256 of the manifest, lower-case hexadecimal: names this very version, since the manifest names every file's content.</summary>
    public string Digest { get; }
}
