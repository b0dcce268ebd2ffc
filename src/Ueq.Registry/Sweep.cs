using Ueq.Versions;

namespace Ueq.Registry;

/// <summary>Finds and removes the files that no version needs. Under the lock only: a version that is being published needs files that none names yet.</summary>
internal static class Sweep
{
    /// <summary>What removing some versions would remove.</summary>
    public static Pruning Measure(Layout layout, Records records, IReadOnlyList<ModelReference> versions)
    {
        FileInfo[] files = [.. Unneeded(layout, records, versions, out string? kept)];
        return new Pruning(versions, files.Length, files.Sum(file => file.Length), kept);
    }

    public static void Clean(Layout layout, Records records, Disk disk)
    {
        foreach (FileInfo file in Unneeded(layout, records, [], out _).ToArray()) disk.Delete(file.FullName);
    }

    private static IEnumerable<FileInfo> Unneeded(Layout layout, Records records, IReadOnlyList<ModelReference> without, out string? kept)
    {
        kept = null;
        HashSet<string> needed = new(StringComparer.Ordinal);
        foreach (string model in layout.Models())
        {
            foreach (int number in layout.Numbers(model).Where(number => !without.Contains(ModelReference.Of(model, number))))
            {
                try
                {
                    if (records.Version(model, number) is not { } entry) continue;
                    needed.Add(entry.Digest!);
                    (byte[] text, string place) = records.ManifestText(entry);
                    foreach (VersionFile file in StoredVersion.ManifestOf(text, place).Files) needed.Add(file.Sha256);
                }
                catch (InvalidDataException error)
                {
                    // Whatever it needs may be any file: all stay until it is mended or pruned.
                    kept = $"{ModelReference.Of(model, number)}: {error.Message}";
                    return [];
                }
            }
        }

        return layout.BlobFiles().Where(file => !needed.Contains(file.Name));
    }
}
