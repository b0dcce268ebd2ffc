using System.Globalization;

namespace Ueq.Testing;

/// <summary>A law that does not hold: which one, of what, what was done, where, what was expected and what came.</summary>
/// <remarks>Any test framework shows it as a failure; there is no dependency on one.</remarks>
public sealed class LawException : Exception
{
    internal LawException(string law, string subject, string done, int? row, string expected, string got, Exception? cause = null)
        : base(Say(law, subject, done, row, expected, got), cause)
    {
        Law = law;
        Subject = subject;
        Row = row;
        Expected = expected;
        Got = got;
    }

    /// <summary>The law as a sentence.</summary>
    public string Law { get; }

    /// <summary>The type that breaks it, and the shape in which it does.</summary>
    public string Subject { get; }

    /// <summary>The row at which it was seen, if there is one.</summary>
    public int? Row { get; }

    /// <summary>What the law asks for.</summary>
    public string Expected { get; }

    /// <summary>What came instead.</summary>
    public string Got { get; }

    private static string Say(string law, string subject, string done, int? row, string expected, string got)
    {
        string place = row is { } at ? $" at row {at.ToString(CultureInfo.InvariantCulture)}" : "";
        return $"{subject} breaks the law \"{law}\": {done}, expected{place} {expected}, got {got}.";
    }
}
