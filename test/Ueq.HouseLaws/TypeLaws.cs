using System.CodeDom.Compiler;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Ueq.HouseLaws;

/// <summary>What types may look like. Each law takes one type and names what is wrong with it.</summary>
internal static class TypeLaws
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>Public structs that are not readonly, and why.</summary>
    private static readonly Dictionary<string, string> _mutableStructs = new()
    {
        ["Ueq.Rng"] = "a generator moves on by nature; it is passed by ref",
    };

    /// <summary>Types that a person wrote: neither compiler nor generator made them.</summary>
    public static IEnumerable<Type> Written(Assembly assembly) => assembly.GetTypes().Where(IsWritten);

    public static IEnumerable<string> BoolParameters(Type type)
    {
        if (!type.IsVisible) yield break;
        foreach (MethodBase member in type.GetMembers(Declared).OfType<MethodBase>().Where(IsExposed))
        {
            if (IsGenerated(member) || IsForeign(member) || (member is MethodInfo { IsSpecialName: true } && member.Name.StartsWith("set_", StringComparison.Ordinal)))
                continue;
            foreach (ParameterInfo parameter in member.GetParameters().Where(p => !p.IsOut && (p.ParameterType == typeof(bool) || p.ParameterType == typeof(bool?))))
            {
                // The parameters of a record are its data, not flags.
                if (member is ConstructorInfo && IsRecord(type) && parameter.Name is { } name && type.GetProperty(name) is not null) continue;
                yield return $"{type.FullName}.{member.Name} has the bool parameter {parameter.Name}; take a type that says what is meant.";
            }
        }
    }

    public static IEnumerable<string> OpenClass(Type type) =>
        type.IsClass && !type.IsSealed && !type.IsAbstract ? [$"{type.FullName} is neither sealed nor abstract nor static."] : [];

    public static IEnumerable<string> MutableStruct(Type type) =>
        type.IsValueType && !type.IsEnum && type.IsVisible && !type.IsDefined(typeof(IsReadOnlyAttribute)) && !_mutableStructs.ContainsKey(type.FullName!)
            ? [$"{type.FullName} is a public struct that is not readonly."]
            : [];

    public static IEnumerable<string> Async(Type type) =>
        type.GetMethods(Declared).Where(m => m.IsDefined(typeof(AsyncStateMachineAttribute)) || IsTask(m.ReturnType))
            .Select(m => $"{type.FullName}.{m.Name} is asynchronous; async begins at I/O, not in this room.");

    public static IEnumerable<string> OptionsThatAreNoRecord(Type type) =>
        type.IsVisible
        && (type.Name.EndsWith("Options", StringComparison.Ordinal) || type.Name.EndsWith("Config", StringComparison.Ordinal))
        && !(IsRecord(type) && (type.IsSealed || type.IsAbstract))
            ? [$"{type.FullName} must be a sealed record, or an abstract one that sealed records complete."]
            : [];

    public static IEnumerable<string> EmptyName(Type type)
    {
        string name = type.Name.Split('`')[0];
        return new[] { "Helper", "Helpers", "Manager", "Util", "Utils", "Utility", "Utilities", "Impl", "Base" }
            .Where(word => name.EndsWith(word, StringComparison.Ordinal)).Select(word => $"{type.FullName}: '{word}' says nothing; name what it is.");
    }

    public static IEnumerable<string> PublicField(Type type) =>
        type.IsVisible && !type.IsEnum
            ? type.GetFields(Declared).Where(f => f.IsPublic && !f.IsLiteral && !(f.IsStatic && f.IsInitOnly))
                .Select(f => $"{type.FullName}.{f.Name} is a public field.")
            : [];

    /// <summary>Types of another library in what users of this type can see.</summary>
    public static IEnumerable<string> Exposes(Type type, string foreign)
    {
        if (!type.IsVisible) return [];
        IEnumerable<Type?> seen = type.GetInterfaces().Append(type.BaseType)
            .Concat(type.GetMembers(Declared).OfType<MethodBase>().Where(IsExposed)
                .SelectMany(m => m.GetParameters().Select(p => p.ParameterType).Append((m as MethodInfo)?.ReturnType)))
            .Concat(type.GetFields(Declared).Where(f => f.IsPublic || f.IsFamily).Select(f => f.FieldType));
        return seen.SelectMany(Parts).Where(t => t.Assembly.GetName().Name == foreign).Distinct()
            .Select(t => $"{type.FullName} shows {t.FullName} of {foreign}.");
    }

    private static bool IsWritten(Type type)
    {
        for (Type? t = type; t is not null; t = t.DeclaringType)
            if (t.Name.Contains('<', StringComparison.Ordinal) || t.IsDefined(typeof(CompilerGeneratedAttribute)) || t.IsDefined(typeof(GeneratedCodeAttribute)) || IsOfProto(t))
                return false;
        // The compiler's own attributes, and the entry point of top-level statements.
        return type.Namespace is not null && !type.Namespace.StartsWith("System", StringComparison.Ordinal) && !type.Namespace.StartsWith("Microsoft", StringComparison.Ordinal);
    }

    // What protoc makes is only marked on its members, as members of written types may be too.
    private static bool IsOfProto(Type type) =>
        type.GetMembers(Declared).Any(m => m.GetCustomAttribute<GeneratedCodeAttribute>()?.Tool is "grpc_csharp_plugin" or "protoc");

    private static bool IsRecord(Type type) =>
        type.GetMethod("<Clone>$", Declared) is not null
        || (type.IsValueType && type.GetMethod("PrintMembers", Declared)?.IsDefined(typeof(CompilerGeneratedAttribute)) == true);

    private static bool IsExposed(MethodBase m) => m.IsPublic || m.IsFamily || m.IsFamilyOrAssembly;

    private static bool IsGenerated(MethodBase m) => m.IsDefined(typeof(CompilerGeneratedAttribute));

    /// <summary>Whether somebody else's base class or interface dictates the signature.</summary>
    private static bool IsForeign(MethodBase member)
    {
        if (member is not MethodInfo method || member.DeclaringType is not { } type || type.IsInterface) return false;
        if (method.GetBaseDefinition().DeclaringType!.Assembly != type.Assembly && !IsOurs(method.GetBaseDefinition().DeclaringType!)) return true;
        return type.GetInterfaces().Where(i => !IsOurs(i)).Any(i => type.GetInterfaceMap(i).TargetMethods.Contains(method));
    }

    private static bool IsOurs(Type type) => type.Assembly.GetName().Name is { } name && name.StartsWith("ueq", StringComparison.OrdinalIgnoreCase);

    private static bool IsTask(Type type)
    {
        Type open = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        return open == typeof(Task) || open == typeof(Task<>) || open == typeof(ValueTask) || open == typeof(ValueTask<>) || open == typeof(IAsyncEnumerable<>);
    }

    private static IEnumerable<Type> Parts(Type? type) =>
        type is null ? [] : type.HasElementType ? Parts(type.GetElementType()) : type.GetGenericArguments().SelectMany(Parts).Append(type);
}
