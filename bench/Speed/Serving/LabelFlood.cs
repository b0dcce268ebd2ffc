using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Ueq.Bench.Serving;

/// <summary>A process that floods a service with labels: ruthless, on a few connections, without pauses, whatever it is answered.</summary>
/// <remarks>Does what the lines of its standard input say: <c>flood SECONDS</c> is answered by what became of the labels.</remarks>
internal static class LabelFlood
{
    public const int LabelsPerRequest = 1000;
    private const int Connections = 4;
    private const int Bodies = 400;

    public static async Task<int> Run(string[] args)
    {
        Uri server = new(args[0]);
        byte[][] requests = [.. Enumerable.Range(0, Bodies).Select(i => Request(server, i))];
        int next = -1;
        Console.WriteLine("ready");
        while (await Console.In.ReadLineAsync() is { } line)
        {
            TimeSpan time = TimeSpan.FromSeconds(int.Parse(line.Split(' ')[1], null));
            long taken = 0, refused = 0, began = Stopwatch.GetTimestamp();
            Thread[] senders = [.. Enumerable.Range(0, Connections).Select(_ => new Thread(() =>
            {
                using RawConnection connection = new(server);
                while (Stopwatch.GetElapsedTime(began) < time)
                {
                    ReadOnlySpan<byte> answer = connection.Ask(requests[Interlocked.Increment(ref next) % requests.Length]);
                    if (answer.StartsWith("HTTP/1.1 200 "u8)) Interlocked.Increment(ref taken);
                    else if (answer.StartsWith("HTTP/1.1 503 "u8)) Interlocked.Increment(ref refused);
                    else throw new InvalidOperationException(Encoding.UTF8.GetString(answer));
                }
            }))];
            foreach (Thread sender in senders) sender.Start();
            foreach (Thread sender in senders) sender.Join();
            Console.WriteLine(FormattableString.Invariant($"{taken} {refused} {Stopwatch.GetElapsedTime(began).TotalSeconds}"));
        }

        return 0;
    }

    // Receipts are got beforehand, so that the flood is of labels and nothing else.
    private static byte[] Request(Uri server, int index)
    {
        Rng rng = Rng.Stream(11, (ulong)index);
        string row() => $"[{string.Join(",", Enumerable.Range(0, BenchServer.Features).Select(_ => rng.NextNormal().ToString("0.000", null)))}]";
        using RawConnection connection = new(server);
        ReadOnlySpan<byte> answer = connection.Ask(RawConnection.Post(
            server, "/predict", $"{{\"X\":[{string.Join(",", Enumerable.Range(0, LabelsPerRequest).Select(_ => row()))}],\"receipts\":true,\"monitor\":false}}"));
        using JsonDocument json = JsonDocument.Parse(answer[(answer.IndexOf("\r\n\r\n"u8) + 4)..].ToArray());
        IEnumerable<string> labels = json.RootElement.GetProperty("receipts").EnumerateArray().Zip(json.RootElement.GetProperty("predictions").EnumerateArray())
            .Select(l => FormattableString.Invariant($"{{\"receipt\":\"{l.First}\",\"y\":{l.Second.GetDouble() + rng.NextNormal()}}}"));
        return RawConnection.Post(server, "/feedback", $"{{\"labels\":[{string.Join(",", labels)}]}}");
    }
}
