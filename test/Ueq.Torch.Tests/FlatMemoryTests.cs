using Ueq.Testing;

namespace Ueq.Torch.Tests;

/// <summary>What holds no more memory after a million rows; measures the whole process.</summary>
[Trait("Category", "Long")]
public sealed class FlatMemoryTests
{
    private const int BatchRows = 20_000;
    private static readonly LinearTruth Truth = new([3, -2, 0], noise: 0.1);
    private static readonly TorchFitOptions Quick = new() { Epochs = 3 };

    // The allocators of libtorch take about 10 MB over the first two million rows and then nothing: from 2 to 12 million rows a run of its own stayed
    // within 1.5 MB; beside other tests' leftovers 5 MB were seen. Of a million rows the lost inputs would be 12 MB, the lost outputs of three members 24 MB.
    private static readonly MemoryPromises Flat = new() { WarmRows = 2_000_000, Growth = 10_000_000 };

    private static void Holds<TModel>(TModel model)
        where TModel : class, IDisposable
    {
        using (model)
        {
            MemoryReading reading = MemoryLaws.Hold(model, Truth.Draw(BatchRows, 1).X, Flat);
            TestContext.Current.TestOutputHelper?.WriteLine($"{typeof(TModel).Name}: {reading}");
        }
    }

    [Fact]
    public void ADeepEnsembleHoldsNoMoreAfterAMillionRows() =>
        Holds(new DeepEnsembleTrainer(new MlpOptions(), new DeepEnsembleOptions { Members = 3, Fit = Quick }).Fit(Truth.Draw(60, 2).X, Truth.Draw(60, 2).Y, 1));

    [Fact]
    public void MCDropoutHoldsNoMoreAfterAMillionRows() =>
        Holds(new McDropoutTrainer(new MlpOptions { Dropout = 0.2 }, new McDropoutOptions { Passes = 10 }, Quick).Fit(Truth.Draw(60, 2).X, Truth.Draw(60, 2).Y, 1));
}
