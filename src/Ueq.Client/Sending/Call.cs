namespace Ueq.Client.Sending;

/// <summary>One call with all its attempts.</summary>
internal sealed class Call
{
    private readonly Lock _gate = new();
    private readonly List<AddressState> _tried = [];
    private Fault? _last;

    public required DateTimeOffset Deadline { get; init; }

    public required bool MayHedge { get; init; }

    public int Attempts
    {
        get
        {
            lock (_gate) return _tried.Count;
        }
    }

    /// <summary>The fault of the attempt that ended last.</summary>
    public Fault? Last
    {
        get => Volatile.Read(ref _last);
        set => Volatile.Write(ref _last, value);
    }

    // A hedge begins while its elder is under way.
    public AddressState Begin(AddressBook book)
    {
        lock (_gate)
        {
            AddressState next = book.Next(_tried);
            _tried.Add(next);
            return next;
        }
    }

    public bool HasAnother(AddressBook book)
    {
        lock (_gate) return book.HasAnother(_tried);
    }
}
