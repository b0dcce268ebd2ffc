using Ueq.Versions;

namespace Ueq.Torch;

/// <summary>Networks with Gaussian heads, fitted apart and answering together: a Gaussian per row. Immutable and safe to share between threads.</summary>
/// <remarks>
/// Mean: that of the members. Variance: Var[μ] + E[σ²], disagreement and noise (Lakshminarayanan 2017, section 2.4). Not an interval with a
/// guarantee: calibrate it (<see cref="Ueq.Conformal.GaussianBands"/>). Dispose when no thread predicts any more.
/// </remarks>
public sealed class DeepEnsemble : IGaussianPredictor, IPointPredictor, INamedMethod, IStoredPredictor, IDisposable
{
    // Rows of one forward pass: its layers then fit the cache of a core or two.
    private const int Chunk = 4096;

    private readonly Network[] _members;

    internal DeepEnsemble(Network[] members, MlpOptions? design)
    {
        _members = members;
        Design = design;
    }

    /// <summary>Number of features a row must have.</summary>
    public int Features => _members[0].Features;

    /// <summary>Number of networks.</summary>
    public int Members => _members.Length;

    /// <summary>The standard deviation as a model of its own, such as the difficulty of <see cref="Ueq.Conformal.NormalisedBands"/>.</summary>
    public TorchSigma Sigma => new(this);

    /// <inheritdoc/>
    public string Method => "deep_ensemble";

    /// <inheritdoc/>
    public string Format => TorchFormat.FormatName;

    internal MlpOptions? Design { get; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The rows have another number of features, or one that is not finite.</exception>
    /// <exception cref="AssumptionException">A member answers with something that is not finite.</exception>
    public void Predict(FeatureMatrix x, Span<double> mean, Span<double> sigma)
    {
        Inputs.CheckBatch(x, Features, mean.Length, sigma.Length);
        Mixture[] mixtures = new Mixture[Math.Min(x.Rows, Chunk)];
        for (int start = 0; start < x.Rows; start += Chunk)
        {
            FeatureMatrix chunk = x.Slice(start, Math.Min(Chunk, x.Rows - start));
            Array.Clear(mixtures);
            foreach (Network member in _members)
            {
                float[] output = member.Forward(chunk, 1);
                for (int i = 0; i < chunk.Rows; i++) mixtures[i].Add(output, i, member.Head);
            }

            for (int i = 0; i < chunk.Rows; i++) (mean[start + i], sigma[start + i]) = mixtures[i].Read(_members[0].Scaling, 0, start + i);
        }
    }

    /// <inheritdoc/>
    public void Predict(FeatureMatrix x, Span<double> destination) => Predict(x, destination, new double[x.Rows]);

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">The members are modules of the caller: there is no way to write their design.</exception>
    public void Save(Stream destination) => Stored.Write(destination, StoredKind.DeepEnsemble, Design, _members, null);

    /// <summary>Releases the networks.</summary>
    public void Dispose()
    {
        foreach (Network member in _members) member.Module.Dispose();
    }
}
