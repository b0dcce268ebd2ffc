namespace Ueq.HouseLaws;

/// <summary>How a law speaks: one line per violation.</summary>
internal static class Law
{
    public static void Holds(IEnumerable<string> violations)
    {
        string[] all = [.. violations];
        Assert.True(all.Length == 0, $"{all.Length} violation(s):\n{string.Join('\n', all)}");
    }
}
