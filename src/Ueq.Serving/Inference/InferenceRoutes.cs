using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ueq.Serving.Inference;

/// <summary>The addresses of the Open Inference Protocol, version 2.</summary>
internal static class InferenceRoutes
{
    public static void Map(IEndpointRouteBuilder endpoints, ServiceParts parts)
    {
        ErrorAnswers errors = new(parts.Tally, parts.ErrorStatistics, endpoints.ServiceProvider.GetRequiredService<ILogger<InferEndpoint>>(), ErrorShape.Inference);
        InferenceCatalog catalog = endpoints.ServiceProvider.GetRequiredService<InferenceCatalog>();
        MetadataEndpoint metadata = new(parts, catalog);
        RepositoryEndpoint repository = new(catalog, endpoints.ServiceProvider.GetRequiredService<ModelLoading>());
        InferEndpoint infer = new(parts, catalog, endpoints.ServiceProvider.GetRequiredService<InferRunner>(), errors);
        AdminCall calls = new(parts, errors);
        Get("/v2", MetadataEndpoint.Server);
        Get("/v2/health/live", MetadataEndpoint.Live);
        Get("/v2/health/ready", metadata.Ready);
        Get("/v2/models/stats", metadata.Statistics);
        foreach (string model in (ReadOnlySpan<string>)["/v2/models/{model}", "/v2/models/{model}/versions/{version}"])
        {
            Get(model, metadata.Model);
            Get(model + "/ready", metadata.ModelReady);
            Get(model + "/stats", metadata.Statistics);
            endpoints.Map(model + "/infer", infer.Handle);
        }

        Post("/v2/repository/index", repository.Index);
        Post("/v2/repository/models/{model}/load", repository.Load);
        Post("/v2/repository/models/{model}/unload", repository.Unload);
        Rpc.RpcHosting.Map(endpoints, parts.Config);
        endpoints.MapFallback("/v2/{**rest}", errors.NotFound);

        void Get(string address, Func<HttpContext, Task> call) => endpoints.Map(address, http => HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method)
            ? calls.Run(http, call)
            : errors.WrongVerb(http, "GET"));

        void Post(string address, Func<HttpContext, Task> call) => endpoints.Map(address, http => HttpMethods.IsPost(http.Request.Method)
            ? calls.Run(http, call)
            : errors.WrongVerb(http, "POST"));
    }
}
