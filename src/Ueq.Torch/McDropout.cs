using TorchSharp;
using Ueq.Versions;
using static TorchSharp.torch;

namespace Ueq.Torch;

/// <summary>Many passes of one network with its dropout left on: a Gaussian per row (Gal and Ghahramani 2016).</summary>
/// <remarks>
/// Mean: that of the passes. Variance: Var[μ] + E[σ²], the spread of the passes and the noise (from the head or the options). Dropout is on,
/// everything else, batch norm above all, in evaluation; the layers' modes are as before after each call. All passes of a chunk of rows are
/// one forward pass of their copies. The same rows in the same order and the same seed give the same answer on one machine; a row's
/// answer depends on where it stands among them, since every place has masks of its own. Safe from many threads, one after another:
/// Torch's generator is one per process. Not an interval with a guarantee: calibrate it (<see cref="Ueq.Conformal.GaussianBands"/>).
/// </remarks>
public sealed class McDropout : IGaussianPredictor, IPointPredictor, INamedMethod, IStoredPredictor, IDisposable
{
    // Rows and passes of the trial that shows whether dropout does anything.
    private const int TrialRows = 16;
    private const int TrialPasses = 8;

    private readonly Network _network;
    private readonly McDropoutOptions _options;
    private readonly IReadOnlyList<IDisposable> _owned;
    private readonly ScriptSource? _source;
    private readonly (nn.Module Layer, bool IsDropout)[] _layers;
    private readonly int _chunk;

    /// <summary>MC dropout over a module, which stays the caller's to dispose and must outlive this.</summary>
    /// <param name="module">Takes rows as N × features.</param>
    /// <param name="features">Number of features of a row.</param>
    /// <param name="options">Passes, head, seed, device.</param>
    /// <exception cref="ArgumentException">The module has no dropout, or answers with another shape than its head.</exception>
    public McDropout(nn.Module<Tensor, Tensor> module, int features, McDropoutOptions? options = null)
        : this(module, Standardisation.None(Positive(features)), options ?? new McDropoutOptions(), [], null)
    {
    }

    internal McDropout(nn.Module<Tensor, Tensor> module, Standardisation scaling, McDropoutOptions options, IReadOnlyList<IDisposable> owned, MlpOptions? design)
        : this(module, scaling, options, owned, design, null)
    {
        if (!Array.Exists(_layers, layer => layer.IsDropout))
            throw new ArgumentException("Expected a module with a dropout layer (TorchSharp's Dropout and its kin, with p above 0), got none.", nameof(module));
        Try(RandomRows());
    }

    private McDropout(
        nn.Module<Tensor, Tensor> module, Standardisation scaling, McDropoutOptions options, IReadOnlyList<IDisposable> owned, MlpOptions? design, ScriptSource? source)
    {
        ArgumentNullException.ThrowIfNull(module);
        options.Validate();
        Device device = Native.Device(options.Device);
        if (device.type != DeviceType.CPU && source is null) module.to(device);
        _options = options;
        _owned = owned;
        _source = source;
        Design = design;
        _network = new Network(module, device, options.Head, scaling);
        _layers = source is not null ? [] : [.. DropoutLayers.All(module).Select(layer => (layer, DropoutLayers.IsDropout(layer)))];
        _chunk = (int)Math.Clamp(options.MemoryBudget / (_network.BytesPerRow() * options.Passes), 1, 1 << 16);
    }

    /// <summary>MC dropout over a TorchScript file (.pt).</summary>
    /// <remarks>
    /// The file is put into evaluation, whatever it was saved in, and then only its dropout switched on. TorchScript does not tell the kinds of
    /// layers: on are those that hold no layers, parameters or buffers, which are dropout and such that do not care. Dropout written as a
    /// function (<c>F.dropout</c>) or frozen away (a trace in evaluation, <c>torch.jit.freeze</c>) cannot be switched on.
    /// A TorchScript file is a program: open only files that you trust.
    /// </remarks>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no TorchScript module.</exception>
    /// <exception cref="ArgumentException">Nothing in it varies when dropout is on, or it answers with another shape than its head.</exception>
    public static McDropout OpenScript(string path, int features, McDropoutOptions? options = null)
    {
        McDropoutOptions chosen = options ?? new McDropoutOptions();
        chosen.Validate();
        return Open(ScriptSource.Read(path), Positive(features), chosen, null);
    }

