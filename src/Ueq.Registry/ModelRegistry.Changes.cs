using System.Globalization;
using System.Text;
using System.Text.Json;
using Ueq.Versions;

namespace Ueq.Registry;

public sealed partial class ModelRegistry
{
    private const int LongestWho = 128, LongestNote = 1000;

    /// <summary>Adds the version in a directory to a model, under the next number. The same content again is the version that it already is, whose files are mended if they are damaged.</summary>
    /// <param name="model">The model; made if there is none of that name.</param>
    /// <param name="versionDirectory">What <see cref="VersionDirectory"/> published.</param>
    /// <param name="who">Who publishes: 1 to 128 characters.</param>
    /// <param name="note">What is to be said about it: at most 1000 characters.</param>
    /// <exception cref="ArgumentException">The name is none, or differs from that of another model in upper and lower case alone; who or note are too long.</exception>
    /// <exception cref="InvalidDataException">The directory is no version, is damaged, or cannot be loaded: names the file.</exception>
    /// <exception cref="IOException">It could not be stored.</exception>
    public RegisteredVersion Publish(string model, string versionDirectory, string who, string note = "")
    {
        string name = ModelReference.Of(model).Name;
        Said(who, 1, LongestWho, nameof(who));
        Said(note, 0, LongestNote, nameof(note));
        StoredVersion stored = VersionDirectory.Read(versionDirectory);
        stored.Make(_formats);
        return Changing(end =>
        {
            Refuse(_layout.Models(), name, "model");
            RegistryEntry? same = Sound(name).FirstOrDefault(entry => entry.Digest == stored.Digest);
            int number = _layout.Numbers(name).LastOrDefault() + 1;
            if (number > ModelReference.MostVersions) throw new IOException($"The model '{name}' has had {ModelReference.MostVersions} versions; publish under another name.");
            foreach (VersionFile file in stored.Manifest.Files) Keep(file.Sha256, stored.Files[file.Path]);
            Keep(stored.Digest, stored.Text);
            if (same is not null) return _records.Describe(name, same.Version!.Value)!;
            Commit(end, Entry(RegistryAction.Publish, name, who) with { Version = number, Digest = stored.Digest, Note = note.Length > 0 ? note : null });
            return _records.Describe(name, number)!;
        });
    }

    /// <summary>Points an alias to a version, once that version has been loaded.</summary>
    /// <returns>The entry of the audit log; of an alias that pointed there already, the one that moved it.</returns>
    /// <exception cref="UnknownModelException">There is no such model or version.</exception>
    /// <exception cref="InvalidDataException">The version is damaged; the alias stays where it was.</exception>
    public RegistryEntry SetAlias(string model, string alias, int version, string who)
    {
        string name = ModelReference.Of(model, alias).Name;
        Said(who, 1, LongestWho, nameof(who));
        Load(ModelReference.Of(name, version));
        return Changing(end =>
        {
            Refuse(_layout.AliasNames(name), alias, "alias");
            if (_records.Version(name, version) is null) throw Missing(ModelReference.Of(name, version));
            RegistryEntry? before = Pointing(name, alias);
            if (before?.Version == version) return before;
            return Commit(end, Entry(RegistryAction.Alias, name, who) with { Alias = alias, Before = before?.Version, Version = version });
        });
    }

    /// <summary>Points an alias back to what it pointed to before its latest move; done twice, to what was before that.</summary>
    /// <exception cref="UnknownModelException">There is no such model or alias, or the version before is no longer there.</exception>
    /// <exception cref="InvalidOperationException">The alias has never pointed elsewhere.</exception>
    /// <exception cref="InvalidDataException">The version before, or the audit log, is damaged; the alias stays where it was.</exception>
    public RegistryEntry Rollback(string model, string alias, string who)
    {
        ModelReference reference = ModelReference.Of(model, alias);
        Said(who, 1, LongestWho, nameof(who));
        Known(reference);
        return Changing(end =>
        {
            RegistryEntry? now = Pointing(reference.Name, alias);
            if (now is null && !_log.Read().Any(entry => entry.Model == reference.Name && entry.Alias == alias)) throw Missing(reference);
            int[] history = AliasHistory.Of(_log.Read(), reference.Name, alias);
            if (history.Length < 2) throw new InvalidOperationException($"{reference}: the audit log knows of no other version that it pointed to before.");
            Load(ModelReference.Of(reference.Name, history[^2]));
            return Commit(end, Entry(RegistryAction.Rollback, reference.Name, who) with { Alias = alias, Before = history[^1], Version = history[^2] });
        });
    }

