using TorchSharp;
using static TorchSharp.torch;

namespace Ueq.Torch;

/// <summary>A TorchScript file (.pt) that was tried on a few rows: what it answers, and the predictors that it can be.</summary>
/// <remarks>
/// The module is in evaluation, whatever it was saved in, and is fed float32, N × features. Predictors made of it are the caller's to
/// dispose; they do not need the file any more. A TorchScript file is a program: open only files that you trust.
/// </remarks>
public sealed class TorchScriptFile
{
    private const int TrialRows = 16;

    private readonly ScriptSource _source;
    private readonly FeatureMatrix _sample;
    private readonly string _device;

    private TorchScriptFile(ScriptSource source, FeatureMatrix sample, string device)
    {
        _source = source;
        _sample = sample;
        _device = device;
        using Script script = Script.Open(source, Native.Device(device));
        Network network = new(script, Native.Device(device), TorchHead.Mean, Standardisation.None(sample.Columns));
        (float[] answers, Outputs) = Try(network, sample);
        _ = Try(network, sample.Slice(0, 1), Outputs);
        Values = TorchScriptClassifier.Guess(answers, Outputs);
        script.WithDropout();
        HasDropout = Native.Seeded(0, () => Varies(network, sample, Outputs));
    }

    /// <summary>Reads a file and tries it on the first of some rows.</summary>
    /// <param name="path">The file, as <c>torch.jit.save</c> writes it.</param>
    /// <param name="sample">Rows such as it is made for, one or more; 16 of them are used.</param>
    /// <param name="device">Where it runs: cpu, cuda or cuda:N.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, no TorchScript, or answers with something else than numbers for each row.</exception>
    /// <exception cref="ArgumentException">The module cannot take these rows, such as for their number of features.</exception>
    /// <exception cref="DllNotFoundException">libtorch is not there.</exception>
    public static TorchScriptFile Open(string path, FeatureMatrix sample, string device = "cpu")
    {
        if (sample.Rows == 0 || sample.Columns == 0) throw new ArgumentException($"Expected one row or more with one feature or more, got {sample.Rows} × {sample.Columns}.", nameof(sample));
        Inputs.CheckFeatures(sample);
        // Of a single row it could not be told which of the answer's dimensions is the rows'.
        int[] rows = [.. Enumerable.Range(0, sample.Rows == 1 ? 2 : Math.Min(sample.Rows, TrialRows)).Select(i => i % sample.Rows)];
        return Open(ScriptSource.Read(path), sample.Gather(rows), device);
    }

    /// <summary>Reads a file and tries it on rows of random numbers, or of zeros where it fails with those; it runs on the processor.</summary>
    /// <remarks>With rows of the kind that it is made for, more can be told: a module may look up a table at the numbers of a column.</remarks>
    /// <param name="path">The file, as <c>torch.jit.save</c> writes it.</param>
    /// <param name="features">Number of features of a row, one or more.</param>
    /// <inheritdoc cref="Open(string, FeatureMatrix, string)" path="/exception"/>
    public static TorchScriptFile Open(string path, int features)
    {
        Inputs.CheckRange(nameof(features), features, 1, 10_000_000);
        ScriptSource source = ScriptSource.Read(path);
        float[] rows = new float[TrialRows * features];
        Rng rng = Rng.Stream(0, 0);
        for (int i = 0; i < rows.Length; i++) rows[i] = (float)rng.NextNormal();
        try
        {
            return Open(source, new FeatureMatrix(rows, features), "cpu");
        }
        catch (ArgumentException)
        {
            return Open(source, new FeatureMatrix(new float[rows.Length], features), "cpu");
        }
    }

    private static TorchScriptFile Open(ScriptSource source, FeatureMatrix rows, string device)
    {
        try
        {
            return new TorchScriptFile(source, rows, device);
        }
        catch (ArgumentException fault) when (fault.ParamName is null)
        {
            throw new ArgumentException($"{source.Place}: {fault.Message}", fault);
        }
    }