    /// <param name="source">The script.</param>
    /// <param name="features">Features of a row.</param>
    /// <param name="options">Passes, head, seed, device.</param>
    /// <param name="trial">Rows that show whether dropout does anything: <c>null</c> for random ones, none for a script that was tried before it was stored.</param>
    internal static McDropout Open(ScriptSource source, int features, McDropoutOptions options, FeatureMatrix? trial)
    {
        options.Validate();
        Script script = Script.Open(source, Native.Device(options.Device)).WithDropout();
        try
        {
            McDropout model = new(script, Standardisation.None(features), options, [script], null, source);
            FeatureMatrix rows = trial ?? model.RandomRows();
            if (rows.Rows > 0) model.Try(rows);
            return model;
        }
        catch (Exception fault)
        {
            script.Dispose();
            if (fault is ArgumentException) throw new ArgumentException($"{source.Place}: {fault.Message}", fault);
            throw;
        }
    }

    /// <summary>Number of features a row must have.</summary>
    public int Features => _network.Features;

    /// <summary>The standard deviation as a model of its own, such as the difficulty of <see cref="Ueq.Conformal.NormalisedBands"/>.</summary>
    public TorchSigma Sigma => new(this);

    /// <inheritdoc/>
    public string Method => "mc_dropout";

    /// <inheritdoc/>
    public string Format => _source is null ? TorchFormat.FormatName : TorchScriptFormat.FormatName;

    internal MlpOptions? Design { get; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The rows have another number of features, or one that is not finite.</exception>
    /// <exception cref="AssumptionException">The module answers with something that is not finite.</exception>
    public void Predict(FeatureMatrix x, Span<double> mean, Span<double> sigma)
    {
        Inputs.CheckBatch(x, Features, mean.Length, sigma.Length);
        for (int start = 0; start < x.Rows; start += _chunk)
        {
            int rows = Math.Min(_chunk, x.Rows - start);
            float[] output = Passes(x.Slice(start, rows), _options.Passes, (ulong)start);
            for (int i = 0; i < rows; i++)
            {
                Mixture mixture = default;
                for (int pass = 0; pass < _options.Passes; pass++) mixture.Add(output, pass * rows + i, _options.Head);
                (mean[start + i], sigma[start + i]) = mixture.Read(_network.Scaling, _options.Noise, start + i);
            }
        }
    }

    /// <inheritdoc/>
    public void Predict(FeatureMatrix x, Span<double> destination) => Predict(x, destination, new double[x.Rows]);

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">The module is neither of <see cref="MlpOptions"/> nor a script: there is no way to write its design.</exception>
    public void Save(Stream destination)
    {
        if (_source is null) Stored.Write(destination, StoredKind.McDropout, Design, [_network], _options);
        else StoredScript.Write(destination, new StoredScript { Kind = ScriptKind.McDropout, Features = Features, Passes = _options with { Device = "cpu" } }, _source.Content);
    }

    /// <summary>Releases the module, if it came from a trainer or a file.</summary>
    public void Dispose()
    {
        foreach (IDisposable owned in _owned) owned.Dispose();
    }

    private float[] Passes(FeatureMatrix x, int passes, ulong place) =>
        Native.Seeded(Rng.Stream(_options.Seed, place).NextBits(), () =>
            _source is not null ? _network.Forward(x, passes) : DropoutLayers.On(_layers, () => _network.Forward(x, passes)));

    private FeatureMatrix RandomRows()
    {
        Rng rng = Rng.Stream(0, 0);
        float[] rows = new float[TrialRows * Features];
        for (int i = 0; i < rows.Length; i++) rows[i] = (float)rng.NextNormal() / _network.Scaling.InverseScales[i % Features] + _network.Scaling.Means[i % Features];
        return new FeatureMatrix(rows, Features);
    }

    // Dropout that does nothing would pass for a model that is certain.
    private void Try(FeatureMatrix rows)
    {
        float[] output = Passes(rows, TrialPasses, 0);
        int width = output.Length / TrialPasses;
        for (int i = width; i < output.Length; i++) if (!output[i].Equals(output[i % width])) return;
        throw new ArgumentException(
            $"Expected a module whose answers vary when its dropout is on, got the same in {TrialPasses} passes over {rows.Rows} rows"
            + (_source is null ? "." : ": the file has no dropout layer, or it was traced in evaluation or frozen."));
    }

    private static int Positive(int features)
    {
        Inputs.CheckRange(nameof(features), features, 1, 10_000_000);
        return features;
    }
}
