using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Ueq.Serving.Wire;

/// <summary>The body of a request: its type, its size, its bytes.</summary>
internal static class RequestBody
{
    private const string Json = "application/json";

    // A stated length is a claim; room for more is only made as bytes arrive.
    private const int FirstRoom = 1 << 16;

    /// <summary>Refuses a body that says it is no JSON; one that says nothing is taken for JSON.</summary>
    public static void RequireJson(HttpRequest request, string expected)
    {
        string? type = request.ContentType;
        if (type == Json || string.IsNullOrEmpty(type)) return;
        if (MediaTypeHeaderValue.TryParse(type, out MediaTypeHeaderValue? media)
            && (media.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase) || media.MediaType.Equals("text/json", StringComparison.OrdinalIgnoreCase)))
        {
            if (!media.Charset.HasValue || media.Charset.Value.Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase)) return;
            throw new RefusalException(StatusCodes.Status415UnsupportedMediaType, $"Content-Type: expected the charset utf-8, got \"{media.Charset}\"");
        }

        throw new RefusalException(StatusCodes.Status415UnsupportedMediaType, $"Content-Type: expected {expected}, got \"{type}\"");
    }

    public static void RequireLength(long? length, int limit)
    {
        if (length > limit)
            throw RefusalException.TooLarge(string.Create(CultureInfo.InvariantCulture, $"expected a body of at most {limit} bytes, got {length}"));
    }

    /// <summary>Copies the rest of a body into one array.</summary>
    /// <param name="reader">The body.</param>
    /// <param name="read">What was read of it already, not yet advanced over.</param>
    /// <param name="body">Receives the bytes.</param>
    /// <param name="limit">Most bytes there may be.</param>
    /// <returns>Number of bytes.</returns>
    public static async ValueTask<int> Collect(PipeReader reader, ReadResult read, Grown<byte> body, int limit)
    {
        int length = 0;
        body.Reserve(FirstRoom);
        while (true)
        {
            ReadOnlySequence<byte> more = read.Buffer;
            long total = length + more.Length;
            if (total <= limit)
            {
                body.Reserve((int)total);
                more.CopyTo(body.Span((int)total)[length..]);
            }

            reader.AdvanceTo(more.End);
            if (total > limit) throw RefusalException.TooLarge(string.Create(CultureInfo.InvariantCulture, $"expected a body of at most {limit} bytes, got more"));
            length = (int)total;
            if (read.IsCompleted) return length;
            read = await reader.ReadAsync();
        }
    }
}
