using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Ueq.Cli.Output;
using Ueq.Serving.Security;

namespace Ueq.Cli.Commands;

/// <summary><c>ueq keys</c>: keys of callers.</summary>
internal static partial class KeysCommand
{
    public static Command Create(Terminal terminal) => new("keys", "Make keys for those who call a service.") { New(terminal) };

    private static Command New(Terminal terminal)
    {
        Option<string> name = new Option<string>("--name") { Description = "Who will hold the key; the audit log has this name.", HelpName = "N" }.AsNeeded();
        Option<string> scopes = new Option<string>("--scopes") { Description = "What the key is for, with commas between: predict, feedback, read, admin.", HelpName = "S" }.AsNeeded();
        Option<double?> rate = new("--rate") { Description = "Requests per second, where limits.key_requests_per_second is not to hold.", HelpName = "R" };
        Option<bool> json = new("--json") { Description = "As JSON." };
        Command command = new("create", "Make a key: it is shown once, and the configuration holds only its SHA-256.") { name, scopes, rate, json };
        command.SetAction(call =>
        {
            string holder = call.GetValue(name)!;
            if (!HolderName().IsMatch(holder)) throw new UsageException($"--name: expected 1 to 64 letters, digits, dots, dashes and underscores, got '{holder}'.");
            if (call.GetValue(rate) is { } perSecond && !(perSecond is >= 0.001 and <= 1e6))
                throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"--rate: expected a number from 0.001 to 1000000, got {perSecond}."));
            AccessScopes allowed;
            try
            {
                allowed = ApiKey.ParseScopes(call.GetValue(scopes)!);
            }
            catch (FormatException bad)
            {
                throw new UsageException($"--scopes: {bad.Message}.");
            }

            ApiKey key = ApiKey.Create(allowed, out string secret) with { RequestsPerSecond = call.GetValue(rate) };
            if (call.GetValue(json))
            {
                Json.Print(terminal, new JsonObject { ["name"] = holder, ["key"] = secret, ["config"] = key.ToString() });
                return ExitCode.Success;
            }

            terminal.Output.WriteLine(secret);
            terminal.Say($"""
                This is the only time that the key of '{holder}' is shown. It is sent as 'Authorization: Bearer {ApiKey.Prefix}…' or 'X-API-Key: {ApiKey.Prefix}…'.
                The configuration gets:

                security:
                  keys:
                    {holder}: "{key}"
                """);
            return ExitCode.Success;
        });
        return command;
    }

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    private static partial Regex HolderName();
}
