using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Ueq.MLNet.Views;

/// <summary>What ML.NET keeps internal and a transformer of another house needs: its model archive and its schema shapes.</summary>
/// <remarks>
/// ML.NET's <see cref="ICanSaveModel"/> is public, but what its context offers is not, and neither is the attribute by which it finds
/// loaders. This file is the only one that reaches for them; the round trip through a file is tested.
/// </remarks>
internal static class Archive
{
    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;
    private const string ModelFolder = "Model";
    private static readonly Assembly Core = typeof(ITransformer).Assembly;
    private static readonly Type LoadContext = Internal("Microsoft.ML.ModelLoadContext");
    private static readonly Type LoadSignature = Internal("Microsoft.ML.SignatureLoadModel");

    /// <summary>Writes the model below ours and gives the writer of the file beside it.</summary>
    /// <param name="context">What ML.NET hands over.</param>
    /// <param name="signature">Eight letters that name the kind of model.</param>
    /// <param name="loader">Name under which the loader is registered.</param>
    /// <param name="model">The model below ours.</param>
    /// <param name="write">Writes what is ours.</param>
    public static void Write(ModelSaveContext context, string signature, string loader, ITransformer model, Action<BinaryWriter> write)
    {
        ArgumentNullException.ThrowIfNull(context);
        object version = Activator.CreateInstance(
            Internal("Microsoft.ML.VersionInfo"), signature, 0x00010001u, 0x00010001u, 0x00010001u, typeof(Archive).Assembly.GetName().Name, loader, null)!;
        Call(Method(typeof(ModelSaveContext), "SetVersionInfo"), context, version);
        write(Writer(context));
        SaveModel(context, model, ModelFolder);
    }

    /// <summary>Makes a kind of model known to an environment, so that it can load it.</summary>
    /// <param name="environment">Where models will be loaded.</param>
    /// <param name="type">The transformer.</param>
    /// <param name="loader">Name under which the loader is registered.</param>
    /// <param name="create">A static method that takes the environment and the context.</param>
    public static void Register(IHostEnvironment environment, Type type, string loader, MethodInfo create)
    {
        object attribute = Internal("Microsoft.ML.LoadableClassAttribute").GetConstructor([typeof(Type), typeof(Type), typeof(Type), typeof(string), typeof(string[])])!
            .Invoke([type, null, LoadSignature, type.Name, new[] { loader }]);
        object description = Internal("Microsoft.ML.Runtime.ComponentCatalog+LoadableClassInfo").GetConstructors(Any).Single()
            .Invoke([attribute, null, null, create, true]);
        Call(Method(typeof(ComponentCatalog), "AddClass"), environment.ComponentCatalog, description, new[] { loader }, false);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static (ITransformer Model, T Own) Read<T>(IHostEnvironment environment, object context, Func<BinaryReader, T> read)
    {
        T own = read((BinaryReader)LoadContext.GetField("Reader", Any)!.GetValue(context)!);
        MethodInfo load = LoadContext.GetMethods(Any).Single(m => m.Name == "LoadModel" && !m.IsStatic).MakeGenericMethod(typeof(ITransformer), LoadSignature);
        object?[] arguments = [environment, null, ModelFolder, Array.Empty<object>()];
        Call(load, context, arguments);
        return ((ITransformer)arguments[1]!, own);
    }

    /// <summary>The shape of a column, as estimators announce it.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    public static extern SchemaShape.Column Shape(string name, SchemaShape.Column.VectorKind kind, DataViewType item, bool isKey, SchemaShape? annotations);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "Writer")]
    private static extern ref BinaryWriter Writer(ModelSaveContext context);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "SaveModel")]
    private static extern void SaveModel<T>(ModelSaveContext context, T value, string name)
        where T : class;

    private static Type Internal(string name) => Core.GetType(name) ?? throw Unknown(name);

    private static MethodInfo Method(Type type, string name) => type.GetMethod(name, Any) ?? throw Unknown($"{type.Name}.{name}");

    private static MissingMemberException Unknown(string name) => new($"This version of ML.NET has no {name}: models cannot be saved or loaded.");

    private static void Call(MethodInfo method, object target, params object?[] arguments)
    {
        try
        {
            method.Invoke(target, arguments);
        }
        catch (TargetInvocationException fault) when (fault.InnerException is not null)
        {
            ExceptionDispatchInfo.Throw(fault.InnerException);
        }
    }
}
