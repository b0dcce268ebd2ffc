using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Ueq.Serving.Batching;

/// <summary>How long a request may wait and whose turn comes first, as callers say it. The body's word goes over the header's.</summary>
internal static class RequestTerms
{
    public const string TimeoutHeader = "X-Request-Timeout-Ms";
    public const string PriorityHeader = "X-Request-Priority";
    public const string TimeoutExpected = "a whole number of milliseconds from 1 to 86400000";
    public const string PriorityExpected = "high, normal or low";
    private const int LongestTimeout = 86_400_000;

    /// <summary>Reads the headers.</summary>
    /// <exception cref="RefusalException">One of them says something else than expected.</exception>
    public static void Read(IHeaderDictionary headers, PredictWork work)
    {
        if (headers.TryGetValue(TimeoutHeader, out Microsoft.Extensions.Primitives.StringValues timeout))
        {
            work.TimeoutMilliseconds = int.TryParse(timeout, NumberStyles.None, CultureInfo.InvariantCulture, out int milliseconds) && IsTimeout(milliseconds)
                ? milliseconds
                : throw RefusalException.BadRequest($"{TimeoutHeader}: expected {TimeoutExpected}, got \"{Short(timeout)}\"");
        }

        if (headers.TryGetValue(PriorityHeader, out Microsoft.Extensions.Primitives.StringValues priority))
            work.Priority = PriorityOf(priority.ToString()) ?? throw RefusalException.BadRequest($"{PriorityHeader}: expected {PriorityExpected}, got \"{Short(priority)}\"");
    }

    public static bool IsTimeout(int milliseconds) => milliseconds is >= 1 and <= LongestTimeout;

    /// <summary>The priority of a word; <c>null</c> when it is none.</summary>
    public static RequestPriority? PriorityOf(ReadOnlySpan<char> word) => word switch
    {
        "high" => RequestPriority.High,
        "normal" => RequestPriority.Normal,
        "low" => RequestPriority.Low,
        _ => null,
    };

    private static string Short(string? text) => JsonWords.Short(System.Text.Encoding.UTF8.GetBytes(text ?? ""));
}
