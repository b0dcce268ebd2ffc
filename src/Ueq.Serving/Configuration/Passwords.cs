using System.Data.Common;

namespace Ueq.Serving.Configuration;

/// <summary>Takes the passwords out of connection strings.</summary>
internal static class Passwords
{
    public static string Mask(string text)
    {
        if (!text.Contains('=', StringComparison.Ordinal)) return text;
        DbConnectionStringBuilder parts = [];
        try
        {
            parts.ConnectionString = text;
        }
        catch (ArgumentException)
        {
            return "(set)";
        }

        foreach (string key in parts.Keys.Cast<string>().ToArray())
            if (key.Contains("pass", StringComparison.OrdinalIgnoreCase) || key.Contains("pwd", StringComparison.OrdinalIgnoreCase)) parts[key] = "***";
        return parts.ConnectionString;
    }
}
