using Ueq.MLNet.Pipelines;

namespace Ueq.MLNet;

/// <summary>What the numbers of a fitted transformer are.</summary>
internal enum OutputKind
{
    /// <summary>A number per transformer, in the column Score.</summary>
    Score,

    /// <summary>The probability of yes per transformer, in the column Probability.</summary>
    Probability,

    /// <summary>One transformer with a probability per class, in the column Score.</summary>
    Probabilities,
}

/// <summary>Fitted ML.NET transformers and how to read them, with a pool of scorers so that many threads may ask.</summary>
internal sealed class Fitted(IReadOnlyList<Slot> slots, OutputKind output, int width, bool acceptsMissing, float missingAs, Pipeline? pipeline = null)
{
    // A scorer is for one thread at a time; more threads than slots make scorers that are thrown away.
    private readonly Scorer?[] _pool = new Scorer?[2 * Environment.ProcessorCount];

    public IReadOnlyList<Slot> Slots { get; } = slots;

    public OutputKind Output { get; } = output;

    public int Width { get; } = width;

    public bool AcceptsMissing { get; } = acceptsMissing;

    /// <summary>What stands for NaN in front of the transformers; NaN itself where they know it.</summary>
    public float MissingAs { get; } = missingAs;

    /// <summary>The pipeline in a file that this is; <c>null</c> of what our own trainers fitted.</summary>
    public Pipeline? Pipeline { get; } = pipeline;

    /// <summary>A row to fill, with the columns that the transformers read.</summary>
    public SettableRow Open() => Pipeline is null ? new InputRow(Width, MissingAs) : new PipelineRow(Pipeline.Input);

    /// <summary>Throws unless the rows are ones that the transformers accept.</summary>
    public void Check(FeatureMatrix x)
    {
        Inputs.CheckColumns(x, Width, Pipeline?.File.Source);
        Inputs.CheckFeatures(x, AcceptsMissing);
        Pipeline?.Input.Check(x);
    }

    public Scorer Rent()
    {
        for (int i = 0; i < _pool.Length; i++)
        {
            if (_pool[i] is not null && Interlocked.Exchange(ref _pool[i], null) is { } scorer) return scorer;
        }

        return new Scorer(this);
    }

    public void Return(Scorer scorer)
    {
        for (int i = 0; i < _pool.Length; i++)
        {
            if (_pool[i] is null && Interlocked.CompareExchange(ref _pool[i], scorer, null) is null) return;
        }
    }
}
