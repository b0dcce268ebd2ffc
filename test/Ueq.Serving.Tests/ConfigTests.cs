using Microsoft.Extensions.Logging;
using Ueq.Serving.Configuration;
using Ueq.Serving.Security;

namespace Ueq.Serving.Tests;

public sealed class ConfigTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ueq-config-").FullName;

    private string File => Path.Combine(_folder, "config.yaml");

    [Fact]
    public void TheGuidesExampleIsRead()
    {
        System.IO.File.WriteAllText(File, """
            method: "bootstrap"
            model_params:
              n_models: 100
              random_state: 42

            drift_threshold: 0.1
            window_size: 100
            perf_window_size: 100

            batch_size: 1000
            n_jobs: 4
            max_error_rate: 0.05

            log_level: "INFO"
            log_file: "ueq_service.log"
            """);
        UeqServiceConfig config = UeqServiceConfig.FromYaml(File);
        Assert.Equal("bootstrap", config.Method);
        Assert.Equal("100", config.ModelParams["n_models"]);
        Assert.Equal(4, config.JobCount);
        Assert.Equal(LogLevel.Information, config.LogLevel);
        Assert.Equal("ueq_service.log", config.LogFile);
    }

    [Fact]
    public void WhatIsWrittenIsReadAsTheSame()
    {
        UeqServiceConfig config = new()
        {
            Method = "split",
            ModelParams = new Dictionary<string, string> { ["alpha"] = "0.05", ["task_type"] = "a: b # \"c\"" },
            DriftThreshold = 0.30000000000000004,
            WindowSize = 50,
            PerfWindowSize = 7,
            BatchSize = 3,
            JobCount = -1,
            MaxErrorRate = 0,
            LogLevel = LogLevel.Critical,
            LogFile = "null",
            ModelDir = "C:\\models\\é",
            Urls = ["http://*:8000", "http://[::1]:8443"],
            Coverage = new Coverage(0.975),
            MaxBodyBytes = 1,
            MaxRows = 2,
            HealthPolicy = HealthPolicy.Guide,
            Cache = new CacheConfig { Models = ["*"], Rows = 17, TtlSeconds = 2, Redis = "127.0.0.1:6379,password=a\"b", RedisTimeoutMilliseconds = 5 },
            Batching = new BatchingConfig { Models = ["houses", "wine@champion"], Rows = 7, DelayMilliseconds = 3, MaxConcurrent = 2, MaxWaitingRows = 9 },
            ReceiptKey = new string('k', 40),
            PreviousReceiptKeys = [new string('p', 32), new string('q', 33)],
            Limits = new LimitsConfig
            {
                Connections = 7,
                HeaderBytes = 1024,
                HeaderCount = 8,
                HeaderSeconds = 3,
                KeepAliveSeconds = 4,
                KeyRequestsPerSecond = 0.5,
                KeyBurst = 5,
                AddressRequestsPerSecond = 100,
                AddressBurst = 6,
            },
            Security = new SecurityConfig
            {
                Keys = new Dictionary<string, ApiKey> { ["a.b-c"] = ApiKey.Create(AccessScopes.Predict | AccessScopes.Admin, out _) with { RequestsPerSecond = 0.1 } },
                Metrics = MetricsAccess.Scope,
                Health = HealthAccess.Scope,
                Jwt = new JwtConfig { Authority = "https://issuer.example", Issuer = "i", Audience = "a", Algorithms = ["ES256"], ScopeClaim = "scp" },
            },
        };
        config.ToYaml(File);
        AssertSame(config, UeqServiceConfig.FromYaml(File));
        new UeqServiceConfig().ToYaml(File);
        AssertSame(new UeqServiceConfig(), UeqServiceConfig.FromYaml(File));
        System.IO.File.WriteAllText(File, "# nothing\n");
        AssertSame(new UeqServiceConfig(), UeqServiceConfig.FromYaml(File));
    }

    [Theory]
    [InlineData("batch_size: 10\ndrift_treshold: 0.2", 2, "unknown key \"drift_treshold\"; did you mean \"drift_threshold\"?")]
    [InlineData("batch_size: 10\nbatch_size: 20", 2, "batch_size")]
    [InlineData("\n\nbatch_size: zero", 3, "batch_size: expected a whole number from 1 to 10000000, got zero")]
    [InlineData("batch_size: \"10\"", 1, "got the text \"10\"")]
    [InlineData("batch_size: 1.5", 1, "got 1.5")]
    [InlineData("batch_size: 0", 1, "got 0")]
    [InlineData("batch_size:", 1, "got nothing")]
    [InlineData("batch_size: [1]", 1, "got a list")]
    [InlineData("batch_size: {a: 1}", 1, "got a mapping")]
    [InlineData("window_size: 5", 1, "expected a whole number from 20 to 1000000, got 5")]
    [InlineData("drift_threshold: .nan", 1, "expected a number above 0")]
    [InlineData("max_error_rate: 2", 1, "expected a number from 0 to 1, got 2")]
    [InlineData("coverage: 90", 1, "expected a number strictly between 0 and 1, such as 0.9, got 90")]
    [InlineData("n_jobs: 0", 1, "-1 for all processors")]
    [InlineData("log_level: LOUD", 1, "DEBUG, INFO, WARNING, ERROR, CRITICAL")]
    [InlineData("method: magic", 1, "one of auto, split")]
    [InlineData("urls: 8000", 1, "an address")]
    [InlineData("microbatch_models: [a, '']", 1, "expected names of models, or * for all")]
    [InlineData("microbatch_delay_ms: 2000", 1, "expected a whole number from 0 to 1000, got 2000")]
    [InlineData("max_concurrent: 0", 1, "expected a whole number from 1 to 1024, got 0")]
    [InlineData("health_policy: nice", 1, "expected honest or guide, got nice")]
    [InlineData("model_params: 7", 1, "a mapping")]
    [InlineData("model_params:\n  a: [1]", 2, "a number or a text")]
    [InlineData("- a\n- b", 1, "expected keys and values")]
    [InlineData("a: [1", 2, "")]
    [InlineData("a: 1\n---\nb: 2", 3, "one document")]
    [InlineData("limits:\n  connections: 0", 2, "limits.connections: expected a whole number from 1 to 10000000, got 0")]
    [InlineData("limits:\n  conections: 5", 2, "unknown key \"limits.conections\"; did you mean \"limits.connections\"?")]
    [InlineData("connections: 5", 1, "did you mean \"limits.connections\"?")]
    [InlineData("limits.connections: 5\nlimits:\n  connections: 6", 3, "limits.connections: expected the key once, got it twice")]
    [InlineData("openapi: yes", 1, "openapi: expected true or false, got yes")]
    [InlineData("limits: 5", 1, "limits: expected keys and values, such as connections: …")]
    [InlineData("limits:\n  - 5", 2, "limits: expected keys and values")]
    [InlineData("receipt_key_file: /no/such/file", 1, "receipt_key_file: there is no file /no/such/file")]
    [InlineData("security:\n  keys:\n    one: sha256:00 predict", 3, "security.keys: one: expected sha256:")]
    [InlineData("security:\n  keys:\n    one: ueq_secretsecretsecret", 3, "got something else")]
    [InlineData("security:\n  keys:\n    \"a b\": x", 3, "expected a name of 1 to 64 letters")]
    [InlineData("security:\n  keys: [a]", 2, "a mapping of names to keys")]
    [InlineData("security:\n  metrics: closed", 2, "expected one of loopback, open, scope, got closed")]
    [InlineData("security:\n  jwt:\n    algorithms: [HS256]", 3, "expected algorithms out of RS256")]
    [InlineData("security:\n  jwt:\n    authority: http://issuer.example", 3, "begins with https://")]
    [InlineData("security:\n  jwt:\n    authority: https://issuer.example", 3, "expected security.jwt.audience beside it")]
    [InlineData("urls: https://127.0.0.1:5001", 1, "needs tls.certificate")]
    [InlineData("tls:\n  certificate: /no/such.pem", 2, "tls.certificate: there is no file /no/such.pem")]
    [InlineData("limits:\n  key_requests_per_second: 0", 2, "expected a number from 0.001 to 1000000")]
    [InlineData("window_size: 50\nurls: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", 2, "nested more than 32 deep")]
    [InlineData("window_size: 50\nstore: postgresql://u:hunter2@db/ueq", 2, "store: expected a path, a connection string such as Host=db;Database=ueq;Username=ueq, none or nothing, got")]
    [InlineData("receipt_key: tooshort", 1, "receipt_key: expected 32 bytes or more")]
    public void ABadFileIsNamedWithItsLine(string yaml, int line, string said)
    {
        System.IO.File.WriteAllText(File, yaml);
        InvalidDataException bad = Assert.Throws<InvalidDataException>(() => UeqServiceConfig.FromYaml(File));
        Assert.StartsWith($"{File}:{line}: ", bad.Message, StringComparison.Ordinal);
        Assert.Contains(said.Replace("an address", "addresses", StringComparison.Ordinal), bad.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFileThatIsNestedDeeperThanAnyStackIsAFaultAndNoEnd()
    {
        foreach (string deep in (string[])[new string('[', 200_000), string.Concat(Enumerable.Repeat("{a: ", 200_000)), "\n" + string.Concat(Enumerable.Repeat("- ", 100_000))])
        {
            System.IO.File.WriteAllText(File, "urls: " + deep);
            Assert.NotEmpty(new ConfigSource(File, [], []).Check());
        }
    }

    [Fact]
    public void AFileThatIsNoUtf8IsNamedWithItsLine()
    {
        System.IO.File.WriteAllBytes(File, [.. "window_size: 50\nlog_file: caf"u8, 0xE9, .. ".log\n"u8]);
        Assert.Equal($"{File}:2: expected UTF-8, got other bytes", new ConfigSource(File, [], []).Check().Single());
        // What an editor says it has written is read.
        System.IO.File.WriteAllText(File, "log_file: café.log\n", System.Text.Encoding.Unicode);
        Assert.Equal("café.log", UeqServiceConfig.FromYaml(File).LogFile);
        System.IO.File.WriteAllText(File, "openapi: False\n");
        Assert.False(UeqServiceConfig.FromYaml(File).OpenApi);
        System.IO.File.WriteAllText(File, "log_file: café.log\n", new System.Text.UTF8Encoding(true));
        Assert.Equal("café.log", UeqServiceConfig.FromYaml(File).LogFile);
    }

    [Fact]
    public void TheEnvironmentLiesOverTheFile()
    {
        UeqServiceConfig config = new UeqServiceConfig { BatchSize = 5, WindowSize = 50 }.WithEnvironment(Variables(
            ("UEQ_BATCH_SIZE", "500"), ("UEQ_MODEL_DIR", "models/a"), ("UEQ_URLS", "http://127.0.0.1:1;http://127.0.0.1:2"), ("UEQ_DATA", "x"), ("PATH", "y"), ("UEQ_SECURITY__JWT__ALGORITHMS", "RS256; ES384")));
        Assert.Equal(500, config.BatchSize);
        Assert.Equal(50, config.WindowSize);
        Assert.Equal("models/a", config.ModelDir);
        Assert.Equal(2, config.Urls.Count);
        // As 'ueq config show' writes a list.
        Assert.Equal(["RS256", "ES384"], config.Security.Jwt.Algorithms);
    }

    [Theory]
    [InlineData("UEQ_BATCHSIZE", "5", "UEQ_BATCHSIZE: unknown variable; did you mean UEQ_BATCH_SIZE?")]
    [InlineData("UEQ_BATCH_SIZE", "five", "UEQ_BATCH_SIZE: expected a whole number from 1 to 10000000, got five")]
    [InlineData("UEQ_MODEL_PARAMS", "a=1", "UEQ_MODEL_PARAMS: expected a mapping")]
    public void ABadVariableIsNamed(string name, string value, string said)
    {
        InvalidDataException bad = Assert.Throws<InvalidDataException>(() => new UeqServiceConfig().WithEnvironment(Variables((name, value))));
        Assert.Contains(said, bad.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EverythingThatIsWrongIsSaidAtOnce()
    {
        System.IO.File.WriteAllText(File, "batch_size: 0\nlimits:\n  header_count: 1\nwindow: 5\n");
        IReadOnlyList<string> faults = new ConfigSource(File, Variables(("UEQ_MAX_ROWS", "x")), []).Check();
        Assert.Equal([1, 3, 4], faults.Take(3).Select(fault => int.Parse(fault[(File.Length + 1)..].Split(':')[0], null)));
        Assert.StartsWith("UEQ_MAX_ROWS: ", faults[3], StringComparison.Ordinal);
        Assert.Equal(4, faults.Count);
    }

    [Fact]
    public void EverySettingSaysWhereItCameFromAndSecretsAreNotShown()
    {
        System.IO.File.WriteAllText(File, $"batch_size: 7\nwindow_size: 50\nreceipt_key: {new string('s', 32)}\nstore: Host=db;Username=u;Password=hunter2\nlimits:\n  connections: 9\n");
        ConfigReading reading = new ConfigSource(File, Variables(("UEQ_LIMITS__HEADER_COUNT", "70"), ("UEQ_WINDOW_SIZE", "60")), Variables(("urls", "http://127.0.0.1:1"))).Read();
        Dictionary<string, ConfigSetting> all = reading.Settings.ToDictionary(s => s.Name);
        Assert.Equal((ConfigOrigin.File, $"{File}:1", "7", ConfigEffect.Live), (all["batch_size"].Origin, all["batch_size"].Place, all["batch_size"].Value, all["batch_size"].Effect));
        Assert.Equal((ConfigOrigin.Environment, "UEQ_WINDOW_SIZE", "60"), (all["window_size"].Origin, all["window_size"].Place, all["window_size"].Value));
        Assert.Equal((ConfigOrigin.File, $"{File}:6", "9"), (all["limits.connections"].Origin, all["limits.connections"].Place, all["limits.connections"].Value));
        Assert.Equal("70", all["limits.header_count"].Value);
        Assert.Equal((ConfigOrigin.CommandLine, "--urls", ConfigEffect.Restart), (all["urls"].Origin, all["urls"].Place, all["urls"].Effect));
        Assert.Equal((ConfigOrigin.Default, ""), (all["max_rows"].Origin, all["max_rows"].Place));
        Assert.Equal("(set)", all["receipt_key"].Value);
        Assert.Contains("***", all["store"].Value, StringComparison.Ordinal);
        Assert.DoesNotContain(all.Values, s => s.Value.Contains("hunter2", StringComparison.Ordinal) || s.Value.Contains("sss", StringComparison.Ordinal));
    }

    [Fact]
    public void RisksAreSaidWithTheirPlace()
    {
        string key = ApiKey.Create(AccessScopes.Predict, out _).ToString();
        System.IO.File.WriteAllText(File, "urls: http://0.0.0.0:80\n");
        Assert.Contains($"{File}:1: urls: http://0.0.0.0:80 is reached from other machines and nobody is asked", new ConfigSource(File, [], []).Read().Warnings.Single(), StringComparison.Ordinal);
        System.IO.File.WriteAllText(File, $"urls: http://0.0.0.0:80\nsecurity:\n  metrics: open\n  keys:\n    a: {key}\n");
        IReadOnlyList<string> warnings = new ConfigSource(File, [], []).Read().Warnings;
        Assert.Equal(2, warnings.Count);
        Assert.StartsWith($"{File}:1: urls: keys and tokens travel to http://0.0.0.0:80 in the clear", warnings[0], StringComparison.Ordinal);
        Assert.StartsWith($"{File}:3: security.metrics: everybody", warnings[1], StringComparison.Ordinal);
        ConfigReading variable = new ConfigSource(null, Variables(("UEQ_SECURITY__KEYS", $"a={key}; b={key}"), ("UEQ_URLS", "http://localhost:80")), []).Read();
        Assert.Empty(variable.Warnings);
        Assert.Equal(2, variable.Config.Security.Keys.Count);
    }

    [Fact]
    public void AFileWithASecretIsForItsOwnerOnly()
    {
        if (OperatingSystem.IsWindows()) return;
        System.IO.File.WriteAllText(File, "");
        new UeqServiceConfig { ReceiptKey = new string('k', 40) }.ToYaml(File);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        Assert.Empty(new ConfigSource(File, [], []).Read().Warnings);
        System.IO.File.SetUnixFileMode(File, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.Contains("chmod 600", new ConfigSource(File, [], []).Read().Warnings.Single(), StringComparison.Ordinal);
        foreach (UeqServiceConfig config in new[] { new UeqServiceConfig { Store = "Host=db;Password=hunter2" }, new UeqServiceConfig { Cache = new CacheConfig { Redis = "127.0.0.1:6379,user=u,password=hunter2" } } })
        {
            System.IO.File.WriteAllText(File, "");
            System.IO.File.SetUnixFileMode(File, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
            config.ToYaml(File);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
            System.IO.File.SetUnixFileMode(File, UnixFileMode.UserRead | UnixFileMode.OtherRead);
            Assert.Contains("chmod 600", new ConfigSource(File, [], []).Read().Warnings.Single(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task ValuesSetInCodeAreCheckedToo()
    {
        ArgumentException bad = await Assert.ThrowsAsync<ArgumentException>(() => Server.Start(Fakes.Sum(), new UeqServiceConfig { BatchSize = 0 }));
        Assert.Contains("batch_size: expected a whole number", bad.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => Server.Start(Fakes.Sum(), new UeqServiceConfig { LogLevel = LogLevel.None }));
    }

    [Fact]
    public async Task AConfiguredMethodMustBeTheModels()
    {
        ArgumentException bad = await Assert.ThrowsAsync<ArgumentException>(() => Server.Start(Fakes.Sum(), new UeqServiceConfig { Method = "bayesian_linear" }));
        Assert.Contains("'bayesian_linear'", bad.Message, StringComparison.Ordinal);
        await using Server guide = await Server.Start(Fakes.Sum(), new UeqServiceConfig { Method = "conformal" });
    }

    public void Dispose() => Directory.Delete(_folder, true);

    private static KeyValuePair<string, string>[] Variables(params (string Name, string Value)[] all) =>
        [.. all.Select(v => new KeyValuePair<string, string>(v.Name, v.Value))];

    private static void AssertSame(UeqServiceConfig expected, UeqServiceConfig actual)
    {
        foreach (ConfigKey key in ConfigKey.All) Assert.Equal(key.Show(expected), key.Show(actual));
        Assert.Equal(expected.ReceiptKey, actual.ReceiptKey);
        Assert.Equal(expected.PreviousReceiptKeys, actual.PreviousReceiptKeys);
        Assert.Equal(expected.Cache.Redis, actual.Cache.Redis);
    }
}
