using System.CommandLine;
using System.CommandLine.Parsing;

namespace Ueq.Cli.Commands;

/// <summary>How a command that asks a service says who asks: by a key in the environment, or by headers.</summary>
internal sealed class CallerHeaders
{
    private const string Variable = "UEQ_KEY", Authorization = "Authorization";

    /// <summary>The option of headers.</summary>
    public Option<string[]> Option { get; } = new("--header")
    {
        Description = $"A header of every request, such as \"X-Request-Priority: low\"; may be given several times. A key in {Variable} is sent as \"Authorization: Bearer …\".",
        HelpName = "HEADER",
        CustomParser = Parse,
    };

    /// <summary>The headers of a request.</summary>
    public Dictionary<string, string> Of(ParseResult call)
    {
        Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
        // A list of processes shows arguments to everybody, so a key is better in the environment; what is said in the call comes first.
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } key) headers[Authorization] = $"Bearer {key}";
        foreach (string header in call.GetValue(Option) ?? [])
        {
            int colon = header.IndexOf(':', StringComparison.Ordinal);
            headers[header[..colon].Trim()] = header[(colon + 1)..].Trim();
        }

        return headers;
    }

    /// <summary>Whether the service will know who asks.</summary>
    public bool IsKnown(ParseResult call) => Of(call).Keys.Any(name => name.ToUpperInvariant() is "AUTHORIZATION" or "X-API-KEY");

    private static string[] Parse(ArgumentResult result)
    {
        foreach (Token token in result.Tokens.Where(token => token.Value.IndexOf(':', StringComparison.Ordinal) < 1))
            result.AddError($"--header: expected a header such as \"Name: value\", got '{token.Value}'.");
        return [.. result.Tokens.Select(token => token.Value)];
    }
}
