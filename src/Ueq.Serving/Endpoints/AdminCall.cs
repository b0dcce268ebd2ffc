using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Ueq.Storage;

namespace Ueq.Serving.Endpoints;

/// <summary>What the calls that are not about predicting share: verbs, who may, the body, and errors.</summary>
internal sealed class AdminCall(ServiceParts parts, ErrorAnswers errors)
{
    public AdminCall(ServiceParts parts)
        : this(parts, parts.Errors)
    {
    }

    private const int MostBytes = 1 << 16;

    /// <summary>Runs a call; whatever goes wrong is answered.</summary>
    public async Task Run(HttpContext http, Func<HttpContext, Task> call)
    {
        try
        {
            await call(http);
        }
#pragma warning disable CA1031 // The edge: whatever happened is answered here.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            long id = parts.Tally.NextId();
            if (failure is StoreUnavailableException or StoreFullException && !http.Response.HasStarted) http.Response.Headers.RetryAfter = "5";
            int status = await errors.Write(http, id, failure);
            if (status is >= StatusCodes.Status400BadRequest and < StatusCodes.Status500InternalServerError) parts.Tally.CountRefusal(status);
        }
    }

    /// <summary>Refuses who may not change anything: without keys and tokens, whoever is not a program on this machine.</summary>
    /// <exception cref="RefusalException">The caller is not on this machine, or not a program.</exception>
    public static void RequireLocal(HttpContext http)
    {
        // Whoever was asked who they are has the scope, or would not be here.
        if (Caller.Of(http) is not null) return;
        IPAddress? from = http.Connection.RemoteIpAddress;
        if (from is not null && !IPAddress.IsLoopback(from))
            throw new RefusalException(StatusCodes.Status403Forbidden, $"expected a call from this machine itself, got one from {from}: what changes the service is only taken over the loopback address, or with a key of the scope admin");
        IHeaderDictionary headers = http.Request.Headers;
        if (Guard.Forwarding.FirstOrDefault(headers.ContainsKey) is { } forwarded)
            throw new RefusalException(StatusCodes.Status403Forbidden, $"expected a call from this machine itself, got one that a proxy passed on ({forwarded})");
        // A page may have its own name mean this machine, and is then not even of another origin.
        if (http.Request.Host.Host is { Length: > 0 } host && !IPAddress.TryParse(host, out _) && !host.Equals("localhost", StringComparison.OrdinalIgnoreCase) && !host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase))
            throw new RefusalException(StatusCodes.Status403Forbidden, $"expected a call to an address of this machine, such as 127.0.0.1 or localhost, got one to the name \"{JsonWords.Short(System.Text.Encoding.UTF8.GetBytes(host))}\" (Host)");
        if (headers.ContainsKey("Origin"))
            throw new RefusalException(StatusCodes.Status403Forbidden, "expected a call of a program, got one of a web page (Origin)");
    }

    /// <summary>Who does something: the holder of the key, or without one whom the caller names.</summary>
    /// <exception cref="RefusalException">Somebody else is named than who asks, or nobody.</exception>
    public static string Who(HttpContext http, string place, string? named)
    {
        if (Caller.Of(http) is { } caller)
        {
            return named is null || named == caller.Name ? caller.Name
                : throw new RefusalException(StatusCodes.Status403Forbidden, $"{place}: expected \"{caller.Name}\", whose key this is, or nothing; got \"{named}\"");
        }

        return !string.IsNullOrWhiteSpace(named) ? named : throw RefusalException.BadRequest($"{place}: expected a text, got {(named is null ? "no such key" : "an empty one")}");
    }

    /// <summary>The fields of a body.</summary>
    public static async Task<Dictionary<string, string>> Fields(HttpContext http, params string[] known)
    {
        (Grown<byte> body, int length) = await Body(http);
        return FieldsReader.Read(body.Span(length), known);
    }

    /// <summary>The fields of a body of which one may be a whole number.</summary>
    public static async Task<Dictionary<string, string>> FieldsWithNumber(HttpContext http, string number, params string[] known)
    {
        (Grown<byte> body, int length) = await Body(http);
        return FieldsReader.Read(body.Span(length), number, [number, .. known]);
    }

    /// <summary>A body as an object of any shape.</summary>
    /// <exception cref="RefusalException">It is no JSON object, or has a key twice.</exception>
    public static async Task<JsonElement> Object(HttpContext http)
    {
        (Grown<byte> body, int length) = await Body(http);
        try
        {
            using JsonDocument document = JsonDocument.Parse(body.Memory(length), new JsonDocumentOptions { MaxDepth = 8, AllowDuplicateProperties = false });
            JsonWords.RequireWholeCharacters(document.RootElement);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : throw RefusalException.BadRequest("$: expected an object, got something else");
        }
        catch (JsonException bad)
        {
            throw JsonWords.Malformed(body.Span(length), bad, "$");
        }
        catch (InvalidOperationException)
        {
            // The search for names that come twice reads them first.
            throw JsonWords.HalfCharacter("$");
        }
    }

    private static async Task<(Grown<byte> Body, int Length)> Body(HttpContext http)
    {
        RequestBody.RequireJson(http.Request, "application/json");
        RequestBody.RequireLength(http.Request.ContentLength, MostBytes);
        Grown<byte> body = new(MostBytes);
        PipeReader reader = http.Request.BodyReader;
        int length = await RequestBody.Collect(reader, await reader.ReadAsync(http.RequestAborted), body, MostBytes);
        return (body, length);
    }

    /// <summary>A whole number of the query.</summary>
    public static long? Number(HttpContext http, string key, long least, long most)
    {
        if (!http.Request.Query.TryGetValue(key, out var text)) return null;
        return text.Count == 1 && long.TryParse(text[0], NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number >= least && number <= most
            ? number
            : throw RefusalException.BadRequest(FormattableString.Invariant($"?{key}: expected a whole number from {least} to {most}, got \"{text}\""));
    }

    /// <summary>A time of the query or of a field.</summary>
    public static DateTimeOffset Time(string place, string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? time
            : throw RefusalException.BadRequest($"{place}: expected a time such as 2026-03-01T12:00:00Z, got \"{text}\"");

    /// <summary>Refuses keys of the query that mean nothing here.</summary>
    public static void RequireQuery(HttpContext http, params ReadOnlySpan<string> known)
    {
        foreach (string key in http.Request.Query.Keys)
            if (!known.Contains(key)) throw RefusalException.BadRequest($"?{key}: unknown key{(known.IsEmpty ? "" : $"; did you mean \"{Spelling.Nearest(key, known.ToArray())}\"?")}");
    }
}
