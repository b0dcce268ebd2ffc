using Microsoft.Extensions.Logging;

namespace Ueq.Serving.Configuration;

/// <summary>One key of the configuration: its name, how it is read and how it is written. The only list of keys there is.</summary>
internal sealed record ConfigKey(
    string Name,
    Func<UeqServiceConfig, ConfigValue, UeqServiceConfig> Read,
    Func<UeqServiceConfig, ConfigValue> Write)
{
    private const ConfigEffect Live = ConfigEffect.Live;

    private static readonly (string Name, LogLevel Level)[] Levels =
    [
        ("DEBUG", LogLevel.Debug), ("INFO", LogLevel.Information), ("WARNING", LogLevel.Warning),
        ("ERROR", LogLevel.Error), ("CRITICAL", LogLevel.Critical),
    ];

    public static IReadOnlyList<ConfigKey> All { get; } =
    [
        new("method", (c, v) => c with { Method = MethodNames.Read(v) }, c => ConfigValue.Of(c.Method)),
        new("model_params",
            (c, v) => c with { ModelParams = v.IsNull ? new Dictionary<string, string>() : v.Entries ?? throw v.Bad("a mapping of names to values") },
            c => c.ModelParams.Count == 0 ? new() : new() { Entries = c.ModelParams }),
        new("drift_threshold",
            (c, v) => c with { DriftThreshold = v.Number(n => n > 0 && double.IsFinite(n), "a number above 0") },
            c => ConfigValue.Of(c.DriftThreshold)) { Effect = Live },
        new("window_size", (c, v) => c with { WindowSize = v.Whole(n => n is >= 20 and <= 1_000_000, "a whole number from 20 to 1000000") }, c => ConfigValue.Of(c.WindowSize)),
        new("false_alarms_per_year",
            (c, v) => c with { FalseAlarmsPerYear = v.Number(n => n is >= 1e-6 and <= 1e6, "a number from 0.000001 to 1000000") },
            c => ConfigValue.Of(c.FalseAlarmsPerYear)),
        new("observations_per_year",
            (c, v) => c with { ObservationsPerYear = v.Number(n => n is >= 1 and <= 1e15, "a number from 1 to 1e15") },
            c => ConfigValue.Of(c.ObservationsPerYear)),
        new("negligible_effect",
            (c, v) => c with { NegligibleEffect = v.Number(n => n is >= 0 and <= 1, "a number from 0 to 1") },
            c => ConfigValue.Of(c.NegligibleEffect)),
        new("dwell_seconds", (c, v) => c with { DwellSeconds = v.Whole(n => n is >= 0 and <= 1_000_000, "a whole number from 0 to 1000000") }, c => ConfigValue.Of(c.DwellSeconds)),
        new("thinning", (c, v) => c with { Thinning = Count(v, 1_000_000) }, c => ConfigValue.Of(c.Thinning)),
        new("monitor_values_per_second",
            (c, v) => c with { MonitorValuesPerSecond = (long)v.Number(n => n is >= 0 and <= 1e12 && Math.Truncate(n) == n, "a whole number from 0, for all, to 1e12") },
            c => ConfigValue.Of((double)c.MonitorValuesPerSecond)),
        new("store", (c, v) => c with { Store = ReadStore(v) }, c => ConfigValue.Of(c.Store)) { Masked = Passwords.Mask },
        new("state_save_seconds", (c, v) => c with { StateSaveSeconds = Count(v, 3600) }, c => ConfigValue.Of(c.StateSaveSeconds)),
        new("perf_window_size", (c, v) => c with { PerfWindowSize = Count(v, 1_000_000) }, c => ConfigValue.Of(c.PerfWindowSize)),
        new("batch_size", (c, v) => c with { BatchSize = Count(v, 10_000_000) }, c => ConfigValue.Of(c.BatchSize)) { Effect = Live },
        new("n_jobs",
            (c, v) => c with { JobCount = v.Whole(n => n is -1 or (> 0 and <= 1024), "a whole number from 1 to 1024, or -1 for all processors") },
            c => ConfigValue.Of(c.JobCount)) { Effect = Live },
        new("max_error_rate",
            (c, v) => c with { MaxErrorRate = v.Number(n => n is >= 0 and <= 1, "a number from 0 to 1") },
            c => ConfigValue.Of(c.MaxErrorRate)) { Effect = Live },
        new("log_level", (c, v) => c with { LogLevel = ReadLevel(v) }, c => ConfigValue.Of(LevelName(c.LogLevel))) { Effect = Live },
        new("log_file", (c, v) => c with { LogFile = v.Path("a path or nothing") }, c => ConfigValue.Of(c.LogFile)),
        new("model_dir", (c, v) => c with { ModelDir = v.Path("a path or nothing") }, c => ConfigValue.Of(c.ModelDir)),
        new("registry", (c, v) => c with { Registry = v.Path("a path or nothing") }, c => ConfigValue.Of(c.Registry)),
        new("models", (c, v) => c with { Models = ReadModels(v) }, c => c.Models.Count == 0 ? new() : new() { Items = c.Models }),
        new("urls", (c, v) => c with { Urls = ReadUrls(v) }, c => new() { Items = c.Urls }),
        new("grpc_urls", (c, v) => c with { GrpcUrls = v.IsNull || v.Items is { Count: 0 } ? [] : ReadUrls(v) }, c => c.GrpcUrls.Count == 0 ? new() : new() { Items = c.GrpcUrls }),
        new("openapi", (c, v) => c with { OpenApi = v.Flag() }, c => ConfigValue.Of(c.OpenApi)),
        new("test_models", (c, v) => c with { TestModels = v.Flag() }, c => ConfigValue.Of(c.TestModels)),
        new("coverage",
            (c, v) => c with { Coverage = new Coverage(v.Number(Coverage.IsLevel, "a number strictly between 0 and 1, such as 0.9")) },
            c => ConfigValue.Of(c.Coverage.Value)),
        new("max_body_bytes", (c, v) => c with { MaxBodyBytes = Count(v, 1 << 30) }, c => ConfigValue.Of(c.MaxBodyBytes)) { Effect = Live },
        new("max_rows", (c, v) => c with { MaxRows = Count(v, 100_000_000) }, c => ConfigValue.Of(c.MaxRows)) { Effect = Live },
        new("receipt_key", (c, v) => c with { ReceiptKey = v.IsNull ? null : ReadSecret(v.Text) }, c => ConfigValue.Of(c.ReceiptKey)) { Effect = Live, IsSecret = true },
        new("receipt_key_file", (c, v) => c with { ReceiptKeyFile = v.Path("a path or nothing") }, c => ConfigValue.Of(c.ReceiptKeyFile)) { Effect = Live },
        new("previous_receipt_keys",
            (c, v) => c with { PreviousReceiptKeys = v.IsNull ? [] : [.. (v.Items ?? (v.Text ?? "").Split(';')).Select(ReadSecret)] },
            c => c.PreviousReceiptKeys.Count == 0 ? new() : new() { Items = c.PreviousReceiptKeys }) { Effect = Live, IsSecret = true },
        new("receipt_ttl_days",
            (c, v) => c with { ReceiptTtlDays = v.Whole(n => n is >= 1 and <= 3650, "a whole number from 1 to 3650") },
            c => ConfigValue.Of(c.ReceiptTtlDays)),
        new("coverage_alarm_probability",
            (c, v) => c with { CoverageAlarmProbability = v.Number(n => n is >= 1e-9 and <= 0.5, "a number from 0.000000001 to 0.5") },
            c => ConfigValue.Of(c.CoverageAlarmProbability)),
        new("health_policy", (c, v) => c with { HealthPolicy = ReadPolicy(v) }, c => ConfigValue.Of(c.HealthPolicy.ToString().ToLowerInvariant())) { Effect = Live },
        .. BatchingKeys.All,
        .. LimitKeys.All,
        .. SecurityKeys.All,
        .. CacheKeys.All,
        .. OnlineKeys.All,
        .. CompressionKeys.All,
        .. ExperimentKeys.All,
        .. TelemetryKeys.All,
        .. InferenceLogKeys.All,
    ];

    /// <summary>When a changed value takes effect.</summary>
    public ConfigEffect Effect { get; init; }

    /// <summary>Whether the value may be shown to nobody.</summary>
    public bool IsSecret { get; init; }

    /// <summary>Takes out of a text what may be shown to nobody.</summary>
    public Func<string, string> Masked { get; init; } = text => text;

    /// <summary>The value as people may see it.</summary>
    public string Show(UeqServiceConfig config) => Write(config) switch
    {
        { IsNull: true } => "-",
        _ when IsSecret => "(set)",
        { Parts: { } parts } => string.Join("; ", parts.Select(part => part.TryGetValue("name", out ConfigValue? name) ? name.Text : "")),
        { Items: { } items } => string.Join("; ", items.Select(Masked)),
        { Entries: { } entries } => string.Join("; ", entries.Select(entry => $"{entry.Key} = {Masked(entry.Value)}")),
        { Text: { } text } => Masked(text),
        _ => "-",
    };

    /// <summary>Whether a value holds what may be shown to nobody: it is a secret, or a part of it is.</summary>
    public bool HoldsSecret(UeqServiceConfig config) => !Write(config).IsNull && (IsSecret || Show(config).Contains("***", StringComparison.Ordinal));

    public static ConfigKey? Find(string name) => All.FirstOrDefault(key => key.Name == name);

    public static bool IsSection(string name) => All.Any(key => key.Name.StartsWith(name + ".", StringComparison.Ordinal));

    /// <summary>The first name inside a section.</summary>
    public static string FirstOf(string section) => All.First(key => key.Name.StartsWith(section + ".", StringComparison.Ordinal)).Name[(section.Length + 1)..].Split('.')[0];

    /// <summary>What is said about a name that is no key.</summary>
    public static string Unknown(string name)
    {
        // Somebody may have the right word in the wrong section.
        ConfigKey nearest = All.MinBy(key => Math.Min(Spelling.Distance(name, key.Name), 1 + Spelling.Distance(name.Split('.')[^1], key.Name.Split('.')[^1])))!;
        return $"unknown key \"{name}\"; did you mean \"{nearest.Name}\"?";
    }

    public static int Count(ConfigValue value, int most) =>
        value.Whole(n => n >= 1 && n <= most, FormattableString.Invariant($"a whole number from 1 to {most}"));

    // Other programs write a server as an address, whose password would be shown as part of it.
    private static string? ReadStore(ConfigValue value)
    {
        const string Expected = "a path, a connection string such as Host=db;Database=ueq;Username=ueq, none or nothing";
        string? store = value.Path(Expected);
        return store is null || !(store.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase) || store.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase))
            ? store
            : throw new FormatException($"expected {Expected}, got an address that begins with postgres");
    }

    // The secret itself is never said.
    private static string ReadSecret(string? text) => text is not null && ReceiptKeys.Bytes(text) is not null
        ? text
        : throw new FormatException($"expected {ReceiptKeys.LeastKeyBytes} bytes or more, in base64 or as a text, got fewer");

    private static LogLevel ReadLevel(ConfigValue value)
    {
        foreach ((string name, LogLevel level) in Levels)
            if (string.Equals(value.Text, name, StringComparison.OrdinalIgnoreCase)) return level;
        throw value.Bad($"one of {string.Join(", ", Levels.Select(l => l.Name))}");
    }

    private static string LevelName(LogLevel level) => Levels.FirstOrDefault(l => l.Level == level).Name ?? level.ToString();

    private static HealthPolicy ReadPolicy(ConfigValue value) => value.Text switch
    {
        "honest" => HealthPolicy.Honest,
        "guide" => HealthPolicy.Guide,
        _ => throw value.Bad("honest or guide"),
    };

    private static string[] ReadModels(ConfigValue value)
    {
        if (value.IsNull) return [];
        string[] models = value.Items?.ToArray() ?? value.Text?.Split([',', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? throw value.Bad("models");
        foreach (string model in models)
            if (!ModelReference.TryParse(model, out _)) throw ConfigValue.Of(model).Bad("models of the registry as name, name@alias or name:version");
        return models;
    }

    // One text may hold several addresses with semicolons between them, as ASP.NET Core's own setting does.
    private static string[] ReadUrls(ConfigValue value)
    {
        const string Expected = "one or more addresses such as http://127.0.0.1:5000";
        string[] urls = value.Items?.ToArray()
            ?? value.Text?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
        if (urls.Length == 0) throw value.Bad(Expected);
        foreach (string url in urls)
        {
            // A listener may be named by a wildcard, which is no legal host of a URI.
            string probe = url.Replace("//*", "//localhost", StringComparison.Ordinal).Replace("//+", "//localhost", StringComparison.Ordinal);
            if (!Uri.TryCreate(probe, UriKind.Absolute, out Uri? parsed) || parsed.Scheme is not ("http" or "https"))
                throw ConfigValue.Of(url).Bad(Expected);
        }

        return urls;
    }
}
