namespace Ueq.Client;

/// <summary>How a request finds its address among several.</summary>
public enum Balancing
{
    /// <summary>One healthy address after the other.</summary>
    RoundRobin,

    /// <summary>Of two healthy addresses drawn at random, the one with fewer of this client's requests in flight.</summary>
    TwoChoices,
}

/// <summary>How the service is asked: addresses, time-outs, repetitions, hedging.</summary>
public sealed record UeqClientOptions
{
    /// <summary>How a request finds its address. Default: <see cref="Balancing.RoundRobin"/>.</summary>
    public Balancing Balancing { get; init; } = Balancing.RoundRobin;

    /// <summary>Time for one attempt, 1 ms to 1 day. Default: 10 s.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time for a call with all its attempts and the waiting between them, 1 ms to 1 day. Default: 30 s.</summary>
    /// <remarks>Of a stream: for each of its requests.</remarks>
    public TimeSpan TotalTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a call is repeated after a fault that may pass, 0 to 100. Default: 3.</summary>
    /// <remarks>
    /// That is: no connection, a broken or unreadable answer, a time-out of the attempt, status 429, 502, 503 or 504. Anything else fails at once.
    /// A repetition goes to another healthy address at once where there is one; else after <see cref="RetryDelay"/>.
    /// </remarks>
    public int Retries { get; init; } = 3;

    /// <summary>What is waited before the first repetition at the same address, 0 to 1 hour; later ones wait longer, exponentially, with jitter. Default: 100 ms.</summary>
    /// <remarks>A server that says how long (<c>Retry-After</c>) is obeyed; where that is longer than the time left, the call fails at once.</remarks>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Repetitions and hedges that each call adds to the budget of all calls, 0 to 1. Default: 0.2.</summary>
    /// <remarks>So that a service in trouble gets at most a fifth more requests than without repetitions, and not four times as many.</remarks>
    public double RetryShare { get; init; } = 0.2;

    /// <summary>Repetitions that are in the budget at the start, and the most it ever holds, 0 to 1,000,000. Default: 20.</summary>
    public int RetryReserve { get; init; } = 20;

    /// <summary>After how long a prediction is also asked of another address, the first answer counting; 1 ms to 1 day, or <c>null</c>: never. Default: <c>null</c>.</summary>
    /// <remarks>The budget of repetitions pays for it. Rows that two replicas have answered count twice for drift, and for the completeness of labels.</remarks>
    public TimeSpan? HedgeAfter { get; init; }

    /// <summary>How long an address that failed is left alone, and how often it is asked for its health after that, 1 ms to 1 hour. Default: 1 s.</summary>
    /// <remarks>An address that fails again right after it came back is left alone twice as long, up to 30 times this.</remarks>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Headers of every request, such as <c>Authorization</c>. Default: none.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Most bytes of an answer, 1,024 to 2³¹ − 1. Default: 256 MiB.</summary>
    public long LargestAnswer { get; init; } = 256L << 20;

    /// <summary>What sends requests, such as a handler with a client certificate; stays the caller's to dispose. Default: <c>null</c>, one of the client's own.</summary>
    public HttpMessageHandler? Handler { get; init; }

    /// <summary>Clock of time-outs and waiting. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    internal void Validate()
    {
        TimeSpan least = TimeSpan.FromMilliseconds(1), day = TimeSpan.FromDays(1), hour = TimeSpan.FromHours(1);
        if (!Enum.IsDefined(Balancing)) throw Expect.Wrong(nameof(Balancing), $"Expected a kind of balancing, got {(int)Balancing}.");
        Expect.Range(nameof(AttemptTimeout), AttemptTimeout, least, day);
        Expect.Range(nameof(TotalTimeout), TotalTimeout, least, day);
        Expect.Range(nameof(Retries), Retries, 0, 100);
        Expect.Range(nameof(RetryDelay), RetryDelay, TimeSpan.Zero, hour);
        Expect.Range(nameof(RetryShare), RetryShare, 0, 1);
        Expect.Range(nameof(RetryReserve), RetryReserve, 0, 1_000_000);
        if (HedgeAfter is { } delay) Expect.Range(nameof(HedgeAfter), delay, least, day);
        Expect.Range(nameof(ProbeInterval), ProbeInterval, least, hour);
        Expect.Range(nameof(LargestAnswer), LargestAnswer, 1024, int.MaxValue);
        ArgumentNullException.ThrowIfNull(Headers);
        ArgumentNullException.ThrowIfNull(Time);
    }
}
