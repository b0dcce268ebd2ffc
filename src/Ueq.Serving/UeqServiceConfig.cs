using Microsoft.Extensions.Logging;

namespace Ueq.Serving;

/// <summary>When <c>GET /health</c> answers 503.</summary>
public enum HealthPolicy
{
    /// <summary>Only when the process should get no traffic: it is stopping. Drift and errors are shown, not acted on.</summary>
    Honest,

    /// <summary>Also while drift exceeds its threshold, a severe alert stands or the error rate is too high, as in the guide.</summary>
    Guide,
}

/// <summary>The service's configuration: the guide's keys and ours.</summary>
/// <remarks>
/// Files are YAML with the same names in snake_case. The order is file, then environment (<c>UEQ_BATCH_SIZE</c> and so on), then
/// command line. An unknown key or a bad value is an <see cref="InvalidDataException"/> that names the place.
/// </remarks>
public sealed record UeqServiceConfig
{
    /// <summary>The uncertainty method. Default <c>auto</c>; anything else must be the served model's own method.</summary>
    public string Method { get; init; } = "auto";

    /// <summary>Parameters of the method, as written. They matter when fitting; a service says at its start that it does not use them.</summary>
    public IReadOnlyDictionary<string, string> ModelParams { get; init; } = new Dictionary<string, string>();

    /// <summary>Drift score above which drift is reported: above 0. Default 0.1.</summary>
    public double DriftThreshold { get; init; } = 0.1;

    /// <summary>Rows of a drift window: 20 to 1,000,000. Default 100.</summary>
    public int WindowSize { get; init; } = 100;

    /// <summary>Expected number of false drift alarms in a year, over all signals: 0.000001 to 1,000,000. Default 1.</summary>
    public double FalseAlarmsPerYear { get; init; } = 1;

    /// <summary>Rows that are expected in a year: 1 to 1e15. Default 1,000,000. Too small a figure promises more than it keeps.</summary>
    public double ObservationsPerYear { get; init; } = 1e6;

    /// <summary>Kolmogorov distance up to which a change raises no alarm: 0 to 1. Default 0.02.</summary>
    public double NegligibleEffect { get; init; } = 0.02;

    /// <summary>Seconds that an alarm, and the recovering after it, last at least: 0 to 1,000,000. Default 300, so that fast traffic does not make a flood of reports.</summary>
    public int DwellSeconds { get; init; } = 300;

    /// <summary>Every how-manieth row the drift monitor looks at: 1 to 1,000,000. Default 1. A remedy where rows depend on the ones before them.</summary>
    public int Thinning { get; init; } = 1;

    /// <summary>
    /// Values (of each row its features, prediction and size) that the drift monitor of a model looks at in a second: 0 for all, up to
    /// 1e12. Default 100,000, about a hundredth of a processor. When more come it looks at a part of the rows, evenly over time.
    /// </summary>
    public long MonitorValuesPerSecond { get; init; } = 100_000;

    /// <summary>Where labels, monitor states and incidents are kept: a path, a connection string of PostgreSQL, or <c>none</c>.</summary>
    /// <remarks>Default: <c>ueq.db</c> beside <see cref="ModelDir"/> or <see cref="Registry"/>; without one, nothing is kept over a restart.</remarks>
    public string? Store { get; init; }

    /// <summary>Seconds between savings of the monitor's state: 1 to 3,600. Default 10. Alarms are saved at once.</summary>
    public int StateSaveSeconds { get; init; } = 10;

    /// <summary>Requests over which inference times are summarised: 1 to 1,000,000. Default 100.</summary>
    public int PerfWindowSize { get; init; } = 100;

    /// <summary>Rows handed to the model at a time by <c>/predict_large</c>: 1 to 10,000,000. Default 1000.</summary>
    public int BatchSize { get; init; } = 1000;

    /// <summary>Batches of one <c>/predict_large</c> request that are computed at the same time: 1 or more, or −1 for all processors. Default 1.</summary>
    public int JobCount { get; init; } = 1;

    /// <summary>Share of failed requests that is too high: 0 to 1. Default 0.05.</summary>
    public double MaxErrorRate { get; init; } = 0.05;

    /// <summary>Least severe message that is logged: DEBUG, INFO, WARNING, ERROR or CRITICAL. Default INFO.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>File that is logged to besides standard output; <c>null</c>, the default, for none.</summary>
    public string? LogFile { get; init; }

    /// <summary>Directory of the served model version; <c>null</c>, the default, when the host hands the model over.</summary>
    public string? ModelDir { get; init; }

    /// <summary>Directory of a registry of models; <c>null</c>, the default, for none.</summary>
    public string? Registry { get; init; }

    /// <summary>The models of <see cref="Registry"/> that are served, as name, name@alias or name:version; the first answers requests that name none. Default: all, by name.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>Addresses to listen on. Default <c>http://127.0.0.1:5000</c>.</summary>
    public IReadOnlyList<string> Urls { get; init; } = ["http://127.0.0.1:5000"];

    /// <summary>Coverage of requests that name none. Default 90 %.</summary>
    public Coverage Coverage { get; init; }

    /// <summary>Bytes of a JSON request body, or of one record batch of an Arrow stream: 1 to 1 GiB. Default 32 MiB. Streams are not limited.</summary>
    public int MaxBodyBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Rows of a JSON request, or of one record batch: 1 to 100,000,000. Default 1,000,000. Streams are not limited.</summary>
    public int MaxRows { get; init; } = 1_000_000;

    /// <summary>When <c>GET /health</c> answers 503. Default honest.</summary>
    public HealthPolicy HealthPolicy { get; init; } = HealthPolicy.Honest;

