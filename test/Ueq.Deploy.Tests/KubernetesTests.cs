using k8s;
using k8s.Models;
using Ueq.Deploy.Tests.Support;
using Ueq.Serving;

namespace Ueq.Deploy.Tests;

/// <summary>The manifests, read by Kubernetes' own types, which refuse fields that do not exist.</summary>
public sealed class KubernetesTests
{
    private static readonly List<object> Objects = KubernetesYaml.LoadAllFromString(Repository.Read("deploy", "kubernetes", "ueq.yaml"), null, strict: true);

    [Fact]
    public void AFieldThatDoesNotExistIsRefused() =>
        Assert.ThrowsAny<Exception>(() => KubernetesYaml.LoadAllFromString(Repository.Read("deploy", "kubernetes", "ueq.yaml").Replace("failureThreshold", "failureTreshold", StringComparison.Ordinal), null, strict: true));

    [Fact]
    public void ProbesAskWhetherItAnswersAndNotWhetherItDrifts()
    {
        V1Container container = Assert.Single(Pod.Containers);
        Assert.Equal(("/health/live", "/health/live", "/health/ready"), (container.StartupProbe.HttpGet.Path, container.LivenessProbe.HttpGet.Path, container.ReadinessProbe.HttpGet.Path));
        string name = Assert.Single(container.Ports).Name;
        Assert.All(new[] { container.StartupProbe, container.LivenessProbe, container.ReadinessProbe }, p => Assert.Equal(name, p.HttpGet.Port.Value));
        Assert.Equal(name, Assert.Single(One<V1Service>().Spec.Ports).TargetPort.Value);
    }

    [Fact]
    public void NothingRunsAsRootOrWritesWhereItNeedNot()
    {
        Assert.True(Pod.SecurityContext.RunAsNonRoot);
        Assert.False(Pod.AutomountServiceAccountToken);
        foreach (V1Container container in Pod.Containers.Concat(Pod.InitContainers))
        {
            Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
            Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
            Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
            Assert.True(container.Resources.Limits.ContainsKey("memory"));
        }

        Assert.True(Assert.Single(Assert.Single(Pod.Containers).VolumeMounts, m => m.MountPath == "/models").ReadOnlyProperty);
        Assert.All(Pod.Volumes, v => Assert.NotNull(v.EmptyDir));
        Assert.DoesNotContain(Objects, o => o is V1PersistentVolumeClaim);
    }

    [Fact]
    public void EverythingMeansTheSamePods()
    {
        IDictionary<string, string> labels = One<V1Deployment>().Spec.Template.Metadata.Labels;
        foreach (IDictionary<string, string> selector in new[]
        {
            One<V1Deployment>().Spec.Selector.MatchLabels, One<V1Service>().Spec.Selector, One<V1PodDisruptionBudget>().Spec.Selector.MatchLabels, One<V1NetworkPolicy>().Spec.PodSelector.MatchLabels,
        })
            Assert.All(selector, s => Assert.Equal(s.Value, labels[s.Key]));
        Assert.Equal(One<V1Deployment>().Metadata.Name, One<V2HorizontalPodAutoscaler>().Spec.ScaleTargetRef.Name);
        Assert.True(One<V2HorizontalPodAutoscaler>().Spec.MinReplicas >= 2);
        Assert.Equal(1654, Pod.SecurityContext.RunAsUser);
    }

    [Fact]
    public void EverySettingIsOneThatTheServiceKnows()
    {
        string[] names =
        [
            .. Assert.Single(Pod.Containers).Env.Select(e => e.Name),
            .. new Dockerfile(Repository.Read("deploy", "docker", "Dockerfile")).Environment("final").Keys,
            .. System.Text.RegularExpressions.Regex.Matches(Repository.Read("deploy", "docker", "docker-compose.yml"), @"^\s+(UEQ_\w+):", System.Text.RegularExpressions.RegexOptions.Multiline).Select(m => m.Groups[1].Value),
        ];
        names = [.. names.Where(n => n.StartsWith("UEQ_", StringComparison.Ordinal))];
        Assert.Contains("UEQ_STORE", names);
        UeqServiceConfig set = new UeqServiceConfig().WithEnvironment(names.Distinct().Select(n => KeyValuePair.Create(n, n == "UEQ_URLS" ? "http://127.0.0.1:1" : new string('v', 40))));
        Assert.Equal(new string('v', 40), set.Store);
    }

    private static V1PodSpec Pod => One<V1Deployment>().Spec.Template.Spec;

    private static T One<T>() => Assert.Single(Objects.OfType<T>());
}
