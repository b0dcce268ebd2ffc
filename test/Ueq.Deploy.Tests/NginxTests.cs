using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Ueq.Deploy.Tests.Support;

namespace Ueq.Deploy.Tests;

/// <summary>nginx itself with the file that is deployed, before two real services.</summary>
public sealed class NginxTests : IDisposable
{
    private const string Body = """{"X":[[59,2,32.1,101,157,93.2,38,4,4.8598,87]]}""";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ueq-nginx-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task RequestsReachBothServicesAndSurviveTheEndOfOne()
    {
        string nginx = Tool.Find("nginx", "nginx");
        using UeqServer one = await UeqServer.Demo(_folder.FullName), two = await UeqServer.Demo(_folder.FullName);
        int port = FreePort();
        string file = Configuration(one.Address, two.Address, port);
        (int code, string output, string error) = await Tool.Run(nginx, "-t", "-e", "stderr", "-p", _folder.FullName, "-c", file);
        Assert.True(code == 0, output + error);

        using Process process = Process.Start(new ProcessStartInfo(nginx, ["-e", "stderr", "-p", _folder.FullName, "-c", file, "-g", "daemon off;"]) { RedirectStandardError = true })!;
        try
        {
            using HttpClient client = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
            await Answers(client);
            for (int i = 0; i < 40; i++) Assert.Equal(HttpStatusCode.OK, await Predict(client));
            long[] counts = [await Requests(one), await Requests(two)];
            Assert.Equal(40, counts.Sum());
            Assert.All(counts, count => Assert.InRange(count, 10, 30));

            foreach (string closed in new[] { "/metrics", "/audit", "/monitoring/freeze", "/silences", "/incidents/1/acknowledge", "/experiments", "/errors/reset", "/online/reset" })
                Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(new Uri(closed, UriKind.Relative))).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri("/health", UriKind.Relative))).StatusCode);
            await Stream(client);

            one.Kill();
            for (int i = 0; i < 40; i++) Assert.Equal(HttpStatusCode.OK, await Predict(client));
        }
        finally
        {
            // Its workers go with it only when it is asked to end.
            await Tool.Run("kill", "-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
            if (!process.WaitForExit(TimeSpan.FromSeconds(10))) process.Kill(entireProcessTree: true);
        }
    }

    // More than all buffers on the way hold: a proxy that stops sending when the answer begins would never end.
    private static async Task Stream(HttpClient client)
    {
        const int Rows = 50_000;
        string row = "[59,2,32.1,101,157,93.2,38,4,4.8598,87]\n";
        using StringContent rows = new(string.Concat(Enumerable.Repeat(row, Rows)), Encoding.UTF8, "application/x-ndjson");
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(1));
        using HttpResponseMessage response = await client.PostAsync(new Uri("/predict_large?coverage=0.8", UriKind.Relative), rows, limit.Token);
        string[] lines = (await response.Content.ReadAsStringAsync(limit.Token)).TrimEnd().Split('\n');
        Assert.Equal($$"""{"status":"success","rows":{{Rows}},"errors":0}""", lines[^1]);
        Assert.Equal(Rows + 1, lines.Length);
    }

    private static async Task<HttpStatusCode> Predict(HttpClient client)
    {
        using HttpResponseMessage response = await client.PostAsync(new Uri("/predict", UriKind.Relative), new StringContent(Body, Encoding.UTF8, "application/json"));
        return response.StatusCode;
    }

    private static async Task<long> Requests(UeqServer server)
    {
        using HttpClient client = new();
        return (long)JsonNode.Parse(await client.GetStringAsync(new Uri(server.Address, "/health")))!["request_count"]!;
    }

    private static async Task Answers(HttpClient client)
    {
        for (int i = 0; ; i++)
        {
            try
            {
                if ((await client.GetAsync(new Uri("/nginx-health", UriKind.Relative))).IsSuccessStatusCode) return;
            }
            catch (HttpRequestException) when (i < 200)
            {
                await Task.Delay(50);
            }
        }
    }

    private string Configuration(Uri one, Uri two, int port)
    {
        string text = Repository.Read("deploy", "docker", "nginx.conf");
        foreach ((string from, string to) in new[] { ("ueq-1:5000", one.Authority), ("ueq-2:5000", two.Authority), ("listen 8080", $"listen 127.0.0.1:{port}"), ("/tmp/", _folder.FullName + "/") })
        {
            Assert.Contains(from, text, StringComparison.Ordinal);
            text = text.Replace(from, to, StringComparison.Ordinal);
        }

        string file = Path.Combine(_folder.FullName, "nginx.conf");
        File.WriteAllText(file, text);
        return file;
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
