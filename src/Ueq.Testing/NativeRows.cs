using System.Buffers;
using System.Runtime.InteropServices;

namespace Ueq.Testing;

/// <summary>A copy of rows in native memory, at an odd place.</summary>
internal sealed class NativeRows : MemoryManager<float>
{
    private readonly nint _memory;
    private readonly int _count, _columns;

    public NativeRows(FeatureMatrix x)
    {
        _count = x.Values.Length;
        _columns = x.Columns;
        _memory = Marshal.AllocHGlobal((_count + 1) * sizeof(float));
        x.Values.CopyTo(GetSpan());
    }

    public FeatureMatrix Matrix => new(Memory, _columns);

    // One float in, so that nothing is aligned to more than a float.
    public override unsafe Span<float> GetSpan() => new((float*)_memory + 1, _count);

    public override unsafe MemoryHandle Pin(int elementIndex = 0) => new((float*)_memory + 1 + elementIndex);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing) => Marshal.FreeHGlobal(_memory);
}
