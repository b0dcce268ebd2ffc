using Spectre.Console;

namespace Ueq.Cli.Output;

/// <summary>Where the command writes: answers on standard output, messages and progress on standard error.</summary>
internal sealed class Terminal
{
    private const int NarrowWidth = 80;

    public Terminal(TextWriter output, TextWriter error)
    {
        Output = output;
        // Progress speaks from a timer.
        Error = TextWriter.Synchronized(error);
        Answers = Console(output);
        Messages = Console(error);
    }

    public TextWriter Output { get; }

    public TextWriter Error { get; }

    /// <summary>Standard output for tables.</summary>
    public IAnsiConsole Answers { get; }

    /// <summary>Standard error for progress.</summary>
    public IAnsiConsole Messages { get; }

    /// <summary>Text on standard output in lines of 80 columns; what follows the first is indented.</summary>
    public void Wrap(string text)
    {
        string line = "";
        foreach (string word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > NarrowWidth)
            {
                Output.WriteLine(line);
                line = "   ";
            }

            line = line.Length == 0 ? word : line + " " + word;
        }

        Output.WriteLine(line);
    }

    /// <summary>A plain line on standard error.</summary>
    public void Say(string message) => Error.WriteLine(message);

    /// <summary>A line on standard error that says what went wrong.</summary>
    public void Fail(string message) => Error.WriteLine($"ueq: {message}");

    private static IAnsiConsole Console(TextWriter writer)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
        // Into a file or pipe there is no width to ask for; tables are made for 80 columns and may be wider there, never folded.
        if (!console.Profile.Out.IsTerminal) console.Profile.Width = Math.Max(NarrowWidth, 240);
        return console;
    }
}
