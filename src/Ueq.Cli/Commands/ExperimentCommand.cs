using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ueq.Cli.Output;

namespace Ueq.Cli.Commands;

/// <summary><c>ueq experiment</c>: the experiments of a running service, and what their labels have shown.</summary>
internal static class ExperimentCommand
{
    public static Command Create(Terminal terminal) => new("experiment", "A/B tests, canaries and shadows of a running service.")
    {
        List(terminal), Analyze(terminal), Start(terminal), Weigh(terminal), Stop(terminal),
    };

    private static Command List(Terminal terminal)
    {
        Service service = new();
        Command command = service.AddTo(new Command("list", "The experiments and how often their arms have answered."));
        command.SetAction(async (call, cancellation) =>
        {
            JsonNode answer = await service.Ask(call, HttpMethod.Get, "experiments", null, cancellation);
            if (call.GetValue(service.AsJson)) Json.Print(terminal, answer["experiments"]!);
            else ExperimentReport.PrintList(terminal, answer["experiments"]!.AsArray());
            return ExitCode.Success;
        });
        return command;
    }

    private static Command Analyze(Terminal terminal)
    {
        Service service = new();
        Argument<string> name = Name();
        Command command = service.AddTo(new Command("analyze", "Compare the arms by their labels; it may be asked as often as you like.") { name });
        command.Aliases.Add("show");
        command.SetAction((call, cancellation) => Show(terminal, service, call, HttpMethod.Get, $"experiments/{Uri.EscapeDataString(call.GetValue(name)!)}", null, cancellation));
        return command;
    }

    private static Command Start(Terminal terminal)
    {
        Service service = new();
        Argument<string> name = Name();
        Option<string?> kind = new Option<string?>("--kind") { Description = "ab, canary or shadow. Without it an experiment that was stopped goes on." }.Among("ab", "canary", "shadow");
        Option<string?> model = new("--model") { Description = "The model whose requests are split.", HelpName = "REF" };
        Option<string[]> arms = Arms();
        Option<string?> salt = new("--salt") { Description = "What users are assigned by, beside their id. [default: the name]", HelpName = "TEXT" };
        Command command = service.AddTo(new Command("start", "Make an experiment, or let one go on that was stopped.") { name, kind, model, arms, salt });
        command.SetAction((call, cancellation) =>
        {
            string named = call.GetValue(name)!;
            if (call.GetValue(kind) is not { } asked)
            {
                if (call.GetValue(model) is not null || call.GetValue(arms) is { Length: > 0 } || call.GetValue(salt) is not null) throw new UsageException("--kind is needed for a new experiment: ab, canary or shadow.");
                return Show(terminal, service, call, HttpMethod.Post, $"experiments/{Uri.EscapeDataString(named)}/start", service.Body(call), cancellation);
            }

            JsonObject body = service.Body(call);
            body["name"] = named;
            body["kind"] = asked;
            body["model"] = call.GetValue(model) ?? throw new UsageException("--model REF is needed: the model whose requests are split.");
            body["arms"] = Weights(call.GetValue(arms) ?? []);
            if (call.GetValue(salt) is { } chosen) body["salt"] = chosen;
            return Show(terminal, service, call, HttpMethod.Post, "experiments", body, cancellation);
        });
        return command;
    }

    private static Command Weigh(Terminal terminal)
    {
        Service service = new();
        Argument<string> name = Name();
        Option<string[]> arms = Arms();
        Command command = service.AddTo(new Command("weights", "Change the weights of arms; arms left out keep theirs.") { name, arms });
        command.SetAction((call, cancellation) =>
        {
            JsonObject body = service.Body(call);
            body["arms"] = Weights(call.GetValue(arms) ?? []);
            return Show(terminal, service, call, HttpMethod.Post, $"experiments/{Uri.EscapeDataString(call.GetValue(name)!)}/weights", body, cancellation);
        });
        return command;
    }

    private static Command Stop(Terminal terminal)
    {
        Service service = new();
        Argument<string> name = Name();
        Command command = service.AddTo(new Command("stop", "Stop an experiment: requests are answered as without it.") { name });
        command.SetAction((call, cancellation) => Show(terminal, service, call, HttpMethod.Post, $"experiments/{Uri.EscapeDataString(call.GetValue(name)!)}/stop", service.Body(call), cancellation));
        return command;
    }