    /// <summary>Removes an alias; the versions stay.</summary>
    /// <exception cref="UnknownModelException">There is no such model or alias.</exception>
    public RegistryEntry RemoveAlias(string model, string alias, string who)
    {
        ModelReference reference = ModelReference.Of(model, alias);
        Said(who, 1, LongestWho, nameof(who));
        Known(reference);
        return Changing(end =>
        {
            if (!_layout.AliasNames(reference.Name).Contains(alias)) throw Missing(reference);
            return Commit(end, Entry(RegistryAction.RemoveAlias, reference.Name, who) with { Alias = alias, Before = Pointing(reference.Name, alias)?.Version });
        });
    }

    /// <summary>What <see cref="Prune"/> would remove now.</summary>
    /// <param name="model">The model, or <c>null</c> for all.</param>
    /// <param name="keep">How many of a model's newest versions stay, 1 or more.</param>
    public Pruning PlanPrune(string? model, int keep) => Changing(_ => Sweep.Measure(_layout, _records, Outdated(model, keep)));

    /// <summary>Removes old versions, and files that no version needs. Versions that an alias points to, or would point to after a rollback, stay.</summary>
    /// <param name="model">The model, or <c>null</c> for all.</param>
    /// <param name="keep">How many of a model's newest versions stay, 1 or more.</param>
    /// <param name="who">Who removes them: 1 to 128 characters.</param>
    /// <exception cref="InvalidDataException">An alias or the audit log is damaged, so that it is not known what must stay: names the file.</exception>
    public Pruning Prune(string? model, int keep, string who)
    {
        Said(who, 1, LongestWho, nameof(who));
        return Changing(_ =>
        {
            ModelReference[] outdated = Outdated(model, keep);
            Pruning pruning = Sweep.Measure(_layout, _records, outdated);
            foreach (ModelReference version in outdated) Commit(_log.End(), Entry(RegistryAction.Prune, version.Name, who) with { Version = version.Version });
            Sweep.Clean(_layout, _records, _disk);
            return pruning;
        });
    }

