using MathNet.Numerics.Distributions;

namespace Ueq.Bench.Quality.Monitoring;

/// <summary>What a default did in one run or in many: occasions on which it could have alarmed, and how often it did.</summary>
internal readonly record struct NullCount(long Occasions, long Alarms, long Void = 0);

/// <summary>A shipped default that may alarm, what it claims about false alarms, and one run of it where nothing changes.</summary>
/// <param name="Name">Of the default.</param>
/// <param name="Says">What it claims, what an occasion is, and how it is run.</param>
/// <param name="Claimed">Probability of a false alarm on an occasion, at most; NaN where nothing is claimed.</param>
/// <param name="Run">A run on a stream after a reference of so many values.</param>
internal sealed record NullSubject(string Name, string Says, double Claimed, Func<Source, int, int, NullCount> Run)
{
    public static readonly int[] References = [200, 1000, 5000];

    public IReadOnlyList<Source> Streams { get; init; } = Source.Unchanging;

    /// <summary>The streams that the claim is made about.</summary>
    public Func<Source, bool> Claims { get; init; } = source => source.Independent;

    /// <summary>So many runs, each with a reference of its own.</summary>
    public NullLine Measure(Source source, int reference, int runs)
    {
        long occasions = 0, alarms = 0, voided = 0;
        Parallel.For(0, runs, run =>
        {
            NullCount count = Run(source, reference, run);
            Interlocked.Add(ref occasions, count.Occasions);
            Interlocked.Add(ref alarms, count.Alarms);
            Interlocked.Add(ref voided, count.Void);
        });
        return new NullLine(this, source, reference, runs, new NullCount(occasions, alarms, voided));
    }
}

/// <summary>What a default did on one kind of stream, over all runs.</summary>
internal sealed record NullLine(NullSubject Subject, Source Source, int Reference, int Runs, NullCount Count)
{
    /// <summary>False alarms that are claimed at most, over all runs; NaN where nothing is claimed.</summary>
    public double Claimed => Subject.Claims(Source) ? Subject.Claimed * Count.Occasions : double.NaN;

    /// <summary>More false alarms than a Poisson count of the claim explains but once in a thousand.</summary>
    public bool Exceeds => Count.Alarms > 0 && Claimed > 0 && 1 - Poisson.CDF(Claimed, Count.Alarms - 1) < 0.001;
}
