namespace Ueq.Versions;

/// <summary>Whether a manifest describes the model beside it: the one check that publishing and loading share.</summary>
internal static class Agreement
{
    /// <exception cref="ArgumentException">The manifest says something else than the model is.</exception>
    public static void Check(Manifest manifest, IIntervalPredictor model)
    {
        Features(manifest, ModelTask.Regression, model.Features);
        if (manifest.Classes is { } classes) throw new ArgumentException($"Expected no classes of a regression, got {classes.Count}.", nameof(manifest));
    }

    /// <exception cref="ArgumentException">The manifest says something else than the model is.</exception>
    public static void Check(Manifest manifest, ILabelSetPredictor model)
    {
        Features(manifest, ModelTask.Classification, model.Features);
        if (manifest.Classes?.Count != model.Classes)
            throw new ArgumentException($"Expected the names of {model.Classes} classes, got {manifest.Classes?.Count ?? 0}.", nameof(manifest));
    }

    private static void Features(Manifest manifest, ModelTask task, int features)
    {
        if (manifest.Task != task) throw new ArgumentException($"Expected the task {task} of this model, got {manifest.Task}.", nameof(manifest));
        FeatureSchema schema = new(manifest.Columns);
        if (schema.Width != features)
            throw new ArgumentException($"Expected columns that make {features} features, as the model takes, got {schema.Width}.", nameof(manifest));
        if (schema.Digest != manifest.SchemaDigest)
            throw new ArgumentException($"Expected the schema digest {schema.Digest} of the columns, got '{manifest.SchemaDigest}'.", nameof(manifest));
    }
}
