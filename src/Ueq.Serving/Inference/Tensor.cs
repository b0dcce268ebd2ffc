using System.Globalization;
using System.Runtime.CompilerServices;

namespace Ueq.Serving.Inference;

/// <summary>One tensor of a request or an answer: what it is, and where its little-endian, row-major bytes stand in their buffer.</summary>
internal struct Tensor
{
    public int NameStart;
    public int NameLength;
    public TensorType Type;
    public TensorShape Shape;

    /// <summary>Where its bytes begin.</summary>
    public int Start;

    /// <summary>How many bytes it has; −1 while they are not there.</summary>
    public int Length;

    /// <summary>Whether its bytes stand behind the JSON, in the request or in the answer.</summary>
    public TensorPlace Place;
}

/// <summary>Where a tensor's values are sent.</summary>
internal enum TensorPlace
{
    /// <summary>As the request says for all outputs.</summary>
    AsAsked,

    /// <summary>In the JSON.</summary>
    Json,

    /// <summary>As bytes behind the JSON.</summary>
    Binary,
}

/// <summary>The lengths of a tensor's dimensions.</summary>
internal struct TensorShape
{
    public const int MostRank = 8;

    private Lengths _lengths;

    public int Rank { readonly get; private set; }

    public readonly long this[int dimension] => _lengths[dimension];

    public static TensorShape Of(params ReadOnlySpan<long> lengths)
    {
        TensorShape shape = default;
        foreach (long length in lengths) shape.Add(length);
        return shape;
    }

    public void Add(long length) => _lengths[Rank++] = length;

    /// <summary>Number of elements; <see cref="long.MaxValue"/> when that is more than can be counted.</summary>
    public readonly long Elements
    {
        get
        {
            long elements = 1;
            for (int i = 0; i < Rank; i++)
            {
                long length = _lengths[i];
                if (length == 0) return 0;
                elements = elements > long.MaxValue / length ? long.MaxValue : elements * length;
            }

            return elements;
        }
    }

    public override readonly string ToString()
    {
        TensorShape all = this;
        return $"[{string.Join(", ", Enumerable.Range(0, Rank).Select(i => all[i].ToString(CultureInfo.InvariantCulture)))}]";
    }

    [InlineArray(MostRank)]
    private struct Lengths
    {
        private long _first;
    }
}
