using Serilog.Core;
using Serilog.Events;

namespace Ueq.Serving.Telemetry;

/// <summary>The least severe message that is logged: ours, and the framework's, which begin at warnings.</summary>
internal sealed class LogSwitch : ILiveSetting
{
    public LogSwitch(UeqServiceConfig config) => Apply(config);

    public LoggingLevelSwitch Ours { get; } = new();

    public LoggingLevelSwitch Framework { get; } = new();

    public void Apply(UeqServiceConfig config)
    {
        LogEventLevel level = Serilog.Extensions.Logging.LevelConvert.ToSerilogLevel(config.LogLevel);
        Ours.MinimumLevel = level;
        Framework.MinimumLevel = level > LogEventLevel.Warning ? level : LogEventLevel.Warning;
    }
}