    private static async Task<int> Show(Terminal terminal, Service service, ParseResult call, HttpMethod verb, string path, JsonObject? body, CancellationToken cancellation)
    {
        JsonNode answer = await service.Ask(call, verb, path, body, cancellation);
        if (call.GetValue(service.AsJson)) Json.Print(terminal, answer);
        else ExperimentReport.Print(terminal, answer);
        return ExitCode.Success;
    }

    private static Argument<string> Name() => new("name") { Description = "The experiment." };

    private static Option<string[]> Arms() => new("--arm") { Description = "An arm as REF=WEIGHT, such as houses@challenger=0.1; several times, the control first.", HelpName = "REF=WEIGHT", AllowMultipleArgumentsPerToken = false };

    private static JsonObject Weights(string[] arms)
    {
        if (arms.Length == 0) throw new UsageException("--arm REF=WEIGHT is needed, such as --arm houses@champion=0.9 --arm houses@challenger=0.1.");
        JsonObject weights = [];
        foreach (string arm in arms)
        {
            int sign = arm.LastIndexOf('=');
            if (sign <= 0 || !double.TryParse(arm[(sign + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out double weight) || !double.IsFinite(weight))
                throw new UsageException($"--arm: expected REF=WEIGHT such as houses@challenger=0.1, got '{arm}'.");
            if (!weights.TryAdd(arm[..sign], JsonValue.Create(weight))) throw new UsageException($"--arm: expected '{arm[..sign]}' once, got it twice.");
        }

        return weights;
    }

    /// <summary>The service that is asked, and how its refusals are told.</summary>
    private sealed class Service
    {
        private readonly Option<string> _url = new("--url") { Description = "Address of the service.", HelpName = "U", DefaultValueFactory = _ => "http://127.0.0.1:5000" };

        private readonly CallerHeaders _headers = new();

        public Option<bool> AsJson { get; } = SharedOptions.AsJson();

        public Command AddTo(Command command)
        {
            command.Options.Add(_url);
            command.Options.Add(_headers.Option);
            command.Options.Add(AsJson);
            return command;
        }

        // Whoever has a key is known by it; else the audit log has the name of the user.
        public JsonObject Body(ParseResult call) => _headers.IsKnown(call) ? [] : new JsonObject { ["who"] = Environment.UserName };

        public async Task<JsonNode> Ask(ParseResult call, HttpMethod verb, string path, JsonObject? body, CancellationToken cancellation)
        {
            string address = call.GetValue(_url)!;
            if (!Uri.TryCreate(address.TrimEnd('/') + "/", UriKind.Absolute, out Uri? service) || service.Scheme is not ("http" or "https"))
                throw new UsageException($"--url: expected an address such as http://127.0.0.1:5000, got '{address}'.");
            using HttpClient client = new() { Timeout = TimeSpan.FromSeconds(60) };
            using HttpRequestMessage request = new(verb, new Uri(service, path));
            if (body is not null) request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
            foreach ((string name, string value) in _headers.Of(call)) request.Headers.TryAddWithoutValidation(name, value);
            try
            {
                using HttpResponseMessage answer = await client.SendAsync(request, cancellation);
                string text = await answer.Content.ReadAsStringAsync(cancellation);
                JsonNode? document = Parsed(text);
                if (answer.IsSuccessStatusCode && document is not null) return document;
                string said = (document as JsonObject)?["error"]?.ToString() ?? (text.Length > 300 ? text[..300] : text);
                throw new IOException($"{request.RequestUri} answers {(int)answer.StatusCode}: {said}");
            }
            catch (HttpRequestException error)
            {
                throw new IOException($"{service} cannot be reached: {error.Message}");
            }
            catch (TaskCanceledException) when (!cancellation.IsCancellationRequested)
            {
                throw new IOException($"{service} has not answered within a minute.");
            }
        }

        private static JsonNode? Parsed(string text)
        {
            try
            {
                return JsonNode.Parse(text);
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }
}
