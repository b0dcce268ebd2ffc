using Ueq.Deploy.Tests.Support;
using YamlDotNet.RepresentationModel;

namespace Ueq.Deploy.Tests;

/// <summary>What docker compose is to start: every file it names exists, every image has a version.</summary>
public sealed class ComposeTests
{
    private static readonly YamlMappingNode Root = Load();

    [Fact]
    public void EveryFileThatIsMountedIsInTheRepository()
    {
        string[] mounted = [.. Services().SelectMany(s => Texts(s.Value, "volumes")).Select(v => v.Split(':')[0]).Where(v => v.StartsWith('.')).Distinct()];
        Assert.Contains("./nginx.conf", mounted);
        // The model is the user's.
        Assert.All(mounted.Where(m => m != "./models"), file => Assert.True(File.Exists(Repository.Of("deploy", "docker", file)), file));
        Assert.All(Services().Select(s => s.Value).Where(s => s.Children.ContainsKey("build")), s =>
            Assert.True(File.Exists(Repository.Of("deploy", "docker", Text(s["build"], "context"), Text(s["build"], "dockerfile")))));
    }

    [Fact]
    public void EveryImageHasAVersionAndEveryServiceComesBack()
    {
        Assert.All(Services(), s => Assert.Equal("unless-stopped", Text(s.Value, "restart")));
        Assert.All(Services().Where(s => s.Value.Children.ContainsKey("image")), s => Assert.Matches(@":v?\d+", Text(s.Value, "image")));
    }

    [Fact]
    public void NothingIsOpenToTheNetwork() =>
        Assert.All(Services().SelectMany(s => Texts(s.Value, "ports")), port => Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal));

    [Fact]
    public void NginxAndPrometheusAskTheServicesThatThereAre()
    {
        string[] services = [.. Services().Where(s => s.Value.Children.ContainsKey("build")).Select(s => s.Key + ":5000")];
        Assert.True(services.Length >= 2);
        foreach (string file in new[] { "nginx.conf", "prometheus.yml" })
            Assert.All(services, service => Assert.Contains(service, Repository.Read("deploy", "docker", file), StringComparison.Ordinal));
    }

    private static IEnumerable<(string Key, YamlMappingNode Value)> Services() =>
        ((YamlMappingNode)Root["services"]).Children.Select(s => (s.Key.ToString(), (YamlMappingNode)s.Value));

    private static IEnumerable<string> Texts(YamlMappingNode node, string key) =>
        node.Children.TryGetValue(key, out YamlNode? list) && list is YamlSequenceNode items ? items.Children.Select(i => i.ToString()) : [];

    private static string Text(YamlNode node, string key) => node[key].ToString();

    private static YamlMappingNode Load()
    {
        YamlStream yaml = new();
        yaml.Load(new StringReader(Repository.Read("deploy", "docker", "docker-compose.yml")));
        return (YamlMappingNode)yaml.Documents[0].RootNode;
    }
}
