namespace Ueq.Monitoring;

/// <summary>Many tests at once: how many of those that are called changed may be false.</summary>
public static class FalseDiscovery
{
    /// <summary>Adjusted probabilities of Benjamini and Hochberg (1995): calling those at most r changed keeps the expected share of false calls at r.</summary>
    /// <remarks>min over j ≥ i of p₍ⱼ₎·k/j, at most 1. Holds for independent tests and those that depend positively. NaN (no test) stays NaN and is not counted.</remarks>
    /// <param name="pValues">One probability per test, in any order.</param>
    /// <param name="destination">The adjusted probabilities in the same order.</param>
    /// <exception cref="ArgumentException">The lengths differ or a number is no probability; the message says where.</exception>
    public static void BenjaminiHochberg(ReadOnlySpan<double> pValues, Span<double> destination)
    {
        Throw.IfDifferent(nameof(destination), destination.Length, pValues.Length, "numbers, one per test");
        List<int> order = [];
        for (int i = 0; i < pValues.Length; i++)
        {
            if (pValues[i] is < 0 or > 1) throw new ArgumentException(FormattableString.Invariant($"Expected probabilities, got {pValues[i]:R} at index {i}."), nameof(pValues));
            destination[i] = pValues[i];
            if (!double.IsNaN(pValues[i])) order.Add(i);
        }

        double[] keys = [.. order.Select(i => 0.0)];
        for (int k = 0; k < keys.Length; k++) keys[k] = pValues[order[k]];
        int[] places = [.. order];
        Array.Sort(keys, places);
        double least = 1;
        for (int k = keys.Length - 1; k >= 0; k--)
        {
            least = Math.Min(least, keys[k] * keys.Length / (k + 1));
            destination[places[k]] = least;
        }
    }
}
