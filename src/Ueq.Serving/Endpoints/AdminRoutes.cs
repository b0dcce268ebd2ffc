using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Ueq.Serving.Endpoints;

/// <summary>The addresses of monitoring, incidents, silences and the audit log.</summary>
internal static class AdminRoutes
{
    public static void Map(IEndpointRouteBuilder endpoints, ServiceParts parts)
    {
        IServiceProvider services = endpoints.ServiceProvider;
        services.GetRequiredService<WatchMeters>();
        IncidentDesk desk = services.GetRequiredService<IncidentDesk>();
        MonitoringEndpoint monitoring = new(parts, services.GetRequiredService<StoreKeeper>(), desk, services.GetRequiredService<WatchKeeper>());
        IncidentsEndpoint incidents = new(parts, services.GetRequiredService<StoreKeeper>(), desk);
        Map(endpoints, parts, "/monitoring", (HttpMethods.Get, monitoring.Read));
        Map(endpoints, parts, "/monitoring/freeze", (HttpMethods.Post, monitoring.Freeze));
        Map(endpoints, parts, "/monitoring/resume", (HttpMethods.Post, monitoring.Resume));
        Map(endpoints, parts, "/monitoring/rebaseline", (HttpMethods.Post, monitoring.Rebaseline));
        Map(endpoints, parts, "/online/reset", (HttpMethods.Post, new OnlineEndpoint(parts, services.GetRequiredService<StoreKeeper>(), desk, services.GetRequiredService<LabelKeeper>()).Reset));
        Map(endpoints, parts, "/incidents", (HttpMethods.Get, incidents.List));
        Map(endpoints, parts, "/incidents/{id}", (HttpMethods.Get, incidents.Show));
        Map(endpoints, parts, "/incidents/{id}/acknowledge", (HttpMethods.Post, incidents.Acknowledge));
        Map(endpoints, parts, "/silences", (HttpMethods.Get, incidents.Silences), (HttpMethods.Post, incidents.Silence));
        Map(endpoints, parts, "/silences/{id}", (HttpMethods.Delete, incidents.Lift));
        ModelsEndpoint models = new(parts, services.GetService<RegistryKeeper>());
        Map(endpoints, parts, "/models", (HttpMethods.Get, models.List));
        Map(endpoints, parts, "/models/{name}", (HttpMethods.Get, models.Show));
        Map(endpoints, parts, "/models/{name}/aliases/{alias}", (HttpMethods.Post, models.SetAlias));
        Map(endpoints, parts, "/models/{name}/rollback", (HttpMethods.Post, models.Rollback));
        services.GetRequiredService<ExperimentMeters>();
        ExperimentsEndpoint experiments = new(services.GetRequiredService<StoreKeeper>(), services.GetRequiredService<ExperimentDesk>(), services.GetRequiredService<ExperimentKeeper>());
        Map(endpoints, parts, "/experiments", (HttpMethods.Get, experiments.List), (HttpMethods.Post, experiments.Create));
        Map(endpoints, parts, "/experiments/{name}", (HttpMethods.Get, experiments.Show));
        Map(endpoints, parts, "/experiments/{name}/weights", (HttpMethods.Post, experiments.Weigh));
        Map(endpoints, parts, "/experiments/{name}/stop", (HttpMethods.Post, experiments.Stop));
        Map(endpoints, parts, "/experiments/{name}/start", (HttpMethods.Post, experiments.Start));
        ErrorsEndpoint errors = new(parts, services.GetRequiredService<StoreKeeper>(), desk);
        Map(endpoints, parts, "/errors", (HttpMethods.Get, errors.Read));
        Map(endpoints, parts, "/errors/reset", (HttpMethods.Post, errors.Reset));
        Map(endpoints, parts, "/audit", (HttpMethods.Get, incidents.Audit));
    }

    private static void Map(IEndpointRouteBuilder endpoints, ServiceParts parts, string address, params (string Verb, Func<HttpContext, Task> Call)[] calls)
    {
        AdminCall admin = new(parts);
        string verbs = string.Join(", ", calls.Select(c => c.Verb));
        endpoints.Map(address, http =>
        {
            string asked = HttpMethods.IsHead(http.Request.Method) ? HttpMethods.Get : http.Request.Method;
            foreach ((string verb, Func<HttpContext, Task> call) in calls)
                if (HttpMethods.Equals(verb, asked)) return admin.Run(http, call);
            return parts.Errors.WrongVerb(http, verbs);
        });
    }
}
