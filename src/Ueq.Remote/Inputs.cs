namespace Ueq.Remote;

/// <summary>What is checked of every call.</summary>
internal static class Inputs
{
    public static void CheckLength(string parameter, int length, long expected, string what)
    {
        if (length != expected) throw new ArgumentException($"Expected {expected} {what}, got {length}.", parameter);
    }
}
