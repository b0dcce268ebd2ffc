namespace Ueq.Client.Sending;

/// <summary>One address and what this client knows of it.</summary>
internal sealed class AddressState(Uri uri)
{
    private int _inFlight;

    public Uri Uri { get; } = uri;

    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Whether it is left alone. Written under the book's lock.</summary>
    public bool IsOut { get; set; }

    /// <summary>How often it was put out without a success in between. Written under the book's lock.</summary>
    public int Strikes { get; set; }

    public void Begin() => Interlocked.Increment(ref _inFlight);

    public void End() => Interlocked.Decrement(ref _inFlight);
}
