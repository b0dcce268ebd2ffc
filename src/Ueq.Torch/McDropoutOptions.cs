namespace Ueq.Torch;

/// <summary>How many passes MC dropout makes and how their answers are read.</summary>
public sealed record McDropoutOptions
{
    /// <summary>Number of passes, 2 to 100,000. Default: 50.</summary>
    public int Passes { get; init; } = 50;

    /// <summary>What the columns of the module's output are. Default: the mean alone.</summary>
    public TorchHead Head { get; init; } = TorchHead.Mean;

    /// <summary>Standard deviation of the noise around the mean, added to the spread of the passes, 0 to 10³⁰⁰. Default: 0.</summary>
    /// <remarks>Of a module without a variance in its head. With 0 the answer is the spread alone, which is no interval until it is calibrated.</remarks>
    public double Noise { get; init; }

    /// <summary>Seed of the dropout masks. Default: 0.</summary>
    public ulong Seed { get; init; }

    /// <summary>Bytes that one forward pass may take, as far as the layers' widths tell, 2¹⁶ to 2⁴⁰. More rows go into further passes. Default: 256 MiB.</summary>
    public long MemoryBudget { get; init; } = 256L << 20;

    /// <summary>Where to compute: cpu, cuda or cuda:N; the module is moved there. Default: cpu.</summary>
    public string Device { get; init; } = "cpu";

    internal void Validate()
    {
        Inputs.CheckRange(nameof(Passes), Passes, 2, 100_000);
        if (!Enum.IsDefined(Head)) throw new ArgumentOutOfRangeException(nameof(Head), Head, $"Expected a head of {nameof(TorchHead)}, got {(int)Head}.");
        Inputs.CheckRange(nameof(Noise), Noise, 0, 1e300);
        Inputs.CheckRange(nameof(MemoryBudget), MemoryBudget, 1 << 16, 1L << 40);
    }
}
