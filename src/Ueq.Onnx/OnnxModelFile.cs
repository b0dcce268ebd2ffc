using Ueq.Versions;

namespace Ueq.Onnx;

/// <summary>An ONNX model in a file, what it answers, and the predictor over the columns of some data: for a host that does not know the model.</summary>
/// <remarks>
/// What the model answers is read off its outputs: labels, maps or probabilities are classes; a second output named like a spread makes a
/// Gaussian; two named like quantiles are quantiles; dropout that can be switched on is MC dropout. Options say otherwise. Immutable.
/// </remarks>
public sealed class OnnxModelFile
{
    private readonly OnnxFileOptions _options;
    private readonly Answer _answer;
    private readonly OnnxDescription _read;

    private OnnxModelFile(OnnxModel model, OnnxFileOptions options)
    {
        Model = model;
        _options = options;
        _answer = Answer.Of(model, options);
        _read = Kind == OnnxKind.Dropout ? model.Description with { Inputs = DropoutSwitch.Inputs(model) } : model.Description;
        if (Kind == OnnxKind.Classes) Classes = ClassLabels.Of(model, null);
    }

    /// <summary>The model.</summary>
    public OnnxModel Model { get; }

    /// <summary>What the model answers.</summary>
    public OnnxKind Kind => _answer.Kind;

    /// <summary>Regression or classification.</summary>
    public ModelTask Task => Kind == OnnxKind.Classes ? ModelTask.Classification : ModelTask.Regression;

    /// <summary>The model's own names of the classes in the order of its probabilities; <c>null</c> where it does not tell them, and for a regression.</summary>
    public IReadOnlyList<string>? Classes { get; }

    /// <summary>The model's own names of its features in their order; <c>null</c> where it does not tell them.</summary>
    public IReadOnlyList<string>? Features => _options.ModelFeatures ?? InputPlan.OwnNames(_read);

    /// <summary>Reads a model and finds out what it answers.</summary>
    /// <exception cref="FileNotFoundException">There is no such file, or one with weights is missing.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, of another kind, or answers nothing that can be read.</exception>
    /// <exception cref="ArgumentException">The model leaves a choice that the options do not make.</exception>
    public static OnnxModelFile Open(string path, OnnxFileOptions? options = null)
    {
        OnnxFileOptions chosen = options ?? new();
        return new OnnxModelFile(OnnxModel.Load(path, chosen.Session), chosen);
    }

    /// <summary>The predictor over rows of these features: one of the classes that <see cref="OnnxKind"/> names.</summary>
    /// <remarks>
    /// Where the model names its features, each is found by its name and others are left out; a category of a text column has the name
    /// <c>column_category</c>, as pandas and scikit-learn name it. Otherwise the features are the model's in their order.
    /// </remarks>
    /// <exception cref="ArgumentException">The features are not the model's.</exception>
    /// <exception cref="InvalidDataException">The model's inputs or outputs are not those of its kind.</exception>
    public IStoredPredictor Predictor(FeatureSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        OnnxOutput? first = _answer.Outputs.ElementAtOrDefault(0), second = _answer.Outputs.ElementAtOrDefault(1);
        return Kind switch
        {
            OnnxKind.Point => new OnnxRegressor(Model, Fill(new OnnxRegressionOptions { Output = first }, schema)),
            OnnxKind.Quantiles => new OnnxQuantileRegressor(Model, Fill(new OnnxQuantileOptions { Lower = first, Upper = second }, schema)),
            OnnxKind.Gaussian => new OnnxGaussianRegressor(Model, Fill(new OnnxGaussianOptions { Mean = first, Spread = second, SpreadIs = _answer.SpreadIs }, schema)),
            OnnxKind.Classes => new OnnxClassifier(Model, Fill(new OnnxClassificationOptions { Output = NameOf(first), Values = _answer.Values }, schema)),
            _ => new OnnxMcDropout(Model, Fill(
                new OnnxMcDropoutOptions { Output = first, Spread = second, SpreadIs = _answer.SpreadIs, Passes = _options.Passes, Noise = _options.Noise, Seed = _options.Seed }, schema)),
        };
    }

    private T Fill<T>(T options, FeatureSchema schema)
        where T : OnnxOptions
    {
        bool isNamed = Features is not null;
        int? width = InputPlan.DeclaredWidth(_read);
        if (!isNamed && width is { } expected && expected != schema.Width)
            throw new ArgumentException($"{Model.Description.Source}: expected {expected} features, as the model reads, got {schema.Width}: {string.Join(", ", Names(schema))}.", nameof(schema));
        return options with
        {
            Features = isNamed || width is null ? Names(schema) : null,
            ModelFeatures = _options.ModelFeatures,
            Missing = schema.Columns.Any(column => column.Missing == MissingValues.Allowed) ? MissingValues.Allowed : MissingValues.Refused,
        };
    }

    private string? NameOf(OnnxOutput? output) => output?.Index is { } index
        ? Model.Description.Outputs.ElementAtOrDefault(index)?.Name
            ?? throw new ArgumentException($"{Model.Description.Source}: expected one of the outputs {string.Join("; ", Model.Description.Outputs)}, got number {index}.", nameof(output))
        : output?.Name;

    private static string[] Names(FeatureSchema schema) =>
        [.. schema.Columns.SelectMany(column => column.Categories?.Select(category => $"{column.Name}_{category}") ?? [column.Name])];
}