    /// <summary>Where it came from.</summary>
    public string Path => _source.Place;

    /// <summary>Number of features of a row.</summary>
    public int Features => _sample.Columns;

    /// <summary>Numbers that the module answers to each row.</summary>
    public int Outputs { get; }

    /// <summary>Whether the answers vary when the layers that may be dropout are switched on.</summary>
    /// <inheritdoc cref="Torch.McDropout.OpenScript" path="/remarks"/>
    public bool HasDropout { get; }

    /// <summary>What the answers to the sample look like, taken as those of a classifier: probabilities where every row of them can be.</summary>
    public TorchClassValues Values { get; }

    /// <summary>The predictor of one number per row.</summary>
    /// <exception cref="ArgumentException">The module does not answer one number to each row.</exception>
    public TorchScriptRegressor OpenRegressor() => new(Runner(1, "a regression"));

    /// <summary>The predictor of a mean and a variance per row.</summary>
    /// <exception cref="ArgumentException">The module does not answer two numbers to each row, or the head has one.</exception>
    public TorchScriptGaussian OpenGaussian(TorchHead head = TorchHead.MeanAndVariance)
    {
        if (head == TorchHead.Mean || !Enum.IsDefined(head)) throw new ArgumentOutOfRangeException(nameof(head), head, $"Expected a head with a variance, got {head}.");
        return new TorchScriptGaussian(Runner(2, "a mean and a variance"), head);
    }

    /// <summary>The predictor of a probability per class and row.</summary>
    /// <param name="values">What the module's numbers are; by default what <see cref="Values"/> says.</param>
    public TorchScriptClassifier OpenClassifier(TorchClassValues? values = null)
    {
        TorchClassValues chosen = values ?? Values;
        if (!Enum.IsDefined(chosen)) throw new ArgumentOutOfRangeException(nameof(values), chosen, $"Expected a kind of values, got {chosen}.");
        return new TorchScriptClassifier(Runner(Outputs, ""), chosen);
    }

    /// <summary>Many passes with dropout on.</summary>
    /// <param name="options">Passes, head, seed; by default one or two columns, as the module answers, the second a variance, on the file's device.</param>
    /// <exception cref="ArgumentException">Nothing varies when dropout is on, or the module answers with another number of columns than the head has.</exception>
    public McDropout OpenMcDropout(McDropoutOptions? options = null) => Torch.McDropout.Open(
        _source, Features, options ?? new McDropoutOptions { Head = Outputs == 2 ? TorchHead.MeanAndVariance : TorchHead.Mean, Device = _device }, _sample);

    private ScriptRunner Runner(int outputs, string what) => outputs == Outputs
        ? new ScriptRunner(_source, Features, outputs, _device)
        : throw new ArgumentException($"{Path}: expected {outputs} {(outputs == 1 ? "number" : "numbers")} per row for {what}, got {Outputs}.");

    private (float[] Answers, int Outputs) Try(Network network, FeatureMatrix rows, int expected = 0)
    {
        using IDisposable still = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor output = network.Call(network.Rows(rows));
        int columns = ScriptRunner.Columns(output.shape, rows.Rows, expected);
        if (columns == 0 || (expected > 0 && columns != expected))
            throw new InvalidDataException(
                $"{Path}: expected {(expected == 0 ? "the same number of numbers for each row" : $"{expected} numbers")} as the answer to {rows.Rows} {(rows.Rows == 1 ? "row" : "rows")}, got the shape {ScriptRunner.Say(output.shape)}.");
        return (Network.Values(output), columns);
    }

    private bool Varies(Network network, FeatureMatrix rows, int outputs)
    {
        const int Passes = 8;
        float[] first = Try(network, rows, outputs).Answers;
        for (int pass = 1; pass < Passes; pass++)
            if (!Try(network, rows, outputs).Answers.AsSpan().SequenceEqual(first)) return true;
        return false;
    }
}