    /// <summary>Secret that signs receipts: 32 bytes or more in base64, or a text of as many; the same at all replicas. <c>null</c>, the default, makes one that dies with the process.</summary>
    public string? ReceiptKey { get; init; }

    /// <summary>File that holds <see cref="ReceiptKey"/> instead of the configuration; <c>null</c>, the default, for none.</summary>
    public string? ReceiptKeyFile { get; init; }

    /// <summary>Earlier keys whose receipts are still believed. Default none.</summary>
    public IReadOnlyList<string> PreviousReceiptKeys { get; init; } = [];

    /// <summary>Days after which a receipt expires: 1 to 3650. Default 90.</summary>
    public int ReceiptTtlDays { get; init; } = 90;

    /// <summary>Probability that live coverage ever alarms while it is as promised: 1e-9 to 0.5. Default 0.01.</summary>
    public double CoverageAlarmProbability { get; init; } = 0.01;

    /// <summary>How requests wait for their turn and are predicted together. Default: none waits.</summary>
    public BatchingConfig Batching { get; init; } = new();

    /// <summary>What the web server takes of one caller.</summary>
    public LimitsConfig Limits { get; init; } = new();

    /// <summary>Who may do what.</summary>
    public SecurityConfig Security { get; init; } = new();

    /// <summary>The certificate of addresses that begin with https.</summary>
    public TlsConfig Tls { get; init; } = new();

    /// <summary>Answers that are kept and given again to the same row. Default: none.</summary>
    public CacheConfig Cache { get; init; } = new();

    /// <summary>Levels that labels move. Default: none, answers are made for the coverage that is asked.</summary>
    public OnlineConfig Online { get; init; } = new();

    /// <summary>When answers are compressed.</summary>
    public CompressionConfig Compression { get; init; } = new();

    /// <summary>Experiments that the configuration fixes; others are made while serving. Default none.</summary>
    public IReadOnlyList<ExperimentConfig> Experiments { get; init; } = [];

    /// <summary>Traces and log files.</summary>
    public TelemetryConfig Telemetry { get; init; } = new();

    /// <summary>Files of what was asked and answered. Default: none.</summary>
    public InferenceLogConfig InferenceLog { get; init; } = new();

    /// <summary>Seconds that a service which is to end goes on answering after it has said so: 0 to 3600. Default 0.</summary>
    public int ShutdownDelaySeconds { get; init; }

    /// <summary>Seconds that requests in flight have when it ends: 1 to 3600. Default 30.</summary>
    public int ShutdownTimeoutSeconds { get; init; } = 30;

    /// <summary>Addresses for gRPC without TLS, which needs its own, such as <c>http://127.0.0.1:5001</c>. Default none. Over <c>https</c>, <see cref="Urls"/> answer gRPC too.</summary>
    public IReadOnlyList<string> GrpcUrls { get; init; } = [];

    /// <summary>Names this process among those that share its store; the same after a restart.</summary>
    internal string Replica =>
        Urls is [var url, ..] ? $"{Environment.MachineName}/{url[(url.IndexOf("//", StringComparison.Ordinal) + 2)..].TrimEnd('/')}" : Environment.MachineName;

    /// <summary>Everything that is listened on.</summary>
    internal IEnumerable<string> Addresses => Urls.Concat(GrpcUrls);

    /// <summary>Whether <c>/openapi/v1.json</c> and its page <c>/scalar</c> are there. Default yes.</summary>
    public bool OpenApi { get; init; } = true;

    /// <summary>Whether the models <c>simple</c> and <c>identity</c> can be asked under <c>/v2</c>, to try clients with. Default no.</summary>
    public bool TestModels { get; init; }

    /// <summary>The type's name alone: the configuration holds a key that no log may show.</summary>
    public override string ToString() => nameof(UeqServiceConfig);

    /// <summary>Reads a YAML file.</summary>
    /// <exception cref="InvalidDataException">The file is not YAML, names an unknown key or states a bad value; says file and line.</exception>
    public static UeqServiceConfig FromYaml(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return new ConfigSource(path, [], []).Read().Config;
    }

    /// <summary>Writes a YAML file that <see cref="FromYaml"/> reads as the same configuration.</summary>
    /// <remarks>Secrets are written too, since the file is to say the same; one that holds any is for its owner's eyes only (mode 600).</remarks>
    public void ToYaml(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        bool secret = ConfigKey.All.Any(key => key.HoldsSecret(this));
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write };
        if (secret && !OperatingSystem.IsWindows())
        {
            // The mode counts for new files only.
            File.Delete(path);
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using StreamWriter text = new(path, options);
        ConfigYaml.Write(this, text);
    }

    /// <summary>This configuration with the variables of an environment over it, such as <c>UEQ_BATCH_SIZE=500</c>.</summary>
    /// <exception cref="InvalidDataException">A variable states a bad value, or is a misspelt key.</exception>
    public UeqServiceConfig WithEnvironment(IEnumerable<KeyValuePair<string, string>> variables)
    {
        ArgumentNullException.ThrowIfNull(variables);
        ConfigDraft draft = new(this);
        ConfigEnvironment.Read(variables, draft);
        draft.Finish();
        return draft.Faults.Count == 0 ? draft.Config : throw new InvalidDataException(string.Join('\n', draft.Faults));
    }

    /// <summary>Checks values that did not come from a file.</summary>
    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    internal void Validate()
    {
        foreach (ConfigKey key in ConfigKey.All)
        {
            try
            {
                key.Read(new UeqServiceConfig(), key.Write(this));
            }
            catch (FormatException bad)
            {
                throw new ArgumentException($"{key.Name}: {bad.Message}", nameof(UeqServiceConfig));
            }
        }

        foreach ((string name, string message) in ConfigRules.Faults(this)) throw new ArgumentException($"{name}: {message}", nameof(UeqServiceConfig));
    }
}
