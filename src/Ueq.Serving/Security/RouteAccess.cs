using Microsoft.AspNetCore.Http;

namespace Ueq.Serving.Security;

/// <summary>What an address asks of its callers.</summary>
internal enum Access
{
    Open,
    Health,
    Metrics,
    Predict,
    Feedback,
    Read,
    Document,
    Admin,
}

/// <summary>Which address asks what: the only list there is. What is not in it is for reading by GET, and otherwise for administrators.</summary>
internal static class RouteAccess
{
    private static readonly (string Prefix, Access Access)[] Table =
    [
        ("/", Access.Open),
        ("/health/", Access.Open),
        ("/v2", Access.Open),
        ("/v2/repository/index", Access.Read),
        ("/inference.GRPCInferenceService/RepositoryIndex", Access.Read),
        ("/inference.GRPCInferenceService/RepositoryModelLoad", Access.Admin),
        ("/inference.GRPCInferenceService/RepositoryModelUnload", Access.Admin),
        ("/inference.GRPCInferenceService/ServerLive", Access.Open),
        ("/inference.GRPCInferenceService/ServerReady", Access.Open),
        ("/inference.GRPCInferenceService/ServerMetadata", Access.Open),
        ("/v2/health/", Access.Open),
        ("/health", Access.Health),
        ("/metrics", Access.Metrics),
        ("/openapi/v1.json", Access.Document),
        ("/scalar", Access.Document),
        ("/scalar/", Access.Document),
        ("/predict", Access.Predict),
        ("/predict_large", Access.Predict),
        ("/benchmark", Access.Predict),
        ("/model_info", Access.Predict),
        ("/v2/models/", Access.Predict),
        ("/inference.GRPCInferenceService/", Access.Predict),
        ("/feedback", Access.Feedback),
    ];

    /// <param name="pattern">The address as it was mapped.</param>
    /// <param name="method">The verb.</param>
    public static Access Of(string pattern, string method)
    {
        foreach ((string prefix, Access access) in Table)
            if (pattern == prefix || (prefix.Length > 1 && prefix.EndsWith('/') && pattern.StartsWith(prefix, StringComparison.Ordinal))) return access;
        return HttpMethods.IsGet(method) || HttpMethods.IsHead(method) ? Access.Read : Access.Admin;
    }

    public static AccessScopes ScopeOf(Access access) => access switch
    {
        Access.Predict => AccessScopes.Predict,
        Access.Feedback => AccessScopes.Feedback,
        Access.Admin => AccessScopes.Admin,
        _ => AccessScopes.Read,
    };
}
