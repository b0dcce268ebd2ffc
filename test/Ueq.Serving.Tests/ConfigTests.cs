using Microsoft.Extensions.Logging;

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
            Urls = ["http://*:8000", "https://[::1]:8443"],
            Coverage = new Coverage(0.975),
            MaxBodyBytes = 1,
            MaxRows = 2,
            HealthPolicy = HealthPolicy.Guide,
            Batching = new BatchingConfig { Models = ["houses", "wine@champion"], Rows = 7, DelayMilliseconds = 3, MaxConcurrent = 2, MaxWaitingRows = 9 },
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
    public void ABadFileIsNamedWithItsLine(string yaml, int line, string said)
    {
        System.IO.File.WriteAllText(File, yaml);
        InvalidDataException bad = Assert.Throws<InvalidDataException>(() => UeqServiceConfig.FromYaml(File));
        Assert.StartsWith($"{File}:{line}: ", bad.Message, StringComparison.Ordinal);
        Assert.Contains(said.Replace("an address", "addresses", StringComparison.Ordinal), bad.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheEnvironmentLiesOverTheFile()
    {
        UeqServiceConfig config = new UeqServiceConfig { BatchSize = 5, WindowSize = 50 }.WithEnvironment(Variables(
            ("UEQ_BATCH_SIZE", "500"), ("UEQ_MODEL_DIR", "models/a"), ("UEQ_URLS", "http://127.0.0.1:1;http://127.0.0.1:2"), ("UEQ_DATA", "x"), ("PATH", "y")));
        Assert.Equal(500, config.BatchSize);
        Assert.Equal(50, config.WindowSize);
        Assert.Equal("models/a", config.ModelDir);
        Assert.Equal(2, config.Urls.Count);
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
        Assert.Equal(expected.ModelParams, actual.ModelParams);
        Assert.Equal(expected.Urls, actual.Urls);
        Assert.Equal(expected.Batching.Models, actual.Batching.Models);
        Assert.Equal(expected, actual with { ModelParams = expected.ModelParams, Urls = expected.Urls, Batching = actual.Batching with { Models = expected.Batching.Models } });
    }
}
