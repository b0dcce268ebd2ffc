namespace Ueq.Remote;

/// <summary>A model behind HTTP that speaks the Open Inference Protocol v2: where it is, and what its metadata say.</summary>
/// <remarks>
/// KServe, Triton, MLServer, OpenVINO's and this library's own servers speak it. Predictors over it, such as <see cref="RemoteRegressor"/>, are models
/// like any other. Everything is synchronous and asked on the caller's threads and the thread pool's; no request outlives its time-outs.
/// Immutable and safe to share between threads. Dispose when no predictor uses it any more.
/// </remarks>
public sealed class RemoteModel : IDisposable
{
    private readonly SemaphoreSlim _inFlight;

    private RemoteModel(Uri address, RemoteOptions options, Wire wire, IReadOnlyList<RemoteTensor> inputs, IReadOnlyList<RemoteTensor> outputs, InputPlan plan)
    {
        Address = address;
        Options = options;
        Wire = wire;
        Inputs = inputs;
        Outputs = outputs;
        Plan = plan;
        _inFlight = new SemaphoreSlim(options.RequestsInFlight);
    }

    /// <summary>Address of the server.</summary>
    public Uri Address { get; }

    /// <summary>How it is asked.</summary>
    public RemoteOptions Options { get; }

    /// <summary>Number of features a row must have.</summary>
    public int Features => Plan.Features;

    /// <summary>Inputs as the metadata tell them; none where they tell nothing.</summary>
    public IReadOnlyList<RemoteTensor> Inputs { get; }

    /// <summary>Outputs as the metadata tell them; none where they tell nothing.</summary>
    public IReadOnlyList<RemoteTensor> Outputs { get; }

    internal Wire Wire { get; }

    internal InputPlan Plan { get; }

    /// <summary>Reads a model's metadata and checks that it can be asked.</summary>
    /// <param name="address">The server, such as <c>http://models:8080</c>; without user and password.</param>
    /// <param name="options">Which model, and how it is asked.</param>
    /// <exception cref="ArgumentException">The address is not one of HTTP, an option is outside its range, or the variable with headers is missing or malformed.</exception>
    /// <exception cref="RemoteModelException">The server does not answer or does not know the model.</exception>
    /// <exception cref="InvalidDataException">The model's inputs are not those of a table of numbers, or the server speaks something else.</exception>
    public static RemoteModel Connect(Uri address, RemoteOptions options)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (!address.IsAbsoluteUri || address.Scheme is not ("http" or "https"))
            throw new ArgumentException($"Expected an address that begins with http:// or https://, got '{address}'.", nameof(address));
        if (address.UserInfo.Length > 0)
            throw new ArgumentException("Expected an address without user and password; put secrets into the environment variable that HeadersFrom names.", nameof(address));
        Wire wire = new(address, options, Headers.From(options.HeadersFrom));
        try
        {
            (IReadOnlyList<RemoteTensor> inputs, IReadOnlyList<RemoteTensor> outputs) = Metadata.Read(wire.Get());
            return new RemoteModel(address, options, wire, inputs, outputs, InputPlan.Of(wire, inputs, options.Features));
        }
        catch
        {
            wire.Dispose();
            throw;
        }
    }

    /// <summary>Ends the connections.</summary>
    public void Dispose()
    {
        Wire.Dispose();
        _inFlight.Dispose();
    }

    /// <summary>Asks for all rows, in requests of at most so many as the options say; writes the columns' numbers one column after the other.</summary>
    internal void Ask(FeatureMatrix x, AnswerPlan answers, Span<double> destination)
    {
        int batch = Options.BatchRows, batches = (x.Rows + batch - 1) / batch;
        if (batches == 0) return;
        double[][] parts = new double[batches][];
        if (batches == 1) parts[0] = AskBatch(x, 0, x.Rows, answers);
        else AskBatches(x, answers, parts);
        for (int b = 0; b < batches; b++)
        {
            int rows = parts[b].Length / answers.Columns;
            for (int c = 0; c < answers.Columns; c++) parts[b].AsSpan(c * rows, rows).CopyTo(destination.Slice(c * x.Rows + b * batch, rows));
        }
    }

    private void AskBatches(FeatureMatrix x, AnswerPlan answers, double[][] parts)
    {
        Exception?[] faults = new Exception?[parts.Length];
        Parallel.For(0, parts.Length, new ParallelOptions { MaxDegreeOfParallelism = Options.RequestsInFlight }, (b, loop) =>
        {
            try
            {
                int start = b * Options.BatchRows;
                parts[b] = AskBatch(x, start, Math.Min(Options.BatchRows, x.Rows - start), answers);
            }
            catch (Exception fault)
            {
                faults[b] = fault;
                loop.Stop();
            }
        });
        // The first rows that failed, whichever failed first.
        if (Array.Find(faults, fault => fault is not null) is { } first) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(first);
    }

    private double[] AskBatch(FeatureMatrix x, int start, int rows, AnswerPlan answers)
    {
        byte[] request = Plan.Request(x, start, rows, answers.Outputs);
        _inFlight.Wait();
        byte[] answer;
        try
        {
            answer = Wire.Infer(request, (start, rows));
        }
        finally
        {
            _inFlight.Release();
        }

        return answers.Read(answer, Wire, start, rows);
    }
}
