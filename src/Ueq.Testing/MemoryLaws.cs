namespace Ueq.Testing;

/// <summary>How long a model is asked for the law of memory, and how much may stay.</summary>
public sealed record MemoryPromises
{
    /// <summary>Rows that are asked for while memory is watched, 1,000 to 1,000,000,000. Default: 1,000,000.</summary>
    public long Rows { get; init; } = 1_000_000;

    /// <summary>Rows that are asked for before, so that pools and caches are full, 0 to 1,000,000,000. Default: 100,000.</summary>
    public long WarmRows { get; init; } = 100_000;

    /// <summary>How many bytes more may be held at the end than after the warm rows. Default: 16 MiB.</summary>
    /// <remarks>A million rows of 10 features are 40 MB: a model that keeps what it sees is far above.</remarks>
    public long Growth { get; init; } = 16 << 20;

    internal void Validate()
    {
        Throw.IfOutside(nameof(Rows), Rows, 1_000, 1_000_000_000);
        Throw.IfOutside(nameof(WarmRows), WarmRows, 0, 1_000_000_000);
        Throw.IfOutside(nameof(Growth), Growth, 0, long.MaxValue);
    }
}

/// <summary>What a model held before and after many rows.</summary>
/// <param name="Rows">Rows that it was asked for between the two.</param>
/// <param name="ManagedGrowth">Bytes more of live managed memory.</param>
/// <param name="ProcessGrowth">Bytes more of the working set of the process, native memory included.</param>
public readonly record struct MemoryReading(long Rows, long ManagedGrowth, long ProcessGrowth);

/// <summary>A model's memory does not grow with the rows that it has answered.</summary>
/// <remarks>The working set belongs to the whole process: let nothing else run in it.</remarks>
public static class MemoryLaws
{
    private const string Law = "memory does not grow with the rows";

    /// <summary>Asks for the rows, batch after batch, and compares what is held.</summary>
    /// <exception cref="LawException">Managed or native memory grew beyond the promise.</exception>
    /// <exception cref="ArgumentException">The model has none of the shapes, or the rows are too few or not legal.</exception>
    public static MemoryReading Hold<TModel>(TModel model, FeatureMatrix rows, MemoryPromises? promises = null)
        where TModel : class
    {
        ArgumentNullException.ThrowIfNull(model);
        Throw.IfTooPlain(rows);
        promises ??= new MemoryPromises();
        promises.Validate();
        IReadOnlyList<Subject> subjects = Subject.Of(model);
        if (subjects.Count == 0) throw new ArgumentException($"Expected a model with a shape such as {nameof(IPointPredictor)}, got {model.GetType().Name} without any.", nameof(model));
        Memory<double>[][] destinations = [.. subjects.Select(s => s.Outputs.Select(o => (Memory<double>)new double[rows.Rows * o.Width]).ToArray())];
        AskFor(subjects, destinations, rows, Math.Max(promises.WarmRows, rows.Rows));
        (long managed, long process) = Held();
        long asked = AskFor(subjects, destinations, rows, promises.Rows);
        (long managedAfter, long processAfter) = Held();
        MemoryReading reading = new(asked, managedAfter - managed, processAfter - process);
        Check("managed", reading.ManagedGrowth);
        Check("the process's", reading.ProcessGrowth);
        return reading;

        void Check(string what, long growth)
        {
            if (growth > promises.Growth)
                throw new LawException(Law, model.GetType().Name, $"asked for {asked} rows", null, $"at most {promises.Growth} bytes more of {what} memory", $"{growth}");
        }
    }

    private static long AskFor(IReadOnlyList<Subject> subjects, Memory<double>[][] destinations, FeatureMatrix rows, long count)
    {
        long asked = 0;
        for (int s = 0; asked < count; s = (s + 1) % subjects.Count, asked += rows.Rows) subjects[s].Ask(rows, destinations[s]);
        return asked;
    }

    private static (long Managed, long Process) Held()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return (GC.GetTotalMemory(forceFullCollection: true), Environment.WorkingSet);
    }
}
