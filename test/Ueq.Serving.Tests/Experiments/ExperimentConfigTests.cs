using Ueq.Serving.Configuration;

namespace Ueq.Serving.Tests.Experiments;

/// <summary>Experiments in a configuration: read, written, and what is wrong with them by its line.</summary>
public sealed class ExperimentConfigTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ueq-config-").FullName;

    private string File => Path.Combine(_folder, "c.yaml");

    [Fact]
    public void AListIsReadAndWrittenTheSame()
    {
        ExperimentConfig[] experiments = [ExperimentServer.Split(), ExperimentServer.Split(ExperimentKind.Shadow, 0.25) with { Name = "dark", Model = "wine", Salt = "7: x", Enabled = false }];
        new UeqServiceConfig { Experiments = experiments }.ToYaml(File);
        Assert.Equal(experiments, UeqServiceConfig.FromYaml(File).Experiments);
        System.IO.File.WriteAllText(File, "experiments:\n  - name: a\n    kind: canary\n    model: h\n    arms: {h@champion: 9, h:3: 1}\n");
        ExperimentConfig read = UeqServiceConfig.FromYaml(File).Experiments.Single();
        Assert.Equal((ExperimentKind.Canary, true, "h@champion", 1.0, "h:3"), (read.Kind, read.Enabled, read.Arms[0].Reference, read.Arms[1].Weight, read.Arms[1].Reference));
    }

    [Theory]
    [InlineData("    knd: ab\n", 6, "unknown key \"knd\"; did you mean \"kind\"?")]
    [InlineData("    salt: ''\n", 6, "salt: expected 1 to 64 bytes")]
    [InlineData("    enabled: maybe\n", 6, "enabled: expected true or false, got maybe")]
    [InlineData("  - name: b\n    kind: abc\n    model: h\n    arms: {x: 1, y: 1}\n", 7, "kind: expected ab, canary or shadow, got abc")]
    [InlineData("  - name: b\n    kind: ab\n    model: m\n    arms: {x: 1, y: -1}\n", 9, "arms.y: expected a weight above 0")]
    [InlineData("  - name: b\n    kind: ab\n    model: m\n    arms: {x: 1, y: .inf}\n", 9, "arms.y: expected a weight above 0")]
    [InlineData("  - name: b\n    kind: canary\n    model: m\n    arms: {x: 1, y: 1, z: 1}\n", 9, "arms: expected two, since this is a canary")]
    [InlineData("  - name: b\n    kind: shadow\n    model: m\n    arms: {x: 1, y: 1.5}\n", 9, "at most 1, got 1.5")]
    [InlineData("  - name: a\n    kind: ab\n    model: m\n    arms: {x: 1, y: 1}\n", 1, "expected each name once, got a twice")]
    [InlineData("  - name: b\n    kind: ab\n    model: h\n    arms: {x: 1, y: 1}\n", 1, "expected one enabled experiment per model, got a and b for h")]
    [InlineData("  - name: b\n    kind: ab\n    model: m\n", 6, "arms: expected the key, got none")]
    [InlineData("  - b\n", 6, "expected keys and values")]
    public void WhatIsWrongIsNamedByItsLine(string more, int line, string said)
    {
        System.IO.File.WriteAllText(File, "experiments:\n  - name: a\n    kind: ab\n    model: h\n    arms: {h: 1, g: 1}\n" + more);
        string fault = Assert.Single(new ConfigSource(File, [], []).Check());
        Assert.Contains(said, fault, StringComparison.Ordinal);
        Assert.Contains($":{(line == 1 ? 2 : line)}:", fault, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
