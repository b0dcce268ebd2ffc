namespace Ueq.Serving.Inference;

/// <summary>The tensors of a request or an answer: 0 bytes allocated once there is room.</summary>
internal sealed class TensorList
{
    private const int Kept = 4096;
    private Tensor[] _tensors = new Tensor[4];

    public int Count { get; private set; }

    public ref Tensor this[int index] => ref _tensors.AsSpan(0, Count)[index];

    public void Clear() => Count = 0;

    public void Trim()
    {
        Clear();
        if (_tensors.Length > Kept) _tensors = new Tensor[4];
    }

    /// <summary>Adds an empty tensor and hands it out to be filled, before the next is added.</summary>
    public ref Tensor Add()
    {
        if (Count == _tensors.Length) Array.Resize(ref _tensors, 2 * Count);
        ref Tensor added = ref _tensors[Count++];
        added = default;
        added.Length = -1;
        return ref added;
    }
}
