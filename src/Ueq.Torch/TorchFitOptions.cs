namespace Ueq.Torch;

/// <summary>How a network with a Gaussian head is fitted: Adam on the negative log-likelihood.</summary>
/// <remarks>
/// The protocol of the published tables (Lakshminarayanan 2017, section 3.2): <see cref="Epochs"/> 40, <see cref="BatchRows"/> 100,
/// <see cref="HeldOut"/> 0, on an <see cref="MlpOptions"/> of one hidden layer of 50.
/// </remarks>
public sealed record TorchFitOptions
{
    /// <summary>Most passes over the rows, 1 to 100,000. Default: 200.</summary>
    public int Epochs { get; init; } = 200;

    /// <summary>Rows of a step, 2 to 1,000,000. Default: 32.</summary>
    public int BatchRows { get; init; } = 32;

    /// <summary>Adam's step size, above 0 up to 1. Default: 0.005.</summary>
    public double LearningRate { get; init; } = 0.005;

    /// <summary>How the step size changes from <see cref="LearningRate"/> on, step by step. Default: it stays.</summary>
    public TorchSchedule Schedule { get; init; }

    /// <summary>Adam's weight decay (ridge penalty), 0 to 1. Default: 0.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Exponent β of β-NLL, 0 to 1: each row's loss is weighted by σ^2β. 0 is the plain likelihood. Default: 0.</summary>
    /// <remarks>Seitzer, Tavakoli, Antic and Martius 2022: 0.5 keeps hard rows from being explained away as noise.</remarks>
    public double Beta { get; init; }

    /// <summary>Share of the rows held out to stop early on, 0 to 0.5; 0 fits all epochs on all rows. Default: 0.1.</summary>
    public double HeldOut { get; init; } = 0.1;

    /// <summary>Epochs without a better likelihood of the held-out rows before the fit ends and the best weights return, 1 to 100,000. Default: 20.</summary>
    public int Patience { get; init; } = 20;

    /// <summary>Where to compute: cpu, cuda or cuda:N. Default: cpu.</summary>
    public string Device { get; init; } = "cpu";

    internal void Validate()
    {
        Inputs.CheckRange(nameof(Epochs), Epochs, 1, 100_000);
        Inputs.CheckRange(nameof(BatchRows), BatchRows, 2, 1_000_000);
        Inputs.CheckRange(nameof(LearningRate), LearningRate, double.Epsilon, 1);
        if (!Enum.IsDefined(Schedule))
            throw new ArgumentOutOfRangeException(nameof(Schedule), Schedule, $"Expected a schedule of {nameof(TorchSchedule)}, got {(int)Schedule}.");
        Inputs.CheckRange(nameof(WeightDecay), WeightDecay, 0, 1);
        Inputs.CheckRange(nameof(Beta), Beta, 0, 1);
        Inputs.CheckRange(nameof(HeldOut), HeldOut, 0, 0.5);
        Inputs.CheckRange(nameof(Patience), Patience, 1, 100_000);
    }
}
