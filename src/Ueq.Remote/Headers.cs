namespace Ueq.Remote;

/// <summary>Headers from the environment; their values are secrets.</summary>
internal static class Headers
{
    public static IReadOnlyList<(string Name, string Value)> From(string? variable)
    {
        if (variable is null) return [];
        string text = Environment.GetEnvironmentVariable(variable)
            ?? throw new ArgumentException($"Expected headers in the environment variable '{variable}', which is not there.", nameof(variable));
        List<(string, string)> headers = [];
        string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        for (int i = 0; i < lines.Length; i++)
        {
            int colon = lines[i].IndexOf(':', StringComparison.Ordinal);
            // The line itself is not shown: it may be a secret without its name.
            if (colon < 1) throw new ArgumentException($"Expected 'Name: value' in line {i + 1} of the environment variable '{variable}', got something else.", nameof(variable));
            headers.Add((lines[i][..colon].Trim(), lines[i][(colon + 1)..].Trim()));
        }

        return headers;
    }

    /// <summary>A text without the values.</summary>
    public static string Hide(string text, IReadOnlyList<(string Name, string Value)> headers)
    {
        foreach ((_, string value) in headers)
        {
            if (value.Length == 0) continue;
            text = text.Replace(value, "***", StringComparison.Ordinal);
            // Of "Bearer token" the token alone, too.
            int space = value.LastIndexOf(' ');
            if (space >= 0 && space < value.Length - 1) text = text.Replace(value[(space + 1)..], "***", StringComparison.Ordinal);
        }

        return text;
    }
}
