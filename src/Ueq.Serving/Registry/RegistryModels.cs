using Ueq.Registry;
using Ueq.Versions;

namespace Ueq.Serving.Registry;

/// <summary>The models of a registry that a service is asked to serve, and what they meant when it began.</summary>
internal sealed class RegistryModels
{
    private List<KeyValuePair<string, ModelVersion>>? _loaded;

    private RegistryModels(ModelRegistry registry, string stamp, IReadOnlyList<ModelReference> references, List<KeyValuePair<string, ModelVersion>> loaded)
    {
        Registry = registry;
        Stamp = stamp;
        References = references;
        _loaded = loaded;
    }

    public ModelRegistry Registry { get; }

    /// <summary>The registry's stamp before anything was read.</summary>
    public string Stamp { get; }

    public IReadOnlyList<ModelReference> References { get; }

    public static RegistryModels Load(UeqServiceConfig config, ModelRegistry registry)
    {
        string stamp = registry.Stamp;
        ModelReference[] references = config.Models.Count > 0
            ? [.. config.Models.Distinct(StringComparer.Ordinal).Select(ModelReference.Parse)]
            : [.. registry.List().Select(model => ModelReference.Of(model.Name))];
        if (references.Length == 0) throw new UnknownModelException($"The registry '{registry.Place}' has no model to serve; ueq models publish adds one.");
        List<KeyValuePair<string, ModelVersion>> loaded = [];
        Dictionary<(string, string), ModelVersion> once = [];
        foreach (ModelReference reference in references)
        {
            string digest = registry.Find(reference).Digest;
            if (!once.TryGetValue((reference.Name, digest), out ModelVersion? version)) once[(reference.Name, digest)] = version = registry.Load(reference);
            loaded.Add(KeyValuePair.Create(reference.ToString(), version));
        }

        return new RegistryModels(registry, stamp, references, loaded);
    }

    /// <summary>What was loaded, once: from then on the catalogue alone holds it, so that its memory comes back.</summary>
    public IReadOnlyList<KeyValuePair<string, ModelVersion>> Loaded() => Interlocked.Exchange(ref _loaded, null) ?? [];
}
