using System.Text.Json;
using Ueq.Versions;

namespace Ueq.Registry;

/// <summary>Versions of models on disk, by name, number and alias: published whole or not at all, verified, rolled back, with an audit log.</summary>
/// <remarks>
/// Any number of processes may read and change one registry at the same time. Changing takes a lock of the operating system; reading takes none and
/// meets the state before a change or after it. A process that is killed at any moment leaves a registry that opens as it was before the change,
/// or after. Files of equal content are stored once. Safe for any number of threads. <c>docs/registry.md</c> has the layout.
/// </remarks>
public sealed partial class ModelRegistry
{
    /// <summary>The alias that a bare name means, if the model has it.</summary>
    public const string Champion = "champion";

    // How often a reference that others move or remove while it is read is read again.
    private const int MostReadings = 10;

    private readonly Layout _layout;
    private readonly Disk _disk;
    private readonly AuditLog _log;
    private readonly Records _records;
    private readonly IReadOnlyList<IPredictorFormat> _formats;
    private readonly TimeProvider _time;

    internal ModelRegistry(Layout layout, Disk disk, IReadOnlyList<IPredictorFormat> formats, TimeProvider time)
    {
        (_layout, _disk, _formats, _time) = (layout, disk, formats, time);
        _records = new Records(layout);
        _log = new AuditLog(layout, disk);
        Begin();
    }

    /// <summary>The registry's directory.</summary>
    public string Place => _layout.Root;

    /// <summary>A text that differs whenever a version was added or removed or an alias moved: cheap enough to be asked every second.</summary>
    public string Stamp => VersionVerification.ReadIfThere(_layout.Generation) is { } text ? Convert.ToHexString(text) : "";

    /// <summary>How long a change waits for another process that is changing the registry.</summary>
    internal TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Whether a directory is a registry, sound or not.</summary>
    public static bool IsAt(string directory) => Directory.Exists(directory) && File.Exists(new Layout(directory).Seal);

