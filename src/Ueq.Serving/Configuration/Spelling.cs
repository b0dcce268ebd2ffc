namespace Ueq.Serving.Configuration;

/// <summary>How far apart two names are.</summary>
internal static class Spelling
{
    /// <summary>The known name that takes the fewest edits; letters' case counts for nothing.</summary>
    public static string Nearest(string name, IEnumerable<string> known) =>
        known.MinBy(k => Distance(name.ToLowerInvariant(), k.ToLowerInvariant())) ?? "";

    /// <summary>Insertions, deletions and replacements from one text to the other (Levenshtein 1966).</summary>
    public static int Distance(string from, string to)
    {
        // A name from the wire may be megabytes long; past this length only its beginning can be near.
        if (from.Length > 128) from = from[..128];
        int[] row = new int[to.Length + 1];
        for (int j = 0; j <= to.Length; j++) row[j] = j;
        for (int i = 1; i <= from.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.Length; j++)
            {
                int replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[^1];
    }
}
