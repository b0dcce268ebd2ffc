using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Ueq.Serving.Tests;

public sealed class LoggingTests
{
    [Fact]
    public async Task OurFaultsAreLoggedAndRequestsAreNot()
    {
        string folder = Directory.CreateTempSubdirectory("ueq-log-").FullName;
        UeqServiceConfig config = new()
        {
            LogFile = Path.Combine(folder, "service.log"),
            Urls = ["http://127.0.0.1:0"],
            ModelParams = new Dictionary<string, string> { ["n_models"] = "100" },
        };
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.UseUeqLogging(config);
        builder.WebHost.ConfigureUeqKestrel(config);
        builder.Services.AddUeq(config, Fakes.Sum());
        await using (WebApplication app = builder.Build())
        {
            app.MapUeq();
            await app.StartAsync();
            using HttpClient client = new() { BaseAddress = new Uri(app.Urls.Single()) };
            foreach (double first in new[] { 1, 2, 66.5 })
            {
                using HttpResponseMessage response = await client.PostAsJsonAsync("/predict", new { X = new[] { new[] { first, 2, 3 } } }, new System.Text.Json.JsonSerializerOptions());
                Assert.Equal(first == 66.5 ? 500 : 200, (int)response.StatusCode);
            }

            await app.StopAsync();
        }

        string log = await File.ReadAllTextAsync(config.LogFile);
        Directory.Delete(folder, true);
        Assert.Contains("Request 3 failed", log, StringComparison.Ordinal);
        Assert.Contains("a secret of the model", log, StringComparison.Ordinal);
        Assert.Contains("model_params (n_models)", log, StringComparison.Ordinal);
        Assert.DoesNotContain("Request 1", log, StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP/1.1", log, StringComparison.Ordinal);
    }
}
