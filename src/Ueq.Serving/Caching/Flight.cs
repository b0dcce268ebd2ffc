namespace Ueq.Serving.Caching;

/// <summary>A row on its way to an answer; others with the same row wait for it instead of asking the model again.</summary>
internal sealed class Flight(int row, UInt128 hash, byte[] bytes)
{
    private readonly TaskCompletionSource<byte[]?> _landed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The row's number in its request.</summary>
    public int Row { get; } = row;

    public UInt128 Hash { get; } = hash;

    /// <summary>The key, and room for the answer behind it.</summary>
    public byte[] Bytes { get; private set; } = bytes;

    public bool HasAnswer { get; private set; }

    /// <summary>Key and answer; <c>null</c> when it came to nothing.</summary>
    public Task<byte[]?> Landed => _landed.Task;

    public void Take(byte[] bytes)
    {
        Bytes = bytes;
        HasAnswer = true;
    }

    public void Land() => _landed.TrySetResult(HasAnswer ? Bytes : null);
}
