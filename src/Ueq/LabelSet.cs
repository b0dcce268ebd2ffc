using System.Numerics;

namespace Ueq;

/// <summary>The classes that remain possible for one row: packed bits, class 0 in the lowest bit of the first word.</summary>
public readonly ref struct LabelSet
{
    private readonly ReadOnlySpan<ulong> _words;

    /// <summary>A view of <paramref name="words"/> as a set over <paramref name="classes"/> classes.</summary>
    public LabelSet(ReadOnlySpan<ulong> words, int classes)
    {
        if (classes < 1) Throw.OutOfRange(nameof(classes), classes, "one class or more");
        Throw.IfDifferent(nameof(words), words.Length, WordsFor(classes), $"words of 64 bits for {classes} classes");
        _words = words;
        Classes = classes;
    }

    /// <summary>Number of classes there are.</summary>
    public int Classes { get; }

    /// <summary>Number of classes in the set.</summary>
    public int Count
    {
        get
        {
            int count = 0;
            foreach (ulong word in _words) count += BitOperations.PopCount(word);
            return count;
        }
    }

    /// <summary>Whether a class is in the set.</summary>
    public bool Contains(int label) => (uint)label < (uint)Classes && (_words[label >> 6] >> (label & 63) & 1) != 0;

    /// <summary>How many 64-bit words one row's set takes.</summary>
    public static int WordsFor(int classes) => (classes + 63) / 64;

    /// <summary>The set of one row in a batch of packed sets.</summary>
    public static LabelSet At(ReadOnlySpan<ulong> sets, int row, int classes)
    {
        int words = WordsFor(classes);
        return new LabelSet(sets.Slice(row * words, words), classes);
    }
}
