using Ueq.Bayesian;
using Ueq.Conformal;
using Ueq.Ensembles;

namespace Ueq;

/// <summary>A model that is an uncertainty method by itself, and says which.</summary>
public interface INamedMethod
{
    /// <summary>The method's name as it is written in configuration, such as <c>mc_dropout</c>.</summary>
    string Method { get; }
}

/// <summary>What a calibrated model is: its task, method and classes.</summary>
/// <remarks>The guide's <c>get_info()</c>: model_type, method, model_class; of an ensemble also n_models, model_classes and ensemble_info.</remarks>
public sealed record ModelInfo
{
    private ModelInfo(string type, string method, object model)
    {
        Remotes = [.. PartsOf(model).OfType<IRemotePredictor>()];
        ModelType = type;
        Method = model is INamedMethod named ? named.Method : method;
        ModelClass = model.GetType().Name;
        (Members, Aggregation, Weights) = model switch
        {
            CrossEnsemble ensemble => (Read(ensemble.Members), ensemble.Aggregation, ensemble.Weights.ToArray()),
            CrossClassEnsemble ensemble => (Read(ensemble.Members), ensemble.Aggregation, ensemble.Weights.ToArray()),
            BootstrapEnsemble ensemble => (ensemble.Members.Select((m, i) => new MemberInfo($"member-{i}", m.GetType().Name)).ToArray(), Ensembles.Aggregation.Mean, null),
            _ => (Array.Empty<MemberInfo>(), (Aggregation?)null, (double[]?)null),
        };
    }

    /// <summary>What it answers with: <c>regression</c> or <c>classification</c>.</summary>
    public string ModelType { get; }

    /// <summary>The method's name as it is written in configuration, such as <c>split</c> or <c>cross_ensemble</c>.</summary>
    public string Method { get; }

    /// <summary>Name of the type of the model behind the method.</summary>
    public string ModelClass { get; }

    /// <summary>The members of an ensemble; none of other models.</summary>
    public IReadOnlyList<MemberInfo> Members { get; }

    /// <summary>How the members' answers become one; <c>null</c> of other models than ensembles.</summary>
    public Aggregation? Aggregation { get; }

    /// <summary>The members' weights, with the sum 1; <c>null</c> of other models than cross-framework ensembles.</summary>
    public IReadOnlyList<double>? Weights { get; }

    /// <summary>The model, or the members of the ensemble, that are on another server.</summary>
    public IReadOnlyList<IRemotePredictor> Remotes { get; }

    /// <summary>What a regression model is.</summary>
    public static ModelInfo Of(IIntervalPredictor model) => model switch
    {
        ConformalRegressor { Model: PointBands bands } => new("regression", "split", bands.Model),
        ConformalRegressor { Model: NormalisedBands bands } => new("regression", "split", bands.Model),
        ConformalRegressor { Model: QuantileBands bands } => new("regression", "split", bands.Model),
        ConformalRegressor { Model: GaussianBands bands } => new("regression", "split", bands.Model),
        ConformalRegressor split => new("regression", "split", split.Model),
        JackknifeAfterBootstrap after => new("regression", "jackknife+ab", after.Ensemble),
        BayesianLinearRegression linear => new("regression", "bayesian_linear", linear),
        null => throw new ArgumentNullException(nameof(model)),
        _ => new("regression", model.GetType().Name, model),
    };

    /// <summary>What a classification model is.</summary>
    public static ModelInfo Of(ILabelSetPredictor model) => model switch
    {
        ConformalClassifier split => new("classification", "conformal", split.Model),
        null => throw new ArgumentNullException(nameof(model)),
        _ => new("classification", model.GetType().Name, model),
    };

    private static IEnumerable<object> PartsOf(object model) => model switch
    {
        CrossEnsemble ensemble => ensemble.Members.Select(m => (object)m.Model),
        CrossClassEnsemble ensemble => ensemble.Members.Select(m => (object)m.Model),
        _ => [model],
    };

    private static MemberInfo[] Read<TModel>(IReadOnlyList<EnsembleMember<TModel>> members)
        where TModel : class => [.. members.Select(member => new MemberInfo(member.Name, member.Model.GetType().Name))];
}

/// <summary>One member of an ensemble.</summary>
/// <param name="Name">Its name in the ensemble.</param>
/// <param name="ModelClass">Name of its type.</param>
public sealed record MemberInfo(string Name, string ModelClass);
