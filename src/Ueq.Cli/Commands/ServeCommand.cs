using System.CommandLine;
using Ueq.Cli.Output;

namespace Ueq.Cli.Commands;

/// <summary><c>ueq serve</c>: answers over HTTP.</summary>
internal static class ServeCommand
{
    public static Command Create(Terminal terminal)
    {
        Command command = new("serve", "Serve a model version over HTTP.");
        command.SetAction(int (_) => throw new UsageException("not wired yet"));
        return command;
    }
}
