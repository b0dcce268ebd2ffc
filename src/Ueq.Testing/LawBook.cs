using System.Reflection;
using Ueq.Versions;

namespace Ueq.Testing;

/// <summary>The models, trainers and formats of one assembly, and how each comes before the laws.</summary>
/// <remarks>
/// <see cref="Types"/> is found by reflection, so that a new model is under the laws by existing: <see cref="Hold"/> fails for a type that
/// nothing was entered for. A test is a theory over the types, in whatever framework. Not safe for several threads while it is written.
/// </remarks>
public sealed class LawBook
{
    private readonly Dictionary<Type, List<Action>> _cases = [];
    private readonly HashSet<Type> _stored = [];

    /// <summary>An empty book of the assembly that <typeparamref name="T"/> belongs to.</summary>
    public static LawBook Of<T>() => new(typeof(T).Assembly);

    /// <summary>An empty book of an assembly.</summary>
    public static LawBook Of(Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        return new LawBook(assembly);
    }

    private LawBook(Assembly assembly) => Types =
        [.. assembly.GetTypes().Where(type => type is { IsVisible: true, IsAbstract: false, IsInterface: false } && (IsModel(type) || IsFormat(type) || IsTrainer(type)))
            .OrderBy(type => type.FullName, StringComparer.Ordinal)];

    /// <summary>The public types that the laws are about, by name.</summary>
    public IReadOnlyList<Type> Types { get; }

    /// <summary>Enters a model, which is made when its laws are held and disposed after.</summary>
    /// <returns>This book.</returns>
    public LawBook Model<TModel>(Func<TModel> make, Func<FeatureMatrix> rows, PredictorPromises? promises = null)
        where TModel : class
    {
        ArgumentNullException.ThrowIfNull(make);
        ArgumentNullException.ThrowIfNull(rows);
        return Enter(typeof(TModel), () =>
        {
            TModel model = Made(make);
            using IDisposable? owned = model as IDisposable;
            PredictorLaws.Hold(model, rows(), promises);
        });
    }

    /// <summary>Enters a model that can be stored, with its format.</summary>
    /// <returns>This book.</returns>
    public LawBook Stored<TModel>(
        Func<TModel> make, IPredictorFormat format, Func<FeatureMatrix> rows, PredictorPromises? promises = null, StoragePromises? storage = null)
        where TModel : class, IStoredPredictor
    {
        ArgumentNullException.ThrowIfNull(format);
        Model(make, rows, promises);
        _stored.Add(typeof(TModel));
        void HoldStorage()
        {
            TModel model = Made(make);
            using IDisposable? owned = model as IDisposable;
            StorageLaws.Hold(model, format, rows(), storage);
        }

        Enter(format.GetType(), HoldStorage);
        return Enter(typeof(TModel), HoldStorage);
    }

    /// <summary>Enters a trainer.</summary>
    /// <returns>This book.</returns>
    public LawBook Trainer<TModel>(ITrainer<TModel> trainer, Func<(FeatureMatrix X, double[] Y)> rows)
        where TModel : class
    {
        ArgumentNullException.ThrowIfNull(trainer);
        ArgumentNullException.ThrowIfNull(rows);
        return Enter(trainer.GetType(), () =>
        {
            (FeatureMatrix x, double[] y) = rows();
            TrainerLaws.Hold(trainer, x, y);
        });
    }

    /// <summary>Enters two trainers that differ in their number of threads only.</summary>
    /// <returns>This book.</returns>
    public LawBook Trainer<TModel>(ITrainer<TModel> one, ITrainer<TModel> several, Func<(FeatureMatrix X, double[] Y)> rows)
        where TModel : class
    {
        Trainer(one, rows);
        return Enter(one.GetType(), () =>
        {
            (FeatureMatrix x, double[] y) = rows();
            TrainerLaws.HoldAcrossThreads(one, several, x, y);
        });
    }

    /// <summary>Holds the laws against everything that was entered for a type.</summary>
    /// <exception cref="LawException">A law does not hold, or nothing was entered, or a model that can be stored was entered without its format.</exception>
    public void Hold(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        const string Law = "every model, trainer and format is under the laws";
        if (!_cases.TryGetValue(type, out List<Action>? cases))
            throw new LawException(Law, type.Name, "looked it up in the law book", null, "an entry", "none");
        if (typeof(IStoredPredictor).IsAssignableFrom(type) && !_stored.Contains(type))
            throw new LawException(Law, type.Name, "looked it up in the law book", null, "an entry with its format, since it can be stored", "entries without");
        foreach (Action hold in cases) hold();
    }

    private LawBook Enter(Type type, Action hold)
    {
        if (!_cases.TryGetValue(type, out List<Action>? cases)) _cases.Add(type, cases = []);
        cases.Add(hold);
        return this;
    }

    // A factory of a base type could hide which type is under the laws.
    private static TModel Made<TModel>(Func<TModel> make)
        where TModel : class
    {
        TModel model = make();
        return model.GetType() == typeof(TModel) ? model : throw new ArgumentException($"Expected a {typeof(TModel).Name}, got a {model.GetType().Name}.", nameof(make));
    }

    private static bool IsModel(Type type) => Subject.Shapes.Any(shape => shape.IsAssignableFrom(type));

    private static bool IsFormat(Type type) => typeof(IPredictorFormat).IsAssignableFrom(type);

    private static bool IsTrainer(Type type) => Array.Exists(type.GetInterfaces(), i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(ITrainer<>));
}
