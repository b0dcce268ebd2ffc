using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ueq.Monitoring;

/// <summary>The written form of label-free estimators: JSON that names its kind.</summary>
internal static class EstimatorFile
{
    public const int Version = 1;
    public const string Losses = "direct_loss_estimation", Classes = "confidence_based";

    // More than any forest that is fitted here, so that a damaged file cannot ask for more time than a sound one.
    private const int MostTrees = 1000, MostEdges = 64;

    public static void Write(Stream destination, LossEstimator estimator)
    {
        (LossTrees absolute, LossTrees squared, double absoluteSpread, double squaredSpread) = estimator.Parts;
        JsonSerializer.Serialize(
            destination,
            new EstimatorPage(Version, Losses, estimator.ReferenceRows)
            {
                Edges = [.. absolute.FeatureEdges],
                Absolute = Page(absolute, absoluteSpread),
                Squared = Page(squared, squaredSpread),
            },
            EstimatorJson.Default.EstimatorPage);
    }

    public static void Write(Stream destination, ClassEstimator estimator)
    {
        (IReadOnlyList<IsotonicSteps?> steps, double error) = estimator.Parts;
        JsonSerializer.Serialize(
            destination,
            new EstimatorPage(Version, Classes, estimator.ReferenceRows)
            {
                Accuracy = estimator.ReferenceAccuracy,
                Error = error,
                Steps = [.. steps.Select(s => s is null ? null : new StepsPage(s.At.ToArray(), s.Values.ToArray()))],
            },
            EstimatorJson.Default.EstimatorPage);
    }

    public static LossEstimator ReadLosses(Stream source)
    {
        EstimatorPage page = Read(source, Losses);
        float[][] edges = page.Edges ?? throw Throw.DamagedEstimator("$.edges", "expected edges of bins, got none.");
        for (int f = 0; f < edges.Length; f++)
        {
            if (edges[f] is null || edges[f].Length > MostEdges) throw Throw.DamagedEstimator($"$.edges[{f}]", $"expected at most {MostEdges} edges.");
            for (int e = 0; e < edges[f].Length; e++)
                if (!float.IsFinite(edges[f][e]) || (e > 0 && edges[f][e] <= edges[f][e - 1])) throw Throw.DamagedEstimator($"$.edges[{f}][{e}]", "expected finite, ascending edges.");
        }

        if (edges.Length < 2) throw Throw.DamagedEstimator("$.edges", "expected the edges of one feature or more and of the prediction.");
        (LossTrees absolute, double absoluteSpread) = Trees(page.Absolute, edges, "absolute");
        (LossTrees squared, double squaredSpread) = Trees(page.Squared, edges, "squared");
        return new LossEstimator(edges.Length - 1, absolute, squared, absoluteSpread, squaredSpread, page.Rows);
    }

    public static ClassEstimator ReadClasses(Stream source)
    {
        EstimatorPage page = Read(source, Classes);
        StepsPage?[] steps = page.Steps ?? throw Throw.DamagedEstimator("$.steps", "expected an entry per class, got none.");
        if (steps.Length < 2) throw Throw.DamagedEstimator("$.steps", $"expected two classes or more, got {steps.Length}.");
        if (page.Accuracy is not { } accuracy || !(accuracy is >= 0 and <= 1)) throw Throw.DamagedEstimator("$.accuracy", "expected a share from 0 to 1.");
        if (page.Error is not { } error || !(error is >= 0 and <= 1)) throw Throw.DamagedEstimator("$.error", "expected a standard error from 0 to 1.");
        return new ClassEstimator(steps.Length, [.. steps.Select(Steps)], error, page.Rows, accuracy);
    }

    private static EstimatorPage Read(Stream source, string kind)
    {
        EstimatorPage page;
        try
        {
            page = JsonSerializer.Deserialize(source, EstimatorJson.Default.EstimatorPage) ?? throw Throw.DamagedEstimator("$", "expected an object, got null.");
        }
        catch (JsonException e)
        {
            throw Throw.DamagedEstimator($"{e.Path ?? "$"}, line {e.LineNumber + 1}", e.Message, e);
        }

        if (page.FormatVersion != Version) throw Throw.DamagedEstimator("$.format_version", $"this library reads {Version}, got {page.FormatVersion}.");
        if (page.Kind != kind) throw Throw.DamagedEstimator("$.kind", $"expected '{kind}' for this task, got '{page.Kind}'.");
        if (page.Rows < 1) throw Throw.DamagedEstimator("$.rows", $"expected one row or more, got {page.Rows}.");
        return page;
    }

