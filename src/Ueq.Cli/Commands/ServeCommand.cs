using System.CommandLine;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Ueq.Cli.Fitting;
using Ueq.Cli.Output;
using Ueq.InferenceLog;
using Ueq.Registry;
using Ueq.Serving;
using Ueq.Serving.Configuration;
using Ueq.Versions;

namespace Ueq.Cli.Commands;

/// <summary><c>ueq serve</c>: a host of <c>Ueq.Serving</c> for one model version.</summary>
internal static class ServeCommand
{
    private const int MostSaid = 20;

    private const string WhatToDo = """
        Nothing to serve. Say one of
          ueq serve --demo              a real model on bundled data, fitted on first start
          ueq serve --model-dir DIR     what 'ueq fit --output DIR' wrote
          ueq serve --registry DIR      the models of a registry, as its aliases say
          ueq serve --config F.yaml     settings from a file, model_dir or registry among them
          ueq serve --model FILE --calibration F.csv --target COLUMN
                                        a model that is fitted already: .onnx, .zip (ML.NET), .pt (TorchScript)
        """;

    public static Command Create(Terminal terminal)
    {
        Option<string?> directory = new("--model-dir") { Description = "Directory that ueq fit wrote.", HelpName = "DIR" };
        Option<string?> config = new Option<string?>("--config") { Description = "Settings in YAML; environment variables UEQ_… and options here go over them.", HelpName = "FILE" }.IsFile();
        Option<bool> demo = new("--demo") { Description = "Serve a model of the bundled diabetes data; fitted on first start." };
        FittedOptions fitted = new();
        Option<string?> registry = new("--registry") { Description = "Directory of a registry of models; what its aliases point to is followed.", HelpName = "DIR" };
        Option<string?> models = new("--models") { Description = "Models of the registry to serve, separated by commas: name, name@alias or name:version. [default: all, by name]", HelpName = "REFS" };
        Option<string?> store = new("--store") { Description = "Where labels, monitor states and incidents are kept: a file, a connection string of PostgreSQL, or none. Default: ueq.db beside the model directory.", HelpName = "S" };
        Option<string?> urls = new("--urls") { Description = "Addresses to listen on, separated by semicolons, such as http://127.0.0.1:5000.", HelpName = "U" };
        Command command = new("serve", "Serve a model version over HTTP.") { directory, registry, models, config, demo, store, urls };
        fitted.AddTo(command);
        command.SetAction(async (call, cancellation) =>
        {
            if (call.GetValue(urls) is { } addresses) Listening.Parse(addresses);
            ConfigSource source = Settings.Source(
                call.GetValue(config), [("model_dir", call.GetValue(directory)), ("registry", call.GetValue(registry)), ("models", call.GetValue(models)), ("store", call.GetValue(store)), ("urls", call.GetValue(urls))]);
            ConfigReading reading = Read(source);
            UeqServiceConfig settings = reading.Config;
            bool isDemo = call.GetValue(demo);
            if (isDemo && call.GetValue(directory) is not null) throw new UsageException("--demo brings its own model: leave --model-dir out.");
            if (fitted.IsGiven(call) && (isDemo || call.GetValue(directory) is not null))
                throw new UsageException($"--model brings its own model: leave {(isDemo ? "--demo" : "--model-dir")} out.");
            bool isOwn = isDemo || fitted.IsGiven(call) || call.GetValue(directory) is not null;
            if (isOwn && (call.GetValue(registry) ?? call.GetValue(models)) is not null) throw new UsageException("--registry brings its own models: leave --demo, --model and --model-dir out.");
            if (!isOwn && settings.ModelDir is null && settings.Registry is null) throw new UsageException(WhatToDo);
            Listening.Check([.. settings.Urls, .. settings.GrpcUrls]);
            if (!isOwn && settings.Registry is { } place)
            {
                ModelRegistry open = RegistryCall.Existing(place);
                foreach (string warning in reading.Warnings) terminal.Say($"warning: {warning}");
                await RunAsync(terminal, source, settings, services => services.AddUeq(settings, open), isDemo: false, cancellation);
                return ExitCode.Success;
            }

            ModelVersion version = isDemo ? Demo.Load(terminal, cancellation)
                : fitted.IsGiven(call) ? fitted.Calibrate(call, terminal, cancellation)
                : VersionDirectory.Load(settings.ModelDir!, Formats.All);
            foreach (string warning in reading.Warnings) terminal.Say($"warning: {warning}");
            await RunAsync(terminal, source, settings, services => services.AddUeq(settings, version), isDemo, cancellation);
            return ExitCode.Success;
        });
        return command;
    }

    private static ConfigReading Read(ConfigSource source)
    {
        try
        {
            return source.Read();
        }
        catch (InvalidDataException error)
        {
            throw new UsageException(error.Message);
        }
    }

    private static async Task RunAsync(Terminal terminal, ConfigSource source, UeqServiceConfig settings, Func<IServiceCollection, IServiceCollection> add, bool isDemo, CancellationToken cancellation)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.UseUeqLogging(settings);
        builder.WebHost.ConfigureUeqKestrel(settings);
        try
        {
            add(builder.Services).AddUeqInferenceLog(settings).AddUeqReload(source).AddUeqDraining();
        }
        catch (ArgumentException error)
        {
            throw new UsageException(CommandLine.Plain(error));
        }

        await using WebApplication app = builder.Build();
        app.MapUeq();
        app.MapUeqNotFound();
        await app.StartAsync(cancellation);
        Welcome(terminal, Listening.ForClients(app.Urls.First()), app.Services.GetRequiredService<ModelCatalog>(), isDemo);
        using ITimer tidies = TimeProvider.System.CreateTimer(_ => Tidy(), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        await app.WaitForShutdownAsync(cancellation);
    }

    // What reading models left behind would stay for as long as little is asked. A large heap would stand still for too long.
    private static void Tidy()
    {
        if (GC.GetTotalMemory(forceFullCollection: false) < 1L << 29) GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    private static void Welcome(Terminal terminal, string address, ModelCatalog catalog, bool isDemo)
    {
        foreach ((string reference, ModelVersion served) in catalog.Served.Take(catalog.Served.Count > 1 ? MostSaid : 0))
            terminal.Say($"{reference}: {Publishing.Name(served.Manifest.Task)} of '{served.Manifest.Target}' by {served.Manifest.Model}, {served.Manifest.Method}");
        Manifest manifest = catalog.Default.Manifest;
        terminal.Say($"Serving {Publishing.Name(manifest.Task)} of '{manifest.Target}' by {manifest.Model}, {manifest.Method}: {Publishing.Promise(manifest.Guarantee)}.");
        terminal.Say($"Listening on {address} (Ctrl+C stops). Ask for example:");
        string rows = isDemo ? Demo.ExampleRow : string.Join(", ", manifest.Columns.Select(column => column.Categories is { } known ? $"\"{known[0]}\"" : "0"));
        terminal.Say($"  curl -s {address}/predict -H 'Content-Type: application/json' -d '{{\"X\": [[{rows}]]}}'");
    }
}
