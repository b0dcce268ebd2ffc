using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Ueq.Serving;

namespace Ueq.InferenceLog;

/// <summary>What a host calls to keep what its service was asked and answered.</summary>
public static class UeqInferenceLog
{
    /// <summary>Writes the inference log that the configuration asks for, as Parquet files; adds nothing where it asks for none.</summary>
    /// <exception cref="IOException">The directory cannot be made, when the service starts.</exception>
    public static IServiceCollection AddUeqInferenceLog(this IServiceCollection services, UeqServiceConfig config)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(config);
        if (config.InferenceLog.Folder is null) return services;
        services.AddSingleton(provider => new ParquetLog(config.InferenceLog, provider.GetService<TimeProvider>() ?? TimeProvider.System, provider.GetRequiredService<ILogger<ParquetLog>>()));
        services.AddSingleton<IInferenceLog>(provider => provider.GetRequiredService<ParquetLog>());
        return services.AddHostedService(provider => provider.GetRequiredService<ParquetLog>());
    }
}
