using System.Buffers;

namespace Ueq.Serving.Wire;

/// <summary>An array that grows, rented from the shared pool: 0 bytes allocated once it is large enough.</summary>
internal sealed class Grown<T>(int kept)
    where T : unmanaged
{
    private T[] _items = [];

    public int Capacity => _items.Length;

    public Span<T> Span(int length) => _items.AsSpan(0, length);

    public Memory<T> Memory(int length) => _items.AsMemory(0, length);

    /// <summary>Makes room for <paramref name="length"/> items; those already there stay.</summary>
    public void Reserve(int length)
    {
        if (length <= _items.Length) return;
        T[] larger = ArrayPool<T>.Shared.Rent((int)Math.Max(length, Math.Min(2L * _items.Length, Array.MaxLength)));
        _items.CopyTo(larger, 0);
        Release();
        _items = larger;
    }

    /// <summary>Gives an array back that one large request left behind.</summary>
    public void Trim()
    {
        if (_items.Length > kept) Release();
    }

    private void Release()
    {
        if (_items.Length > 0) ArrayPool<T>.Shared.Return(_items);
        _items = [];
    }
}