    private static TreesPage Page(LossTrees trees, double spread) =>
        new(trees.Mean, spread, [.. trees.Trees.Select(t => new[] { t.Root.Feature, t.Root.Bin, t.Left.Feature, t.Left.Bin, t.Right.Feature, t.Right.Bin })],
            [.. trees.Trees.Select(t => new[] { t.A, t.B, t.C, t.D })]);

    private static (LossTrees Trees, double Spread) Trees(TreesPage? page, float[][] edges, string name)
    {
        if (page is null) throw Throw.DamagedEstimator($"$.{name}", "expected trees, got none.");
        if (!(page.Mean >= 0 && double.IsFinite(page.Mean))) throw Throw.DamagedEstimator($"$.{name}.mean", $"expected a mean loss of zero or more, got {page.Mean}.");
        if (!(page.Spread >= 0 && double.IsFinite(page.Spread))) throw Throw.DamagedEstimator($"$.{name}.spread", $"expected zero or more, got {page.Spread}.");
        if (page.Splits.Length > MostTrees || page.Leaves.Length != page.Splits.Length)
            throw Throw.DamagedEstimator($"$.{name}.leaves", $"expected as many as splits and at most {MostTrees}, got {page.Leaves.Length} of {page.Splits.Length}.");
        LossTrees.Tree[] trees = new LossTrees.Tree[page.Splits.Length];
        for (int t = 0; t < trees.Length; t++)
        {
            int[] s = page.Splits[t];
            double[] v = page.Leaves[t];
            if (s is not { Length: 6 } || !IsSplit(s[0], s[1]) || !IsSplit(s[2], s[3]) || !IsSplit(s[4], s[5]))
                throw Throw.DamagedEstimator($"$.{name}.splits[{t}]", $"expected three pairs of a feature from 0 to {edges.Length - 1} and a bin from 0 to 255.");
            if (v is not { Length: 4 } || !v.All(double.IsFinite)) throw Throw.DamagedEstimator($"$.{name}.leaves[{t}]", "expected four finite numbers.");
            trees[t] = new(new(s[0], s[1]), new(s[2], s[3]), new(s[4], s[5]), v[0], v[1], v[2], v[3]);
        }

        return (LossTrees.Of(edges, page.Mean, trees), page.Spread);

        bool IsSplit(int feature, int bin) => (uint)feature < (uint)edges.Length && bin is >= 0 and <= byte.MaxValue;
    }

    private static IsotonicSteps? Steps(StepsPage? page, int label)
    {
        if (page is null) return null;
        if (page.At.Length == 0 || page.At.Length != page.Values.Length) throw Throw.DamagedEstimator($"$.steps[{label}]", "expected as many values as places, and one or more.");
        for (int i = 0; i < page.At.Length; i++)
        {
            if (!(page.At[i] is >= 0 and <= 1) || (i > 0 && page.At[i] <= page.At[i - 1])) throw Throw.DamagedEstimator($"$.steps[{label}].at[{i}]", "expected ascending probabilities.");
            if (!(page.Values[i] is >= 0 and <= 1)) throw Throw.DamagedEstimator($"$.steps[{label}].values[{i}]", $"expected a probability, got {page.Values[i]}.");
        }

        return IsotonicSteps.Of(page.At, page.Values);
    }
}

/// <summary>A label-free estimator as it is written; which members are there follows from the kind.</summary>
internal sealed record EstimatorPage(int FormatVersion, string Kind, int Rows)
{
    public float[][]? Edges { get; init; }

    public TreesPage? Absolute { get; init; }

    public TreesPage? Squared { get; init; }

    public double? Accuracy { get; init; }

    public double? Error { get; init; }

    public StepsPage?[]? Steps { get; init; }
}

/// <summary>Trees: per tree three pairs of feature and bin, and four leaves.</summary>
internal sealed record TreesPage(double Mean, double Spread, int[][] Splits, double[][] Leaves);

/// <summary>Steps of a probability.</summary>
internal sealed record StepsPage(double[] At, double[] Values);

/// <summary>How estimators are written and read: snake_case, unknown and missing members refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(EstimatorPage))]
internal sealed partial class EstimatorJson : JsonSerializerContext;