    private ModelReference[] Outdated(string? model, int keep)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keep, 1);
        string[] names = model is null ? [.. _layout.Models()] : [Known(ModelReference.Of(model))];
        RegistryEntry[] log = [.. _log.Read()];
        return [.. names.SelectMany(name =>
        {
            HashSet<int> needed = [.. _layout.AliasNames(name).SelectMany(alias =>
                AliasHistory.Of(log, name, alias).TakeLast(2).Append(_records.Alias(name, alias)?.Version ?? 0))];
            return _layout.Numbers(name).Reverse().Skip(keep).Where(number => !needed.Contains(number)).Reverse().Select(number => ModelReference.Of(name, number));
        })];
    }

    // Makes a registry of the directory, or takes up one that is there.
    private void Begin()
    {
        if (File.Exists(_layout.Root)) throw new IOException($"'{_layout.Root}' is a file; expected the directory of a registry, or a new one.");
        if (VersionVerification.ReadIfThere(_layout.Seal) is { } seal)
        {
            SealOf(seal, _layout.Seal);
            TryRecover();
            return;
        }

        string[] own = [_layout.Lock, _layout.Temporary];
        if (Directory.Exists(_layout.Root) && Directory.EnumerateFileSystemEntries(_layout.Root).Except(own).FirstOrDefault() is { } other)
            throw new IOException($"'{_layout.Root}' is not a registry of models, and not empty: it holds '{Path.GetFileName(other)}'. Expected a registry, or a new or empty directory.");
        Directory.CreateDirectory(_layout.Root);
        Durable.Flush(Path.GetDirectoryName(_layout.Root) ?? _layout.Root);
        using RegistryLock taken = RegistryLock.Take(_layout, Patience);
        ClearTemporary();
        if (!File.Exists(_layout.Seal)) _disk.Write(_layout.Seal, JsonSerializer.SerializeToUtf8Bytes(RegistrySeal.Current, RegistryJson.Default.RegistrySeal));
    }

    // Whoever cannot write here, or comes while another process writes, can still read.
    private void TryRecover()
    {
        try
        {
            bool isClean = !Directory.Exists(_layout.Temporary) || !Directory.EnumerateFileSystemEntries(_layout.Temporary).Any();
            if (isClean && Applied() == _log.End().Number) return;
            using RegistryLock? taken = RegistryLock.Try(_layout);
            if (taken is not null) Recover();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
        }
    }

    private T Changing<T>(Func<AuditLog.Tail, T> change)
    {
        using RegistryLock taken = RegistryLock.Take(_layout, Patience);
        return change(Recover());
    }

    /// <summary>Under the lock: finishes what a killed process began, and removes what it left.</summary>
    private AuditLog.Tail Recover()
    {
        ClearTemporary();
        AuditLog.Tail end = _log.End();
        long? applied = Applied();
        if (applied > end.Number) throw new InvalidDataException(CutOff(end.Number, applied.Value));
        // Only the last entry can be undone: every writer begins here.
        if (applied is { } before && before < end.Number) Apply(end.Entry!);
        if (applied != end.Number) WriteApplied(end.Number);
        return end;
    }

    // Temporary files are written under the lock only: to whoever has it, these have no owner.
    private void ClearTemporary()
    {
        if (!Directory.Exists(_layout.Temporary)) return;
        foreach (string left in Directory.EnumerateFiles(_layout.Temporary)) File.Delete(left);
    }

    // The line in the log is what makes the change; the files follow from it.
    private RegistryEntry Commit(AuditLog.Tail end, RegistryEntry entry)
    {
        entry = entry with { Number = end.Number + 1 };
        _log.Append(end, entry);
        Apply(entry);
        WriteApplied(entry.Number);
        return entry;
    }

    private void Apply(RegistryEntry entry)
    {
        switch (entry)
        {
            case { Action: RegistryAction.Publish, Version: { } version }:
                _disk.Write(_layout.Version(entry.Model, version), SealedEntry.Write(entry, "").Line);
                break;
            case { Action: RegistryAction.Alias or RegistryAction.Rollback, Alias: { } alias }:
                _disk.Write(_layout.Alias(entry.Model, alias), SealedEntry.Write(entry, "").Line);
                break;
            case { Action: RegistryAction.RemoveAlias, Alias: { } alias }:
                _disk.Delete(_layout.Alias(entry.Model, alias));
                break;
            case { Action: RegistryAction.Prune, Version: { } version }:
                _disk.Delete(_layout.Version(entry.Model, version));
                break;
            default:
                throw new InvalidDataException($"{_layout.Log}: entry {entry.Number} says {entry.Action} without what it is done to.");
        }
    }

    private RegistryEntry Entry(RegistryAction action, string model, string who) =>
        new() { Number = 0, When = _time.GetUtcNow(), Who = who, Action = action, Model = model };

    private void Keep(string digest, byte[] content)
    {
        string place = _layout.Blob(digest);
        // A blob that is damaged is made anew.
        if (VersionVerification.ReadIfThere(place) is { } there && there.AsSpan().SequenceEqual(content)) return;
        _disk.Write(place, content);
    }

    // Where an alias points; of one whose file is damaged nothing is known, and it may be moved to mend it.
    private RegistryEntry? Pointing(string model, string alias)
    {
        try
        {
            return _records.Alias(model, alias);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>The number of the last entry whose change is done; <c>null</c> if that is not written down.</summary>
    private long? Applied()
    {
        if (VersionVerification.ReadIfThere(_layout.Generation) is not { } text) return null;
        return long.TryParse(Encoding.ASCII.GetString(text).TrimEnd('\n'), NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw new InvalidDataException($"{_layout.Generation}: expected a whole number: the file is damaged. Delete it; the next change writes it anew.");
    }

    private void WriteApplied(long number) => _disk.Write(_layout.Generation, Encoding.ASCII.GetBytes(FormattableString.Invariant($"{number}\n")));

    private string CutOff(long last, long applied) =>
        $"{_layout.Log}: ends at entry {last}, but {applied} were made: it was cut or damaged. Put it back, or go on without what is lost by deleting '{_layout.Generation}'.";

    // Where file names ignore case, two such names would be one.
    private static void Refuse(IEnumerable<string> names, string name, string what)
    {
        if (names.FirstOrDefault(other => other != name && other.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } taken)
            throw new ArgumentException($"Expected a {what} whose name differs from '{taken}' by more than upper and lower case, got '{name}'.");
    }

    private static void Said(string text, int least, int most, string parameter)
    {
        ArgumentNullException.ThrowIfNull(text, parameter);
        if (text.Length < least || text.Length > most || text.Any(char.IsControl) || (least > 0 && string.IsNullOrWhiteSpace(text)))
            throw new ArgumentException($"Expected '{parameter}' of {least} to {most} characters without line breaks, got {(text.Length > most ? $"{text.Length} characters" : $"'{text}'")}.", parameter);
    }
}
