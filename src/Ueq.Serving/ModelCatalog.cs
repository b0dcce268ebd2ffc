using System.Collections.Concurrent;
using System.Collections.Frozen;
using Ueq.Versions;

namespace Ueq.Serving;

/// <summary>The models that are served, by the references that requests may use; it can be changed while requests run.</summary>
/// <remarks>
/// A reference is a model's name, or its name with an alias (<c>houses@challenger</c>) or a version (<c>houses:3</c>) behind it. Any number
/// of references may mean the same version of a model, which is then watched once. A request works to its end with the version it began with.
/// </remarks>
public sealed class ModelCatalog
{
    private readonly Func<string, ModelVersion, string, ServedModel> _make;
    private readonly Lock _gate = new();

    // Labels come long after a version has gone.
    private readonly ConcurrentDictionary<string, string> _names = new();

    // Every reference there ever was: one that is taken away and comes back has its place again.
    private readonly List<string> _order = [];
    private volatile Snapshot _now;

    internal ModelCatalog(IEnumerable<KeyValuePair<string, ModelVersion>> models, UeqServiceConfig config, TimeProvider time)
    {
        _make = (name, version, reference) => new ServedModel(name, reference, version, config, time);
        List<Entry> entries = [];
        foreach ((string reference, ModelVersion version) in models) Put(entries, reference, version);
        if (entries.Count == 0) throw new ArgumentException("Expected one model or more, got none.", nameof(models));
        _now = new Snapshot(entries);
    }

    /// <summary>The references and what they mean, in the order in which they first came.</summary>
    public IReadOnlyList<KeyValuePair<string, ModelVersion>> Served => [.. _now.Entries.Select(e => KeyValuePair.Create(e.Reference, e.Model.Version))];

    /// <summary>The version that answers requests that name no model: the first reference's.</summary>
    public ModelVersion Default => _now.Default.Version;

    /// <summary>Told of a version before it is served.</summary>
    internal Action<ServedModel>? Adding { get; set; }

    /// <summary>The model that answers requests that name none.</summary>
    internal ServedModel Current => _now.Default;

    /// <summary>The reference of requests that name none.</summary>
    internal string DefaultReference => _now.Entries[0].Reference;

    /// <summary>What is served at this moment, to be compared by identity: it is another object whenever anything changed.</summary>
    internal object Moment => _now;

    /// <summary>Every version that is served, once.</summary>
    internal IReadOnlyList<ServedModel> Models => _now.Models;

    /// <summary>The references of a version that is served.</summary>
    internal IEnumerable<string> ReferencesOf(ServedModel model) => _now.Entries.Where(e => ReferenceEquals(e.Model, model)).Select(e => e.Reference);

    /// <summary>The model that a reference means; <c>null</c> when it means none.</summary>
    internal ServedModel? Find(string reference) => _now.ByReference.GetValueOrDefault(reference);

    /// <summary>The same as text of a request, without making a string of it.</summary>
    internal ServedModel? Find(ReadOnlySpan<char> reference) => _now.BySpan.TryGetValue(reference, out ServedModel? model) ? model : null;

    /// <summary>The served model of a version's key, as receipts carry it.</summary>
    internal ServedModel? OfKey(string key)
    {
        foreach (ServedModel model in _now.Models)
            if (model.Key == key) return model;
        return null;
    }

    /// <summary>The name of the model that a version's key is of, also when it was served earlier; of one never served, the default model's.</summary>
    internal string NameOfKey(string key) => OfKey(key)?.Name ?? (_names.TryGetValue(key, out string? name) ? name : Current.Name);

    /// <summary>Has references mean a version from now on; all at once.</summary>
    /// <param name="version">The version.</param>
    /// <param name="references">One or more references; those that are new are added.</param>
    /// <exception cref="ArgumentException">The version cannot be served; everything stays as it was.</exception>
    public void Serve(ModelVersion version, params IReadOnlyList<string> references)
    {
        ArgumentNullException.ThrowIfNull(version);
        ArgumentNullException.ThrowIfNull(references);
        if (references.Count == 0) throw new ArgumentException("Expected one reference or more, got none.", nameof(references));
        lock (_gate)
        {
            List<Entry> entries = [.. _now.Entries];
            foreach (string reference in references) Put(entries, reference, version);
            Publish(entries);
        }
    }

    /// <summary>Has a reference mean nothing any more.</summary>
    /// <returns>Whether it meant something.</returns>
    /// <exception cref="InvalidOperationException">It is the only one.</exception>
    public bool Remove(string reference)
    {
        lock (_gate)
        {
            List<Entry> entries = [.. _now.Entries];
            if (entries.RemoveAll(e => e.Reference == reference) == 0) return false;
            if (entries.Count == 0) throw new InvalidOperationException($"'{reference}' is all that is served.");
            Publish(entries);
            return true;
        }
    }

    /// <summary>The name in a reference: what stands before the alias or the version.</summary>
    internal static string NameOf(string reference) => reference.LastIndexOfAny(['@', ':']) is > 0 and int end ? reference[..end] : reference;

    private void Put(List<Entry> entries, string reference, ModelVersion version)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reference);
        string name = NameOf(reference);
        ServedModel model = entries.Select(e => e.Model).FirstOrDefault(m => m.Name == name && m.Version.Digest == version.Digest) ?? _make(name, version, reference);
        _names[model.Key] = name;
        int place = entries.FindIndex(e => e.Reference == reference);
        if (place >= 0)
        {
            entries[place] = new Entry(reference, model);
            return;
        }

        if (!_order.Contains(reference)) _order.Add(reference);
        int rank = _order.IndexOf(reference), next = entries.FindIndex(e => _order.IndexOf(e.Reference) > rank);
        entries.Insert(next < 0 ? entries.Count : next, new Entry(reference, model));
    }

    private void Publish(List<Entry> entries)
    {
        Snapshot before = _now, next = new(entries);
        foreach (ServedModel model in next.Models.Except(before.Models)) Adding?.Invoke(model);
        _now = next;
        foreach (ServedModel gone in before.Models.Except(next.Models)) gone.Monitor.Dispose();
    }

    private sealed record Entry(string Reference, ServedModel Model);

    private sealed class Snapshot
    {
        public Snapshot(IReadOnlyList<Entry> entries)
        {
            Entries = entries;
            Models = [.. entries.Select(e => e.Model).Distinct()];
            ByReference = entries.ToFrozenDictionary(e => e.Reference, e => e.Model, StringComparer.Ordinal);
            BySpan = ByReference.GetAlternateLookup<ReadOnlySpan<char>>();
        }

        public IReadOnlyList<Entry> Entries { get; }

        public IReadOnlyList<ServedModel> Models { get; }

        public FrozenDictionary<string, ServedModel> ByReference { get; }

        public FrozenDictionary<string, ServedModel>.AlternateLookup<ReadOnlySpan<char>> BySpan { get; }

        public ServedModel Default => Entries[0].Model;
    }
}
