using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Ueq.Cli.Commands;
using Ueq.Cli.Output;
using Ueq.Data;

namespace Ueq.Cli;

/// <summary>The ueq command: its subcommands, and what their failures become.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(string[] args, Terminal terminal, CancellationToken cancellation = default)
    {
        RootCommand root = new("Uncertainty for every model: intervals and label sets that contain the truth as often as they say.")
        {
            FitCommand.Create(terminal),
            EvaluateCommand.Create(terminal),
            PredictCommand.Create(terminal),
            CalibrateCommand.Create(terminal),
            ServeCommand.Create(terminal),
        };
        ParseResult call = root.Parse(args);
        if (args.Length == 0) call = root.Parse(["--help"]);
        if (call.Action is ParseErrorAction || (call.Errors.Count > 0 && call.Action is not HelpAction))
        {
            foreach (string message in call.Errors.Select(error => error.Message).Distinct()) terminal.Fail(message);
            terminal.Say($"See: ueq {string.Join(' ', Path(call))}--help");
            return ExitCode.CallIsWrong;
        }

        try
        {
            InvocationConfiguration writers = new()
            {
                Output = terminal.Output, Error = terminal.Error, EnableDefaultExceptionHandler = false,
                // A server ends by its own host, which lets requests in flight finish.
                ProcessTerminationTimeout = call.CommandResult.Command.Name == "serve" ? null : TimeSpan.FromSeconds(2),
            };
            return await call.InvokeAsync(writers, cancellation);
        }
        catch (Exception error) when (Describe(error) is { } failure)
        {
            terminal.Fail(failure.Message);
            return failure.Code;
        }
    }

    // What a person can mend is said in one line; anything else is our fault and keeps its stack trace.
    private static (string Message, int Code)? Describe(Exception error) => error switch
    {
        UsageException => (error.Message, ExitCode.CallIsWrong),
        FileNotFoundException missing => (missing.FileName is { } file ? $"There is no file '{file}'." : missing.Message, ExitCode.CallIsWrong),
        DirectoryNotFoundException => (error.Message, ExitCode.CallIsWrong),
        OperationCanceledException => ("Stopped before the end; nothing was written.", ExitCode.Interrupted),
        CsvFormatException or AssumptionException or InvalidDataException or IOException or UnauthorizedAccessException
            or ArgumentException or DllNotFoundException or InvalidOperationException or NotSupportedException => (error.Message, ExitCode.RunFailed),
        _ => null,
    };

    private static IEnumerable<string> Path(ParseResult call)
    {
        if (call.CommandResult.Command is not RootCommand) yield return call.CommandResult.Command.Name + " ";
    }
}
