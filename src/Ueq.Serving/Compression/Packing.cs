using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Ueq.Serving.Compression;

/// <summary>Stands before every address: unpacks what is sent compressed, and compresses what is worth it.</summary>
/// <remarks>A request that says nothing about encodings pays for two look-ups in its headers.</remarks>
internal sealed class Packing(IServiceProvider services, UeqServiceConfig config, ServiceParts parts)
{
    private const string Known = "gzip, br, deflate";

    // Made for the first caller who accepts it: most starts never need them.
    private readonly Lazy<AnswerPacking> _answers = new(() => new AnswerPacking(services, config.Compression.LeastBytes));

    /// <summary>Puts itself before an endpoint.</summary>
    public void Wrap(EndpointBuilder endpoint)
    {
        if (endpoint.RequestDelegate is not { } handle) return;
        bool compresses = config.Compression.Answers;
        Lazy<RequestDelegate> packed = new(() => new ResponseCompressionMiddleware(handle, _answers.Value).Invoke);
        endpoint.RequestDelegate = http =>
        {
            StringValues encoding = http.Request.Headers.ContentEncoding;
            if (encoding.Count > 0 && !Unpack(http, encoding)) return Refuse(http, encoding);
            return compresses && http.Request.Headers.AcceptEncoding.Count > 0 ? packed.Value(http) : handle(http);
        };
    }

    private static bool Unpack(HttpContext http, StringValues encoding)
    {
        if (encoding.Count != 1) return false;
        if (string.Equals(encoding[0], "identity", StringComparison.OrdinalIgnoreCase)) return true;
        if (PackedBody.Of(http.Request.Body, encoding[0]!) is not { } body) return false;
        http.Response.RegisterForDisposeAsync(body);
        http.Request.Body = body;
        return true;
    }

    private Task Refuse(HttpContext http, StringValues encoding)
    {
        http.Response.Headers.AcceptEncoding = Known;
        return parts.Errors.Refuse(http, StatusCodes.Status415UnsupportedMediaType, $"Content-Encoding: expected one of {Known}, got \"{JsonWords.Short(System.Text.Encoding.UTF8.GetBytes(encoding.ToString()))}\"");
    }

    /// <summary>What is compressed: texts that are long enough, or of unknown length.</summary>
    private sealed class AnswerPacking(IServiceProvider services, int leastBytes) : ResponseCompressionProvider(services, Options.Create(Choices))
    {
        private static readonly ResponseCompressionOptions Choices = new()
        {
            EnableForHttps = true,
            MimeTypes = ["application/json", "application/x-ndjson", "text/plain", "text/html", "application/javascript", "text/javascript", "text/css"],
        };

        public override bool ShouldCompressResponse(HttpContext context) =>
            (context.Response.ContentLength is not { } length || length >= leastBytes) && base.ShouldCompressResponse(context);
    }
}
