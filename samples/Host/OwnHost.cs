using Ueq.Serving;
using Ueq.Versions;

namespace Ueq.Samples;

/// <summary>An ASP.NET Core application that serves a model beside whatever else it does.</summary>
public static class OwnHost
{
    /// <summary>The application, not yet started.</summary>
    public static WebApplication Build(UeqServiceConfig config, ModelVersion version)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddUeq(config, version);
        WebApplication app = builder.Build();
        app.MapUeq();
        return app;
    }
}
