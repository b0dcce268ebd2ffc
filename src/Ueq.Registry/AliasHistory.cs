namespace Ueq.Registry;

/// <summary>What an alias has pointed to, as the audit log tells it.</summary>
internal static class AliasHistory
{
    /// <summary>The versions in their order, the present one last; what was rolled back from is gone from it.</summary>
    public static int[] Of(IEnumerable<RegistryEntry> log, string model, string alias)
    {
        List<int> history = [];
        foreach (RegistryEntry entry in log.Where(entry => entry.Model == model && entry.Alias == alias))
        {
            switch (entry)
            {
                case { Action: RegistryAction.Alias, Version: { } version }:
                    // A log that begins in the middle still tells where the alias came from.
                    if (history.Count == 0 && entry.Before is { } first) history.Add(first);
                    history.Add(version);
                    break;
                case { Action: RegistryAction.Rollback, Version: { } version }:
                    if (history.Count > 0) history.RemoveAt(history.Count - 1);
                    if (history.Count == 0 || history[^1] != version) history = [version];
                    break;
                case { Action: RegistryAction.RemoveAlias }:
                    history.Clear();
                    break;
            }
        }

        return [.. history];
    }
}
