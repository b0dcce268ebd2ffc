using TorchSharp;
namespace Ueq.Torch.Tests;
public sealed class ProbeTests
{
    [Fact]
    public void TorchLoads()
    {
        using torch.Tensor t = torch.ones(3);
        Assert.Equal(3, t.sum().item<float>());
    }
}
