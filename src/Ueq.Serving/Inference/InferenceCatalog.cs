using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Ueq.Versions;

namespace Ueq.Serving.Inference;

/// <summary>What can be asked by tensors: the served models by their references, and the test models where they are switched on.</summary>
internal sealed class InferenceCatalog(ServiceParts parts)
{
    private const int ShortDigest = 12;
    private const int LeastDigest = 8;

    private readonly ConditionalWeakTable<ServedModel, ServedInference> _models = [];
    private readonly ConcurrentDictionary<string, AskedModel> _asked = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ModelVersion> _unloaded = new(StringComparer.Ordinal);

    private readonly AskedModel[] _tests = parts.Config.TestModels ? [new(SimpleModel.Name, "1", new SimpleModel(parts.Config.MaxRows), null), new(IdentityModel.Name, "1", new IdentityModel(), null)] : [];

    /// <summary>Everything that can be asked.</summary>
    public IEnumerable<AskedModel> All => parts.Models.Served.Select(s => Find(s.Key)).OfType<AskedModel>().Concat(_tests);

    /// <summary>References that meant a version until they were unloaded.</summary>
    public IEnumerable<KeyValuePair<string, ModelVersion>> Unloaded => _unloaded.OrderBy(u => u.Key, StringComparer.Ordinal);

    /// <summary>The model of a reference and, where one is named, of a version.</summary>
    /// <exception cref="RefusalException">There is none.</exception>
    public AskedModel Get(string name, string? version)
    {
        AskedModel? asked = Find(name);
        if (string.IsNullOrEmpty(version)) return asked ?? throw NotServed(name);
        if (asked is not null && Means(asked, version)) return asked;
        AskedModel? exact = parts.Models.Find($"{name}:{version}") is { } served ? Ask(name, served, version) : null;
        if (exact is not null) return exact;
        throw asked is null ? NotServed(name) : new RefusalException(
            StatusCodes.Status404NotFound, $"expected a version of \"{Short(name)}\" that is served, such as \"{asked.Version}\", got \"{Short(version)}\"");
    }

    /// <summary>What answers a request: the arm of an experiment where the model is in one and no version is asked for, under the name that was asked.</summary>
    public AskedModel Choose(AskedModel asked, string? version, InferWork work, long request)
    {
        if (asked.Served is not { } served || !string.IsNullOrEmpty(version)) return asked;
        ServedModel chosen = parts.Experiments.Choose(asked.Name, served, work.Rows, request);
        return ReferenceEquals(chosen, served) ? asked : work.Rows.Arm!.Tensors ??= Ask(asked.Name, chosen, NumberIn(work.Rows.Arm.Arm) ?? NumberIn(chosen.Reference) ?? chosen.Key[..ShortDigest]);
    }

    /// <summary>Whether a reference means nothing since it was unloaded.</summary>
    public bool IsUnloaded(string name) => _unloaded.ContainsKey(name);

    /// <summary>The digest of the version that a reference means; <c>null</c> where it means none.</summary>
    public string? DigestOf(string name) => parts.Models.Find(name)?.Version.Digest;

    /// <summary>Has a reference mean again what it meant before it was unloaded.</summary>
    public void Load(string name)
    {
        if (Find(name) is not null) return;
        if (!_unloaded.TryGetValue(name, out ModelVersion? version))
            throw new RefusalException(StatusCodes.Status404NotFound, $"expected a model that is served or was unloaded, got \"{Short(name)}\"");
        parts.Models.Serve(version, name);
        _unloaded.TryRemove(name, out _);
    }

    /// <summary>Has a reference mean nothing until it is loaded again.</summary>
    public void Unload(string name)
    {
        if (Array.Exists(_tests, test => test.Name == name)) throw new RefusalException(StatusCodes.Status409Conflict, $"'{name}' is there to try clients with; test_models of the configuration takes it away");
        if (parts.Models.Find(name) is not { } served) throw NotServed(name);
        _unloaded[name] = served.Version;
        try
        {
            parts.Models.Remove(name);
        }
        catch (InvalidOperationException last)
        {
            _unloaded.TryRemove(name, out _);
            throw new RefusalException(StatusCodes.Status409Conflict, last.Message);
        }

        _asked.TryRemove(name, out _);
    }

    private AskedModel? Find(string name)
    {
        if (parts.Models.Find(name) is not { } served) return Array.Find(_tests, test => test.Name == name);
        if (_asked.TryGetValue(name, out AskedModel? asked) && ReferenceEquals(asked.Served, served)) return asked;
        return _asked[name] = Ask(name, served, NumberIn(name) ?? NumberIn(served.Reference) ?? served.Key[..ShortDigest]);
    }

    private AskedModel Ask(string name, ServedModel served, string version) =>
        new(name, version, _models.GetValue(served, s => new ServedInference(s, parts)), served);

    private static bool Means(AskedModel asked, string version) =>
        asked.Version == version || (version.Length >= LeastDigest && asked.Served?.Key.StartsWith(version, StringComparison.Ordinal) == true);

    private static string? NumberIn(string reference) =>
        reference.LastIndexOf(':') is > 0 and var sign && reference.Length - sign - 1 is > 0 and < LeastDigest && reference.AsSpan(sign + 1).ContainsAnyExceptInRange('0', '9') is false ? reference[(sign + 1)..] : null;

    private RefusalException NotServed(string name) => new(
        StatusCodes.Status404NotFound, $"expected a model that is served, got \"{Short(name)}\"; did you mean \"{Spelling.Nearest(name, All.Select(a => a.Name))}\"?");

    private static string Short(string text) => JsonWords.Short(System.Text.Encoding.UTF8.GetBytes(text));
}
