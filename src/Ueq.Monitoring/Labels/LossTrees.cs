namespace Ueq.Monitoring;

/// <summary>A sum of small trees over binned features: enough of a model to say where losses are large.</summary>
/// <remarks>Gradient boosting of squared error with trees of four leaves (Friedman 2001), shrunk by a tenth; missing values have a bin of their own.</remarks>
internal sealed class LossTrees
{
    private const int MostBins = 32;
    private const int Rounds = 120;
    private const int SmallestLeaf = 20;
    private const double Shrinkage = 0.1;

    private readonly float[][] _edges;
    private readonly List<Tree> _trees = [];
    private readonly double _mean;

    /// <summary>Rows up to this bin of a feature go to the left.</summary>
    public readonly record struct Split(int Feature, int Bin);

    /// <summary>Two levels of splits and the four leaves below them.</summary>
    public readonly record struct Tree(Split Root, Split Left, Split Right, double A, double B, double C, double D);

    private LossTrees(float[][] edges, double mean)
    {
        _edges = edges;
        _mean = mean;
    }

    /// <summary>Mean loss of the rows it was fitted on.</summary>
    public double Mean => _mean;

    /// <summary>The edges of every feature's bins, ascending.</summary>
    public IReadOnlyList<float[]> FeatureEdges => _edges;

    public IReadOnlyList<Tree> Trees => _trees;

    /// <summary>The sum as it was kept; what it is made of has been checked.</summary>
    public static LossTrees Of(float[][] edges, double mean, IEnumerable<Tree> trees)
    {
        LossTrees kept = new(edges, mean);
        kept._trees.AddRange(trees);
        return kept;
    }

    /// <summary>Fits losses by columns of features.</summary>
    public static LossTrees Fit(float[][] columns, ReadOnlySpan<double> losses)
    {
        int rows = losses.Length;
        double mean = 0;
        foreach (double loss in losses) mean += loss / rows;
        LossTrees trees = new([.. columns.Select(Edges)], mean);
        byte[][] bins = [.. columns.Select((c, f) => c.Select(v => trees.BinOf(f, v)).ToArray())];
        double[] residuals = new double[rows];
        for (int i = 0; i < rows; i++) residuals[i] = losses[i] - mean;
        int[] all = [.. Enumerable.Range(0, rows)];
        for (int round = 0; round < Rounds && trees.Grow(bins, residuals, all); round++)
        {
        }

        return trees;
    }

    /// <summary>The loss to expect of a row.</summary>
    /// <param name="row">The features and the prediction.</param>
    /// <param name="bins">Room for as many bins.</param>
    public double Predict(ReadOnlySpan<float> row, Span<byte> bins)
    {
        // Each feature is looked up once, whatever the number of trees that ask for it.
        for (int f = 0; f < row.Length; f++) bins[f] = BinOf(f, row[f]);
        double sum = _mean;
        foreach (Tree tree in _trees)
        {
            sum += Goes(bins, tree.Root)
                ? Goes(bins, tree.Left) ? tree.A : tree.B
                : Goes(bins, tree.Right) ? tree.C : tree.D;
        }

        return sum;
    }

    private static bool Goes(ReadOnlySpan<byte> bins, Split split) => bins[split.Feature] <= split.Bin;

    private byte BinOf(int feature, float value)
    {
        if (float.IsNaN(value)) return 0;
        int at = Array.BinarySearch(_edges[feature], value);
        return (byte)(1 + (at >= 0 ? at : ~at));
    }

    private static float[] Edges(float[] column)
    {
        float[] sorted = [.. column.Where(float.IsFinite)];
        Array.Sort(sorted);
        SortedSet<float> edges = [];
        for (int b = 1; b < MostBins && sorted.Length > 0; b++) edges.Add(sorted[(int)((long)b * (sorted.Length - 1) / MostBins)]);
        return [.. edges];
    }

    private bool Grow(byte[][] bins, double[] residuals, int[] all)
    {
        if (Best(bins, residuals, all) is not { } root) return false;
        int[] left = [.. all.Where(i => bins[root.Feature][i] <= root.Bin)], right = [.. all.Where(i => bins[root.Feature][i] > root.Bin)];
        // A split that takes everything to the left leaves a leaf whole.
        Split whole = new(0, byte.MaxValue);
        Split onLeft = Best(bins, residuals, left) ?? whole, onRight = Best(bins, residuals, right) ?? whole;
        double a = Leaf(left, onLeft, true), b = Leaf(left, onLeft, false), c = Leaf(right, onRight, true), d = Leaf(right, onRight, false);
        _trees.Add(new Tree(root, onLeft, onRight, a, b, c, d));
        return true;

        double Leaf(int[] rows, Split split, bool below)
        {
            double sum = 0;
            int count = 0;
            foreach (int i in rows)
            {
                if (bins[split.Feature][i] <= split.Bin != below) continue;
                sum += residuals[i];
                count++;
            }

            double value = count == 0 ? 0 : Shrinkage * sum / count;
            foreach (int i in rows)
                if (bins[split.Feature][i] <= split.Bin == below) residuals[i] -= value;
            return value;
        }
    }

    private static Split? Best(byte[][] bins, double[] residuals, int[] rows)
    {
        if (rows.Length < 2 * SmallestLeaf) return null;
        double total = 0, best = 0;
        foreach (int i in rows) total += residuals[i];
        double without = total * total / rows.Length;
        Split? found = null;
        Span<double> sums = stackalloc double[MostBins + 2];
        Span<int> counts = stackalloc int[MostBins + 2];
        for (int f = 0; f < bins.Length; f++)
        {
            sums.Clear();
            counts.Clear();
            byte[] column = bins[f];
            foreach (int i in rows)
            {
                sums[column[i]] += residuals[i];
                counts[column[i]]++;
            }

            double sum = 0;
            int count = 0;
            for (int b = 0; b < sums.Length - 1; b++)
            {
                sum += sums[b];
                count += counts[b];
                int rest = rows.Length - count;
                if (count < SmallestLeaf || rest < SmallestLeaf) continue;
                double gain = sum * sum / count + (total - sum) * (total - sum) / rest - without;
                if (gain <= best) continue;
                best = gain;
                found = new Split(f, b);
            }
        }

        return best > 1e-12 * Math.Max(without, double.Epsilon) ? found : null;
    }
}
