namespace Ueq.MLNet;

/// <summary>What a kind of model does with NaN.</summary>
internal static class Missing
{
    /// <summary>
    /// Below every real feature. ML.NET's own trees drop training rows that hold NaN; as the smallest value a missing one can be split
    /// off and learned from.
    /// </summary>
    public const float Smallest = -1e30f;

    /// <summary>Puts <paramref name="instead"/> where NaN is, unless that is NaN itself.</summary>
    public static void Replace(Span<float> features, float instead)
    {
        if (float.IsNaN(instead)) return;
        for (int i = 0; i < features.Length; i++)
            if (float.IsNaN(features[i])) features[i] = instead;
    }
}
