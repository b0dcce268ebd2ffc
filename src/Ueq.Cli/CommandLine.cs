using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Ueq.Cli.Commands;
using Ueq.Cli.Output;
using Ueq.Data;
using Ueq.Registry;

namespace Ueq.Cli;

/// <summary>The ueq command: its subcommands, and what their failures become.</summary>
internal static class CommandLine
{
    // A stop is noticed between two models; on a busy machine one may take a while, and nothing is to be left half-written.
    private static readonly TimeSpan TerminationTimeout = TimeSpan.FromSeconds(30);

    private static readonly (string Library, string Typed)[] _optionNames =
    [
        ("(option MissingTokens)", "(--missing)"), ("(option TextColumns)", "(--text)"), ("(option Ignore)", "(--ignore)"), ("set the delimiter to it", "set --delimiter to it"),
    ];

    public static async Task<int> RunAsync(string[] args, Terminal terminal, CancellationToken cancellation = default)
    {
        RootCommand root = new("Uncertainty for every model: intervals and label sets that contain the truth as often as they say.")
        {
            FitCommand.Create(terminal),
            EvaluateCommand.Create(terminal),
            PredictCommand.Create(terminal),
            MonitorCommand.Create(terminal),
            CalibrateCommand.Create(terminal),
            DriftCommand.Create(terminal),
            ServeCommand.Create(terminal),
            ModelsCommand.Create(terminal),
            ConfigCommand.Create(terminal),
            KeysCommand.Create(terminal),
            LoadCommand.Create(terminal),
            BenchmarkCommand.Create(terminal),
            HealthCommand.Create(terminal),
            ExperimentCommand.Create(terminal),
        };
        ParseResult call = root.Parse(args);
        if (args.Length == 0) call = root.Parse(["--help"]);
        if (call.Action is ParseErrorAction || (call.Errors.Count > 0 && call.Action is not HelpAction))
        {
            foreach (string message in Faults(call)) terminal.Fail(message);
            terminal.Say($"See: ueq {Path(call)}--help");
            return ExitCode.CallIsWrong;
        }

        try
        {
            InvocationConfiguration writers = new()
            {
                Output = terminal.Output,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                // A server ends by its own host, which lets requests in flight finish.
                ProcessTerminationTimeout = call.CommandResult.Command.Name == "serve" ? null : TerminationTimeout,
            };
            return await call.InvokeAsync(writers, cancellation);
        }
        catch (Exception error) when (Describe(error) is { } failure)
        {
            terminal.Fail(failure.Message);
            return failure.Code;
        }
        catch (Exception error)
        {
            terminal.Fail("this should not have happened and is a defect of ueq; please report it with what follows.");
            terminal.Say(error.ToString());
            return ExitCode.RunFailed;
        }
    }

    /// <summary>A message without the name of the parameter, which a person at a shell does not know, and with options as they are typed there.</summary>
    public static string Plain(Exception error)
    {
        string message = error.Message;
        int parameter = error is ArgumentException ? message.LastIndexOf(" (Parameter '", StringComparison.Ordinal) : -1;
        if (parameter > 0) message = message[..parameter];
        foreach ((string library, string typed) in _optionNames) message = message.Replace(library, typed, StringComparison.Ordinal);
        return message;
    }

    // What a person can mend is said in one line; anything else is our fault and keeps its stack trace.
    private static (string Message, int Code)? Describe(Exception error) => error switch
    {
        UsageException => (error.Message, ExitCode.CallIsWrong),
        FileNotFoundException missing => (missing.FileName is { } file ? $"There is no file '{file}'." : missing.Message, ExitCode.CallIsWrong),
        DirectoryNotFoundException or UnknownModelException => (error.Message, ExitCode.CallIsWrong),
        OperationCanceledException => ("Stopped before the end; nothing was written.", ExitCode.Interrupted),
        CsvFormatException or AssumptionException or InvalidDataException or IOException or UnauthorizedAccessException
            or ArgumentException or DllNotFoundException or InvalidOperationException or NotSupportedException => (Plain(error), ExitCode.RunFailed),
        Ensembles.EnsembleMemberException => (error.Message, ExitCode.RunFailed),
        OutOfMemoryException => ("What was asked for does not fit into the memory of this machine.", ExitCode.RunFailed),
        ArithmeticException => ("The numbers are too large to compute with; use another unit.", ExitCode.RunFailed),
        _ => null,
    };

    private static IEnumerable<string> Faults(ParseResult call)
    {
        string[] messages = [.. call.Errors.Select(error => error.Message).Distinct()];
        Command command = call.CommandResult.Command;
        string[] known = [.. command.Options.Select(option => option.Name), .. command.Subcommands.Select(sub => sub.Name)];
        foreach (string message in messages)
        {
            string? word = call.UnmatchedTokens.FirstOrDefault(token => message.Contains($"'{token}'", StringComparison.Ordinal));
            // Where a word was not understood, that none was given says nothing more.
            if (command is RootCommand && word is null && messages.Length > 1) continue;
            yield return word is null ? message : message + NearestName.Hint(word, known);
        }
    }

    private static string Path(ParseResult call)
    {
        Stack<string> names = [];
        for (SymbolResult? at = call.CommandResult; at is CommandResult { Command: not RootCommand } command; at = at.Parent) names.Push(command.Command.Name + " ");
        return string.Concat(names);
    }
}
