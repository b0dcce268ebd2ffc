using System.Text.Json.Serialization;

namespace Ueq.Conformal;

/// <summary>What is answered for a row whose conformal label set is empty: no class scores low enough.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EmptySets>))]
public enum EmptySets
{
    /// <summary>The most probable class is put in, which can only raise coverage.</summary>
    [JsonStringEnumMemberName("top_label")]
    TopLabel,

    /// <summary>The set stays empty, which keeps the smallest sets and delivers the level exactly.</summary>
    [JsonStringEnumMemberName("allowed")]
    Allowed,
}

/// <summary>The sorted scores 1 − p(true class) of a calibration set: least ambiguous label sets (LAC).</summary>
/// <remarks>
/// <para>A class is in the set when 1 − p(class) is at most the k-th smallest score, k = ⌈(n + 1)c⌉; when k > n every class is in.</para>
/// <para>
/// Guarantee: on exchangeable rows that the model has not seen, the set contains the true class with probability at least
/// k/(n + 1) ≥ c. The sets are the smallest on average if the probabilities are right (Sadinle, Lei, Wasserman 2019). Coverage is
/// over all rows together and may differ between classes.
/// </para>
/// Immutable and safe to share between threads.
/// </remarks>
public sealed class LabelSetCalibration
{
    private readonly double[] _scores;

    private LabelSetCalibration(double[] sorted, int classes)
    {
        _scores = sorted;
        Classes = classes;
    }

    /// <summary>Calibrates on probabilities (rows × classes, row after row) of rows the model has not seen, and their true classes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A probability is outside [0, 1] or a label outside 0 … classes − 1; names the row.</exception>
    public static LabelSetCalibration From(ReadOnlySpan<double> probabilities, int classes, ReadOnlySpan<int> labels)
    {
        if (classes < 2) Throw.OutOfRange(nameof(classes), classes, "two classes or more");
        Throw.IfDifferent(nameof(probabilities), probabilities.Length, (long)labels.Length * classes, "probabilities, rows × classes");
        double[] scores = new double[labels.Length];
        for (int i = 0; i < scores.Length; i++)
        {
            if ((uint)labels[i] >= (uint)classes)
                Throw.OutOfRange(nameof(labels), labels[i], $"a class index from 0 to {classes - 1}", $"row {i}");
            double p = probabilities[i * classes + labels[i]];
            if (!(p >= 0 && p <= 1)) Throw.OutOfRange(nameof(probabilities), p, "a probability from 0 to 1", $"row {i}");
            scores[i] = 1 - p;
        }

        Array.Sort(scores);
        return new LabelSetCalibration(scores, classes);
    }

    /// <summary>A calibration from scores that were computed elsewhere, in any order.</summary>
    public static LabelSetCalibration FromScores(ReadOnlySpan<double> scores, int classes)
    {
        if (classes < 2) Throw.OutOfRange(nameof(classes), classes, "two classes or more");
        Throw.IfNotFinite(scores, nameof(scores), "score");
        double[] sorted = scores.ToArray();
        Array.Sort(sorted);
        return new LabelSetCalibration(sorted, classes);
    }

    /// <summary>Number of classes, two or more.</summary>
    public int Classes { get; }

    /// <summary>Number n of calibration scores.</summary>
    public int Count => _scores.Length;

    /// <summary>The scores in rising order.</summary>
    public ReadOnlySpan<double> Scores => _scores;

    /// <summary>The threshold at a level: a score in [0, 1], or +∞ when there are too few scores.</summary>
    public double Threshold(Coverage coverage)
    {
        int rank = coverage.Rank(_scores.Length);
        return rank > _scores.Length ? double.PositiveInfinity : _scores[rank - 1];
    }

    /// <summary>The sets of many rows at a level, packed one after the other (see <see cref="LabelSet.At"/>); allocates nothing.</summary>
    public void Apply(ReadOnlySpan<double> probabilities, Coverage coverage, EmptySets empty, Span<ulong> sets)
    {
        int words = LabelSet.WordsFor(Classes);
        if (probabilities.Length % Classes != 0)
            Throw.Length(nameof(probabilities), probabilities.Length, $"a multiple of {Classes} probabilities, the number of classes");
        int rows = probabilities.Length / Classes;
        Throw.IfDifferent(nameof(sets), sets.Length, (long)rows * words, "words of 64 bits");
        double threshold = Threshold(coverage);
        sets.Clear();
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<double> p = probabilities.Slice(row * Classes, Classes);
            Span<ulong> set = sets.Slice(row * words, words);
            int top = 0;
            bool any = false;
            for (int label = 0; label < p.Length; label++)
            {
                if (p[label] > p[top]) top = label;
                if (1 - p[label] > threshold) continue;
                set[label >> 6] |= 1UL << (label & 63);
                any = true;
            }

            if (!any && empty == EmptySets.TopLabel) set[top >> 6] |= 1UL << (top & 63);
        }
    }

    /// <summary>The conformal p-value of a class with this probability: (1 + number of scores at least 1 − p) / (n + 1).</summary>
    public double PValue(double probability) => Numerics.OrderStatistics.TailShare(_scores, 1 - probability);

    /// <summary>What is promised at a level, and on how many scores.</summary>
    public Guarantee Guarantee(Coverage coverage) =>
        new(GuaranteeKind.SplitConformal, coverage, coverage.Rank(_scores.Length), _scores.Length);
}
