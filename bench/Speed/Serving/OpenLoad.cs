using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Ueq.Bench.Serving;

/// <summary>What became of requests: milliseconds of those that were answered 200, from when they were due, and of those refused with 503, from when they were sent.</summary>
internal sealed record OpenOutcome(double Seconds, double[] Answered, double[] Refused)
{
    public double Percentile(double share) => Of(Answered, share);

    public double RefusedPercentile(double share) => Of(Refused, share);

    private static double Of(double[] values, double share) => values.Length == 0 ? double.NaN : values.Order().ElementAt((int)Math.Min(values.Length - 1, share * values.Length));
}

/// <summary>Requests that come when they come: Poisson processes, one a connection, that do not wait for a slow answer before the next is due.</summary>
internal static partial class OpenLoad
{
    private const int Connections = 64;

    /// <summary>Sends so many requests a second for so long; fails on an answer that is neither 200 with the expected text nor, where allowed, 503.</summary>
    public static OpenOutcome Send(Uri server, IReadOnlyList<(byte[] Request, byte[] Expected)> exchanges, double rate, double seconds, bool mayRefuse)
    {
        List<double>[] answered = [.. Enumerable.Range(0, Connections).Select(_ => new List<double>())], refused = [.. Enumerable.Range(0, Connections).Select(_ => new List<double>())];
        Exception? failure = null;
        int next = -1;
        long began = Stopwatch.GetTimestamp();
        Thread[] clients = [.. Enumerable.Range(0, Connections).Select(client => new Thread(() =>
        {
            try
            {
                Run(client);
            }
#pragma warning disable CA1031 // Whatever it is, the benchmark fails with it.
            catch (Exception problem)
#pragma warning restore CA1031
            {
                failure = problem;
            }
        }))];
        foreach (Thread client in clients) client.Start();
        foreach (Thread client in clients) client.Join();
        if (failure is not null) throw new InvalidOperationException($"the load failed: {failure.Message}", failure);
        return new OpenOutcome(Stopwatch.GetElapsedTime(began).TotalSeconds, [.. answered.SelectMany(a => a)], [.. refused.SelectMany(r => r)]);

        void Run(int client)
        {
            Rng rng = Rng.Stream((ulong)began, (ulong)client);
            using RawConnection connection = new(server);
            double due = 0;
            while (true)
            {
                due += -Math.Log(1 - rng.NextUniform()) / (rate / Connections);
                if (due > seconds) return;
                double early = due - Stopwatch.GetElapsedTime(began).TotalSeconds;
                if (early > 0) Sleep(early);
                (byte[] request, byte[] expected) = exchanges[Interlocked.Increment(ref next) % exchanges.Count];
                double sent = Stopwatch.GetElapsedTime(began).TotalSeconds;
                ReadOnlySpan<byte> answer = connection.Ask(request);
                double now = Stopwatch.GetElapsedTime(began).TotalSeconds;
                if (answer.StartsWith("HTTP/1.1 200 "u8) && answer.IndexOf(expected) >= 0) answered[client].Add(1000 * (now - due));
                else if (mayRefuse && answer.StartsWith("HTTP/1.1 503 "u8)) refused[client].Add(1000 * (now - sent));
                else throw new InvalidOperationException(Encoding.UTF8.GetString(answer));
            }
        }
    }

    private static void Sleep(double seconds)
    {
        if (!OperatingSystem.IsLinux())
        {
            Thread.Sleep(TimeSpan.FromSeconds(seconds));
            return;
        }

        Duration left = new() { Seconds = (nint)seconds, Nanoseconds = (nint)((seconds - Math.Truncate(seconds)) * 1e9) };
        _ = NanoSleep(left, 0);
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int NanoSleep(in Duration request, nint remaining);

    private struct Duration
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
