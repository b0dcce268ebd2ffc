using System.CommandLine;
using System.Globalization;
using System.Net;
using Ueq.Cli.Output;

namespace Ueq.Cli.Commands;

/// <summary><c>ueq health</c>: asks a service whether it is ready, for scripts and for images that have no other program that could.</summary>
internal static class HealthCommand
{
    public static Command Create(Terminal terminal)
    {
        Option<string> url = new("--url") { Description = "Address of the service.", HelpName = "U", DefaultValueFactory = _ => "http://127.0.0.1:5000" };
        Option<bool> live = new("--live") { Description = "Ask only whether it answers, not whether it takes requests." };
        Option<double> timeout = new("--timeout") { Description = "Seconds to wait, 0.1 to 300.", HelpName = "S", DefaultValueFactory = _ => 3 };
        Command command = new("health", "Ask a service whether it is ready. Exit code 0 when it is, 1 when it is not.") { url, live, timeout };
        command.SetAction(async (call, cancellation) =>
        {
            string address = call.GetValue(url)!;
            if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? service) || service.Scheme is not ("http" or "https"))
                throw new UsageException($"--url: expected an address such as http://127.0.0.1:5000, got '{address}'.");
            double seconds = call.GetValue(timeout);
            if (seconds is not (>= 0.1 and <= 300)) throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"--timeout: expected 0.1 to 300 seconds, got {seconds}."));
            Uri asked = new(service, call.GetValue(live) ? "/health/live" : "/health/ready");
            using HttpClient client = new() { Timeout = TimeSpan.FromSeconds(seconds) };
            try
            {
                using HttpResponseMessage answer = await client.GetAsync(asked, cancellation);
                string body = (await answer.Content.ReadAsStringAsync(cancellation)).Trim();
                if (answer.StatusCode == HttpStatusCode.OK) terminal.Output.WriteLine($"{asked}: {body}");
                else terminal.Fail($"{asked} answers {(int)answer.StatusCode}: {(body.Length > 300 ? body[..300] : body)}");
                return answer.StatusCode == HttpStatusCode.OK ? ExitCode.Success : ExitCode.RunFailed;
            }
            catch (HttpRequestException error)
            {
                terminal.Fail($"{asked} cannot be reached: {error.Message}");
            }
            catch (TaskCanceledException) when (!cancellation.IsCancellationRequested)
            {
                terminal.Fail(string.Create(CultureInfo.InvariantCulture, $"{asked} has not answered within {seconds} s"));
            }

            return ExitCode.RunFailed;
        });
        return command;
    }
}
