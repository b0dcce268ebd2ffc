namespace Ueq.Onnx;

/// <summary>A model with its inputs and outputs decided, and a pool of workers so that many threads may ask.</summary>
internal sealed class Runner(OnnxModel model, InputPlan plan, Trial trial, MissingValues missing)
{
    private const int MostValues = 1 << 18;
    private const int FewestRows = 16;
    private const int MostRows = 4096;

    // A worker is for one thread at a time; more threads than places make workers that are thrown away.
    private readonly Worker?[] _pool = new Worker?[2 * Environment.ProcessorCount];

    public OnnxModel Model { get; } = model;

    public InputPlan Plan { get; } = plan;

    public IReadOnlyList<TriedOutput> Outputs { get; } = trial.Outputs;

    public MissingValues Missing { get; } = missing;

    /// <summary>The number of rows of every run; 0 when it is free.</summary>
    public int Batch { get; } = trial.Batch;

    /// <summary>The most rows of one run.</summary>
    public int Rows { get; } = trial.Batch > 0 ? trial.Batch : Math.Clamp(MostValues / plan.Width, FewestRows, MostRows);

    public string Source => Model.Description.Source;

    public void Check(FeatureMatrix x)
    {
        Inputs.CheckColumns(x, Plan.Width, Source);
        Inputs.CheckFeatures(x, Missing);
    }

    public Worker Rent()
    {
        for (int i = 0; i < _pool.Length; i++)
        {
            if (_pool[i] is not null && Interlocked.Exchange(ref _pool[i], null) is { } worker) return worker;
        }

        return new Worker(this);
    }

    public void Return(Worker worker)
    {
        for (int i = 0; i < _pool.Length; i++)
        {
            if (_pool[i] is null && Interlocked.CompareExchange(ref _pool[i], worker, null) is null) return;
        }

        worker.Dispose();
    }
}
