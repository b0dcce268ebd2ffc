#pragma warning disable RS0030 // The one place that knows the process's own console.
using Ueq.Cli;
using Ueq.Cli.Output;

return await CommandLine.RunAsync(args, new Terminal(Console.Out, Console.Error));
