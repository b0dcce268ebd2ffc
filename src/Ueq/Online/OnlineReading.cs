namespace Ueq.Online;

/// <summary>What an online level has come to, and what its answers have been worth.</summary>
/// <param name="Target">The coverage that is wanted in the long run.</param>
/// <param name="Miss">The miss that the next answer is made at; at or below 0 it is unbounded, at or above 1 empty.</param>
/// <param name="Updates">Labels that moved it.</param>
/// <param name="Covered">Share of answers that contained their truth; NaN without labels.</param>
/// <param name="Unbounded">Share of answers with an infinite end, or with every class; NaN without labels.</param>
/// <param name="Empty">Share of empty answers; NaN without labels.</param>
/// <param name="MedianWidth">Median width of the latest answers, in units of the target; +∞ where half of them are unbounded, NaN without labels.</param>
public readonly record struct OnlineReading(Coverage Target, double Miss, long Updates, double Covered, double Unbounded, double Empty, double MedianWidth);
