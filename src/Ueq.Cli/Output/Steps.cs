using System.Diagnostics;
using Spectre.Console;

namespace Ueq.Cli.Output;

/// <summary>Progress of a long run: a bar on a terminal, a line every few seconds elsewhere.</summary>
internal static class Steps
{
    private static readonly TimeSpan _quiet = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _lines = TimeSpan.FromSeconds(5);

    /// <summary>Runs work that reports how much of <paramref name="total"/> is done.</summary>
    public static T Run<T>(Terminal terminal, string what, double total, Func<IProgress<double>, T> work) =>
        terminal.Messages.Profile.Out.IsTerminal ? WithBar(terminal, what, total, work) : work(new Lines(terminal, what, total));

    private static T WithBar<T>(Terminal terminal, string what, double total, Func<IProgress<double>, T> work) => terminal.Messages
        .Progress()
        .AutoClear(true)
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn(), new SpinnerColumn())
        .Start(context =>
        {
            ProgressTask task = context.AddTask(Markup.Escape(what), maxValue: total);
            return work(new Bar(task));
        });

    private sealed class Bar(ProgressTask task) : IProgress<double>
    {
        public void Report(double value) => task.Value = value;
    }

    // Nothing is said of what takes less than a second.
    private sealed class Lines(Terminal terminal, string what, double total) : IProgress<double>
    {
        private readonly long _start = Stopwatch.GetTimestamp();
        private TimeSpan _next = _quiet;

        public void Report(double value)
        {
            TimeSpan elapsed = Stopwatch.GetElapsedTime(_start);
            if (elapsed < _next || value >= total) return;
            terminal.Say(FormattableString.Invariant($"{what}: {100 * value / total:0} % after {elapsed.TotalSeconds:0} s"));
            _next = elapsed + _lines;
        }
    }
}
