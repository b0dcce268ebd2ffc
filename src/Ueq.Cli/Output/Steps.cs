using System.Diagnostics;
using Spectre.Console;

namespace Ueq.Cli.Output;

/// <summary>Progress of a long run: a bar on a terminal, a line every few seconds elsewhere, also while the work says nothing.</summary>
internal static class Steps
{
    private static readonly TimeSpan _quiet = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _lines = TimeSpan.FromSeconds(5);

    /// <summary>Runs work that reports how much of <paramref name="total"/> is done.</summary>
    public static T Run<T>(Terminal terminal, string what, double total, Func<IProgress<double>, T> work)
    {
        if (terminal.Messages.Profile.Out.IsTerminal) return WithBar(terminal, what, total, work);
        Lines lines = new(terminal, what, total);
        // Nothing is said of what takes less than a second.
        using Timer timer = new(_ => lines.Say(), null, _quiet, _lines);
        return work(lines);
    }

    private static T WithBar<T>(Terminal terminal, string what, double total, Func<IProgress<double>, T> work) => terminal.Messages
        .Progress()
        .AutoClear(true)
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn(), new SpinnerColumn())
        .Start(context =>
        {
            ProgressTask task = context.AddTask(Markup.Escape(what), maxValue: total);
            return work(new Bar(task));
        });

    private sealed class Bar(ProgressTask task) : IProgress<double>
    {
        public void Report(double value) => task.Value = value;
    }

    private sealed class Lines(Terminal terminal, string what, double total) : IProgress<double>
    {
        private readonly long _start = Stopwatch.GetTimestamp();
        private double _done;

        public void Report(double value) => Volatile.Write(ref _done, value);

        public void Say()
        {
            double done = Volatile.Read(ref _done), seconds = Stopwatch.GetElapsedTime(_start).TotalSeconds;
            string share = done > 0 && done < total ? FormattableString.Invariant($" {100 * done / total:0} %,") : "";
            terminal.Say(FormattableString.Invariant($"{what}:{share} {seconds:0} s"));
        }
    }
}