    /// <summary>Opens a registry, or makes one of a new or empty directory; what a killed process left undone is finished.</summary>
    /// <param name="directory">Where the registry is, or is to be.</param>
    /// <param name="formats">Reads the models of the frameworks that may occur; our own are known.</param>
    /// <param name="time">Says when something was done.</param>
    /// <exception cref="IOException">Something else is in the directory, or it is a file.</exception>
    /// <exception cref="InvalidDataException">It is a registry of another layout, or damaged: names the file.</exception>
    public static ModelRegistry Open(string directory, IReadOnlyList<IPredictorFormat> formats, TimeProvider time)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        ArgumentNullException.ThrowIfNull(formats);
        ArgumentNullException.ThrowIfNull(time);
        Layout layout = new(Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory)));
        return new ModelRegistry(layout, new Disk(layout), formats, time);
    }

    /// <summary>Every model with its versions and aliases, by name; what is damaged is listed with its fault.</summary>
    public IReadOnlyList<RegisteredModel> List() => [.. _layout.Models().Select(Describe).Where(model => model.Versions.Count > 0)];

    /// <summary>One model with its versions and aliases.</summary>
    /// <exception cref="UnknownModelException">There is no such model.</exception>
    public RegisteredModel Get(string model) => Describe(Known(ModelReference.Of(model)));

    /// <summary>The version that a reference means: of a bare name what <see cref="Champion"/> points to, or else the newest.</summary>
    /// <exception cref="UnknownModelException">There is none.</exception>
    /// <exception cref="InvalidDataException">The record of the version or of the alias is damaged: names the file.</exception>
    public RegisteredVersion Find(ModelReference reference) => Reading(() =>
    {
        RegistryEntry entry = Resolve(reference);
        return _records.Describe(entry.Model, entry.Version!.Value) ?? throw Missing(reference);
    });

    /// <summary>Loads the version that a reference means; every file is checked against its digest.</summary>
    /// <exception cref="UnknownModelException">There is none.</exception>
    /// <exception cref="InvalidDataException">It is damaged: names the file, what was found and expected.</exception>
    public ModelVersion Load(ModelReference reference) => Load(reference, out _);

    /// <summary>Loads the version that a reference means, and says which it is.</summary>
    /// <exception cref="UnknownModelException">There is none.</exception>
    /// <exception cref="InvalidDataException">It is damaged: names the file, what was found and expected.</exception>
    public ModelVersion Load(ModelReference reference, out int version)
    {
        (ModelVersion model, version) = Reading(() =>
        {
            RegistryEntry entry = Resolve(reference);
            return (Read(entry).Make(_formats), entry.Version!.Value);
        });
        return model;
    }

    /// <summary>The audit log, oldest entry first.</summary>
    /// <exception cref="InvalidDataException">A line is damaged: names it.</exception>
    public IEnumerable<RegistryEntry> Audit() => _log.Read();

    /// <summary>Reads and loads every version of a model, or of all, then its aliases, then the audit log: one verification at a time.</summary>
    /// <exception cref="UnknownModelException">There is no such model.</exception>
    public IEnumerable<Verification> Verify(string? model = null)
    {
        foreach (string name in model is null ? [.. _layout.Models()] : (string[])[Known(ModelReference.Of(model))])
        {
            foreach (int number in _layout.Numbers(name).ToArray())
                if (Verified(ModelReference.Of(name, number)) is { } version) yield return version;
            foreach (string alias in _layout.AliasNames(name).ToArray())
                if (Verified(name, alias) is { } pointed) yield return pointed;
        }

        yield return VerifiedLog();
    }

    private Verification? Verified(ModelReference reference)
    {
        long bytes = 0;
        try
        {
            if (_records.Version(reference.Name, reference.Version!.Value) is not { } entry) return null;
            StoredVersion stored = Read(entry);
            bytes = stored.Text.Length + stored.Files.Values.Sum(file => (long)file.Length);
            stored.Make(_formats);
            return new Verification(reference.ToString(), bytes, null);
        }
        catch (InvalidDataException error)
        {
            // Pruned meanwhile: there is nothing to say of it.
            return File.Exists(_layout.Version(reference.Name, reference.Version!.Value)) ? new Verification(reference.ToString(), bytes, error.Message) : null;
        }
    }

    private Verification? Verified(string model, string alias)
    {
        if (_records.DescribeAlias(model, alias) is not { } found) return null;
        string? fault = found.Fault
            ?? (File.Exists(_layout.Version(model, found.Version)) ? null : $"{_layout.Alias(model, alias)}: points to version {found.Version}, which is not there.");
        return new Verification(ModelReference.Of(model, alias).ToString(), 0, fault);
    }

    private Verification VerifiedLog()
    {
        long bytes = File.Exists(_layout.Log) ? new FileInfo(_layout.Log).Length : 0;
        try
        {
            // In this order: what others add meanwhile makes the log longer than what was made.
            long made = Applied() ?? 0, last = _log.Read().LastOrDefault()?.Number ?? 0;
            return new Verification(_layout.Log, bytes, made > last ? CutOff(last, made) : null);
        }
        catch (InvalidDataException error)
        {
            return new Verification(_layout.Log, bytes, error.Message);
        }
    }

    private RegisteredModel Describe(string model) => new(
        model,
        [.. _layout.Numbers(model).Select(number => _records.Describe(model, number)).OfType<RegisteredVersion>()],
        [.. _layout.AliasNames(model).Select(alias => _records.DescribeAlias(model, alias)).OfType<RegisteredAlias>()]);

    private StoredVersion Read(RegistryEntry version)
    {
        string called = ModelReference.Of(version.Model, version.Version!.Value).ToString();
        try
        {
            (byte[] text, string place) = _records.ManifestText(version);
            return StoredVersion.Read(called, place, text, _ => { }, file => _layout.Blob(file.Sha256));
        }
        catch (InvalidDataException error) when (!error.Message.StartsWith(called, StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{called}: {error.Message}", error);
        }
    }

    /// <summary>The entry that published the version which a reference means.</summary>
    private RegistryEntry Resolve(ModelReference reference)
    {
        string model = Known(reference);
        if (reference.Digest is { } digest) return ByDigest(reference, digest);
        int number = reference.Version
            ?? (reference.Alias is { } alias ? (_records.Alias(model, alias) ?? throw Missing(reference)).Version!.Value
            : _records.Alias(model, Champion)?.Version ?? _layout.Numbers(model).LastOrDefault());
        return _records.Version(model, number) ?? throw Missing(reference);
    }

    private RegistryEntry ByDigest(ModelReference reference, string digest)
    {
        RegistryEntry[] found = [.. Sound(reference.Name).Where(entry => entry.Digest!.StartsWith(digest, StringComparison.Ordinal))];
        return found switch
        {
            [] => throw Missing(reference),
            [RegistryEntry only] => only,
            _ => throw new UnknownModelException($"{reference} may be any of the versions {string.Join(", ", found.Select(entry => entry.Version))}: say more digits, or the number."),
        };
    }

    // A version whose record is damaged cannot be known by its digest.
    private IEnumerable<RegistryEntry> Sound(string model)
    {
        foreach (int number in _layout.Numbers(model))
        {
            RegistryEntry? entry = null;
            try
            {
                entry = _records.Version(model, number);
            }
            catch (InvalidDataException)
            {
            }

            if (entry is not null) yield return entry;
        }
    }

    private string Known(ModelReference reference) =>
        _layout.Models().Contains(reference.Name) && _layout.Numbers(reference.Name).Any() ? reference.Name : throw Missing(reference);

    private UnknownModelException Missing(ModelReference reference)
    {
        string[] models = [.. _layout.Models().Where(name => _layout.Numbers(name).Any())];
        if (!models.Contains(reference.Name))
            return new($"There is no model '{reference.Name}' in the registry '{Place}'; there {(models.Length == 0 ? "is none" : $"are: {Few(models)}")}.");
        return reference.Alias is { } alias
            ? new($"The model '{reference.Name}' has no alias '{alias}'; it has: {Few([.. _layout.AliasNames(reference.Name)])}.")
            : new($"There is no version {reference}; there are: {Few([.. _layout.Numbers(reference.Name).Reverse().Select(number => $"{reference.Name}:{number}")])}.");
    }

    private static string Few(string[] names) => names.Length == 0 ? "none" : string.Join(", ", names.Take(10)) + (names.Length > 10 ? ", …" : "");

    /// <summary>Reads again what others changed while it was read.</summary>
    private T Reading<T>(Func<T> read)
    {
        for (int left = MostReadings - 1; ; left--)
        {
            string stamp = Stamp;
            try
            {
                return read();
            }
            catch (Exception error) when (left > 0 && error is InvalidDataException or UnknownModelException && Stamp != stamp)
            {
            }
        }
    }

    internal static RegistrySeal SealOf(byte[] text, string place)
    {
        RegistrySeal? seal = null;
        try
        {
            seal = JsonSerializer.Deserialize(text, RegistryJson.Default.RegistrySeal);
        }
        catch (JsonException)
        {
        }

        if (seal is not { Kind: RegistrySeal.Registry }) throw new InvalidDataException($"{place}: expected the seal of a registry of models, got something else: the file is damaged, or of another program.");
        return seal.Layout == RegistrySeal.Current.Layout ? seal : throw new InvalidDataException($"{place}: expected layout {RegistrySeal.Current.Layout}, got {seal.Layout}; a newer ueq may read it.");
    }
}
