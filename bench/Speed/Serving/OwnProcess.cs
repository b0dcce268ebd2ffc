using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http;

namespace Ueq.Bench.Serving;

/// <summary><c>ueq serve</c> itself: how soon it answers, and what it holds when idle.</summary>
internal static class OwnProcess
{
    private const int Starts = 11;

    public static async Task<bool> Measure(Action<string> line) =>
        await Measure(line, "linear", "split") & await Measure(line, "lightgbm", "jackknife+ab");

    private static async Task<bool> Measure(Action<string> line, string kind, string method)
    {
        string folder = Directory.CreateTempSubdirectory("ueq-gates-").FullName, model = Path.Combine(folder, "model");
        try
        {
            string data = Path.Combine(Path.GetDirectoryName(HttpBenchmark.ResultFile("gates.md"))!, "..", "..", "..", "data", "reg-diabetes", "data.csv.gz");
            using (Process fit = Start("fit", "--data", data, "--target", "target", "--model", kind, "--method", method, "--output", model))
            {
                await fit.StandardOutput.ReadToEndAsync();
                await fit.WaitForExitAsync();
                if (fit.ExitCode != 0) throw new InvalidOperationException($"ueq fit ended with {fit.ExitCode}");
            }

            List<double> seconds = [], megabytes = [];
            for (int i = 0; i < Starts; i++)
            {
                (double time, double resident) = await Once(model);
                seconds.Add(time);
                megabytes.Add(resident);
            }

            double first = HttpBenchmark.Median([.. seconds]), idle = HttpBenchmark.Median([.. megabytes]);
            line(string.Create(CultureInfo.InvariantCulture, $"| `ueq serve` to first healthy answer, s ({kind}, {method}) | | | {first:0.00} | ≤ 0.5 | {GatesBenchmark.Verdict(first <= 0.5)} |"));
            line(string.Create(CultureInfo.InvariantCulture, $"| resident, idle, MB ({kind}, {method}) | | | {idle:0} | ≤ 120 | {GatesBenchmark.Verdict(idle <= 120)} |"));
            return first <= 0.5 && idle <= 120;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<(double Seconds, double Megabytes)> Once(string model)
    {
        int port = FreePort();
        using HttpClient client = new() { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")) };
        long began = Stopwatch.GetTimestamp();
        using Process serve = Start("serve", "--model-dir", model, "--urls", client.BaseAddress.ToString().TrimEnd('/'));
        try
        {
            while (true)
            {
                try
                {
                    using HttpResponseMessage answer = await client.GetAsync(new Uri("/health", UriKind.Relative));
                    if (answer.StatusCode == HttpStatusCode.OK) break;
                }
                catch (HttpRequestException) when (!serve.HasExited && Stopwatch.GetElapsedTime(began).TotalSeconds < 30)
                {
                    await Task.Delay(2);
                }
            }

            double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
            await Task.Delay(3000);
            serve.Refresh();
            return (seconds, serve.WorkingSet64 / 1e6);
        }
        finally
        {
            serve.Kill();
            await serve.WaitForExitAsync();
        }
    }

    private static Process Start(params string[] args)
    {
        string program = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "ueq.exe" : "ueq");
        ProcessStartInfo start = new(program, args) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        return process;
    }

    private static int FreePort()
    {
        System.Net.Sockets.TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        return port;
    }
}
