using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
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

/// <summary>Requests that come when they come: one Poisson process, whose requests do not wait for slow answers as long as a connection is free.</summary>
/// <remarks>
/// One thread sends and reads on all connections and sleeps in between, so that it takes little from the server beside it: with a thread
/// per connection what was measured was how long 64 threads wait for a processor.
/// </remarks>
internal static partial class OpenLoad
{
    private const int Connections = 64;
    private const short Readable = 1;

    /// <summary>Sends so many requests a second for so long; fails on an answer that is neither 200 with the expected text nor, where allowed, 503.</summary>
    public static OpenOutcome Send(Uri server, IReadOnlyList<(byte[] Request, byte[] Expected)> exchanges, double rate, double seconds, bool mayRefuse)
    {
        Lane[] lanes = [.. Enumerable.Range(0, Connections).Select(_ => new Lane(server))];
        Polled[] polled = [.. lanes.Select(l => new Polled { Descriptor = (int)l.Socket.Handle, Wanted = Readable })];
        Stack<int> free = new(Enumerable.Range(0, Connections));
        List<double> answered = [], refused = [];
        long began = Stopwatch.GetTimestamp();
        Rng rng = Rng.Stream((ulong)began, 0);
        double due = 0;
        for (int next = 0; ;)
        {
            double now = Stopwatch.GetElapsedTime(began).TotalSeconds;
            for (; due <= now && due <= seconds && free.TryPop(out int lane); due -= Math.Log(1 - rng.NextUniform()) / rate)
                lanes[lane].Begin(exchanges[next++ % exchanges.Count], due, Stopwatch.GetElapsedTime(began).TotalSeconds);
            if (due > seconds && free.Count == Connections) break;
            // Nothing to send while all are busy, however late it gets: that lateness counts.
            Wait(polled, due > seconds || free.Count == 0 ? 0.1 : Math.Max(0, due - Stopwatch.GetElapsedTime(began).TotalSeconds));
            for (int lane = 0; lane < Connections; lane++)
            {
                if ((polled[lane].Found & Readable) == 0 || !lanes[lane].IsAnswered()) continue;
                now = Stopwatch.GetElapsedTime(began).TotalSeconds;
                if (lanes[lane].Ended(mayRefuse)) answered.Add(1000 * (now - lanes[lane].Due));
                else refused.Add(1000 * (now - lanes[lane].Sent));
                free.Push(lane);
            }
        }

        foreach (Lane lane in lanes) lane.Socket.Dispose();
        return new OpenOutcome(Stopwatch.GetElapsedTime(began).TotalSeconds, [.. answered], [.. refused]);
    }

    private static void Wait(Polled[] polled, double seconds)
    {
        Duration left = new() { Seconds = (nint)seconds, Nanoseconds = (nint)((seconds - Math.Truncate(seconds)) * 1e9) };
        _ = PPoll(polled, (nuint)polled.Length, left, 0);
    }

    [LibraryImport("libc", EntryPoint = "ppoll")]
    private static partial int PPoll([In, Out] Polled[] polled, nuint count, in Duration most, nint signals);

    private struct Duration
    {
        public nint Seconds;
        public nint Nanoseconds;
    }

    private struct Polled
    {
        public int Descriptor;
        public short Wanted;
        public short Found;
    }

    /// <summary>One connection and the request on it.</summary>
    private sealed class Lane
    {
        private readonly byte[] _buffer = new byte[1 << 17];
        private byte[] _expected = [];
        private int _length, _total;

        public Lane(Uri server) => Socket.Connect(new IPEndPoint(IPAddress.Parse(server.Host), server.Port));

        public Socket Socket { get; } = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

        public double Due { get; private set; }

        public double Sent { get; private set; }

        public void Begin((byte[] Request, byte[] Expected) exchange, double due, double now)
        {
            (_expected, _length, _total, Due, Sent) = (exchange.Expected, 0, int.MaxValue, due, now);
            for (int sent = 0; sent < exchange.Request.Length;) sent += Socket.Send(exchange.Request.AsSpan(sent));
        }

        public bool IsAnswered()
        {
            int read = Socket.Receive(_buffer.AsSpan(_length));
            if (read == 0) throw new InvalidOperationException("the server closed the connection");
            _length += read;
            if (_total == int.MaxValue) _total = LoadGenerator.TotalLength(_buffer.AsSpan(0, _length));
            return _length >= _total;
        }

        /// <summary>Whether it was answered as expected; <c>false</c> where it was refused and may be.</summary>
        public bool Ended(bool mayRefuse)
        {
            ReadOnlySpan<byte> answer = _buffer.AsSpan(0, _length);
            if (answer.StartsWith("HTTP/1.1 200 "u8) && answer.IndexOf(_expected) >= 0) return true;
            return mayRefuse && answer.StartsWith("HTTP/1.1 503 "u8) ? false : throw new InvalidOperationException(Encoding.UTF8.GetString(answer));
        }
    }
}
