namespace Ueq.Scoring;

/// <summary>The figures of label sets against the truth.</summary>
/// <param name="Count">Number of rows.</param>
/// <param name="Coverage">Share of rows whose set contains the true class.</param>
/// <param name="MeanSetSize">Mean number of classes in a set.</param>
/// <param name="Empty">Share of sets without a class.</param>
/// <param name="Accuracy">Share of rows whose most probable class is the true one.</param>
public readonly record struct LabelSetReading(int Count, double Coverage, double MeanSetSize, double Empty, double Accuracy);

/// <summary>Coverage and size of label sets.</summary>
public static class LabelSetScores
{
    /// <summary>The figures of packed sets (see <see cref="LabelSet.At"/>) and probabilities (rows × classes).</summary>
    /// <exception cref="ArgumentException">No rows, or the lengths differ.</exception>
    public static LabelSetReading Read(ReadOnlySpan<ulong> sets, ReadOnlySpan<double> probabilities, int classes, ReadOnlySpan<int> labels)
    {
        if (labels.IsEmpty) Throw.Length(nameof(labels), 0, "one label or more");
        Throw.IfDifferent(nameof(sets), sets.Length, (long)labels.Length * LabelSet.WordsFor(classes), "words of 64 bits");
        Throw.IfDifferent(nameof(probabilities), probabilities.Length, (long)labels.Length * classes, "probabilities, rows × classes");
        int covered = 0, size = 0, empty = 0, right = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            if ((uint)labels[i] >= (uint)classes)
                Throw.OutOfRange(nameof(labels), labels[i], $"a class index from 0 to {classes - 1}", $"row {i}");
            LabelSet set = LabelSet.At(sets, i, classes);
            int count = set.Count;
            size += count;
            if (count == 0) empty++;
            if (set.Contains(labels[i])) covered++;
            if (Top(probabilities.Slice(i * classes, classes)) == labels[i]) right++;
        }

        double n = labels.Length;
        return new LabelSetReading(labels.Length, covered / n, size / n, empty / n, right / n);
    }

    /// <summary>The most probable class, the first of equals.</summary>
    public static int Top(ReadOnlySpan<double> probabilities)
    {
        int top = 0;
        for (int label = 1; label < probabilities.Length; label++)
            if (probabilities[label] > probabilities[top]) top = label;
        return top;
    }
}
