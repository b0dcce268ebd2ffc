using static TorchSharp.torch;

namespace Ueq.Torch;

/// <summary>A multilayer perceptron: linear layers with ReLU and, if wanted, dropout between them.</summary>
public sealed record MlpOptions
{
    /// <summary>Units of each hidden layer, one to 20 layers of 1 to 100,000 units. Default: one layer of 50.</summary>
    public IReadOnlyList<int> Hidden { get; init; } = [50];

    /// <summary>Share of the hidden units that dropout puts to zero, 0 up to, but not including, 1. Default: 0, no dropout.</summary>
    public double Dropout { get; init; }

    /// <summary>A fresh network with random weights from Torch's generator: <paramref name="features"/> numbers in, <paramref name="outputs"/> out.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public nn.Module<Tensor, Tensor> Create(int features, int outputs)
    {
        Validate();
        Inputs.CheckRange(nameof(features), features, 1, 10_000_000);
        Inputs.CheckRange(nameof(outputs), outputs, 1, 100_000);
        List<(string, nn.Module<Tensor, Tensor>)> layers = [];
        int width = features;
        for (int i = 0; i < Hidden.Count; i++)
        {
            layers.Add(($"hidden{i}", nn.Linear(width, Hidden[i])));
            layers.Add(($"relu{i}", nn.ReLU()));
            if (Dropout > 0) layers.Add(($"dropout{i}", nn.Dropout(Dropout)));
            width = Hidden[i];
        }

        layers.Add(("output", nn.Linear(width, outputs)));
        return nn.Sequential(layers);
    }

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Hidden);
        Inputs.CheckRange(nameof(Hidden), Hidden.Count, 1, 20);
        foreach (int units in Hidden) Inputs.CheckRange(nameof(Hidden), units, 1, 100_000);
        Inputs.CheckRange(nameof(Dropout), Dropout, 0, Math.BitDecrement(1.0));
    }
}
