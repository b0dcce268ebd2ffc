using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Ueq.Serving.Streams;

/// <summary>What a stream of rows or answers is written in.</summary>
internal enum StreamFormat
{
    /// <summary>The body is no stream.</summary>
    None,

    /// <summary>NDJSON: a row or an answer per line.</summary>
    Lines,

    /// <summary>Arrow's IPC stream: record batches.</summary>
    Arrow,
}

/// <summary>Which format a request has, and which it wants.</summary>
internal static class StreamFormats
{
    public const string Lines = "application/x-ndjson";
    public const string Arrow = "application/vnd.apache.arrow.stream";

    public static StreamFormat Of(HttpRequest request) =>
        request.ContentType is { } type && MediaTypeHeaderValue.TryParse(type, out MediaTypeHeaderValue? media) ? Of(media) : StreamFormat.None;

    /// <summary>The format of the answers: the one that the caller likes best among those we have; without a word of it, that of the rows.</summary>
    public static StreamFormat Wanted(HttpRequest request, StreamFormat rows)
    {
        if (request.Headers.Accept.Count == 0 || !MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out IList<MediaTypeHeaderValue>? accepted)) return rows;
        StreamFormat wanted = rows;
        double best = 0;
        foreach (MediaTypeHeaderValue media in accepted)
        {
            double quality = media.Quality ?? 1;
            StreamFormat format = Of(media);
            if (quality <= best || format == StreamFormat.None) continue;
            wanted = format;
            best = quality;
        }

        return wanted;
    }

    private static StreamFormat Of(MediaTypeHeaderValue media) =>
        Is(media, Lines) || Is(media, "application/jsonl") ? StreamFormat.Lines
        : Is(media, Arrow) ? StreamFormat.Arrow
        : StreamFormat.None;

    private static bool Is(MediaTypeHeaderValue media, string type) => media.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase);
}
