namespace Ueq.Data;

/// <summary>The name a person most likely meant.</summary>
internal static class NearestName
{
    /// <summary>A hint such as <c> Did you mean 'age'?</c>, or nothing when no name is near.</summary>
    public static string Hint(string name, IReadOnlyList<string> known)
    {
        string? nearest = known.MinBy(candidate => Distance(name, candidate));
        bool near = nearest is not null && Distance(name, nearest) <= Math.Max(2, name.Length / 3);
        return near ? $" Did you mean '{nearest}'?" : "";
    }

    /// <summary>Up to twelve names, quoted, for a message.</summary>
    public static string List(IReadOnlyCollection<string> names)
    {
        const int Shown = 12;
        string list = string.Join(", ", names.Take(Shown).Select(n => $"'{n}'"));
        return names.Count > Shown ? $"{list} and {names.Count - Shown} more" : list;
    }

    // Levenshtein, letters without case: typing Target for target is the nearest of all mistakes.
    private static int Distance(string a, string b)
    {
        int[] previous = [.. Enumerable.Range(0, b.Length + 1)], current = new int[b.Length + 1];
        for (int i = 1; i <= a.Length; i++)
        {
            current[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int change = char.ToUpperInvariant(a[i - 1]) == char.ToUpperInvariant(b[j - 1]) ? 0 : 1;
                current[j] = Math.Min(Math.Min(current[j - 1], previous[j]) + 1, previous[j - 1] + change);
            }

            (previous, current) = (current, previous);
        }

        return previous[b.Length];
    }
}
