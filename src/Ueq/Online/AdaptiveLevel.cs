using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ueq.Online;

/// <summary>The level of adaptive conformal inference (ACI): after a miss answers grow, after a hit they shrink a little.</summary>
/// <remarks>
/// <para>
/// miss_{t+1} = miss_t + step·(wanted − err_t), where err_t is 1 if the answer missed its truth and 0 if not (Gibbs and Candès 2021,
/// equation 2). The miss is not clipped: at or below 0 the answer has to be unbounded, at or above 1 empty, and that is what makes the
/// promise hold for any stream: |realised miss − wanted| ≤ (max(miss_1, 1 − miss_1) + step)/(T·step) after T labels (proposition 4.1).
/// </para>
/// <para>
/// Labels that come late move the level when they come, by whether the answer that was given missed; the level it was given at is not
/// needed. With at most D answers between an answer and its label the bound has (D + 1)·step in the place of step.
/// </para>
/// Not thread-safe: labels have an order. Reading <see cref="Miss"/> from other threads is.
/// </remarks>
public sealed class AdaptiveLevel
{
    private const int FormatVersion = 1;

    private readonly AdaptiveOptions _options;
    private readonly double[] _widths;
    private double _miss;
    private long _updates, _covered, _unbounded, _empty;

    /// <summary>The level before any label.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The step or the number of recent answers is out of range.</exception>
    public AdaptiveLevel(Coverage target, AdaptiveOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Checked();
        _widths = new double[options.RecentAnswers];
        Target = target;
        _miss = target.Miss;
    }

    /// <summary>The coverage that is wanted in the long run.</summary>
    public Coverage Target { get; }

    /// <summary>The miss that the next answer is made at; it may leave [0, 1].</summary>
    public double Miss => Volatile.Read(ref _miss);

    /// <summary>The level that the next answer is made at.</summary>
    public OnlineLevel Now => new(Miss);

    /// <summary>Takes the answer to a row and its truth.</summary>
    /// <param name="answer">The interval as it was given.</param>
    /// <param name="y">The truth; finite.</param>
    /// <exception cref="ArgumentOutOfRangeException">The truth is not finite.</exception>
    public void Add(Interval answer, double y)
    {
        if (!double.IsFinite(y)) Throw.OutOfRange(nameof(y), y, "a finite truth");
        Count(answer, !answer.IsBounded, answer.Contains(y) ? 0 : 1);
    }

    /// <summary>Takes the label set of a row and its true class; the set's size is its width, and one of all classes is unbounded.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The label is no class.</exception>
    public void Add(LabelSet answer, int label)
    {
        if (answer.Contains(label)) AddHit(answer.Count, answer.Classes);
        else AddMiss(answer.Count, answer.Classes);
    }

    /// <summary>Takes an interval that held its truth, which is not at hand any more.</summary>
    public void AddHit(Interval answer) => Count(answer, !answer.IsBounded, 0);

    /// <summary>Takes a label set that held its truth, which is not at hand any more.</summary>
    /// <param name="labels">Number of labels in the set.</param>
    /// <param name="classes">Number of classes there are.</param>
    public void AddHit(int labels, int classes) => Count(new Interval(0, labels), labels >= classes, 0);

    /// <summary>Takes an interval that did not hold its truth, which is not at hand any more.</summary>
    public void AddMiss(Interval answer) => Count(answer, !answer.IsBounded, 1);

    /// <summary>Takes a label set that did not hold its truth, which is not at hand any more.</summary>
    /// <param name="labels">Number of labels in the set.</param>
    /// <param name="classes">Number of classes there are.</param>
    public void AddMiss(int labels, int classes) => Count(labels == 0 ? Interval.Empty : new Interval(0, labels), labels >= classes, 1);

    /// <summary>What it has come to.</summary>
    public OnlineReading Read() => new(
        Target, Miss, _updates, (double)_covered / _updates, (double)_unbounded / _updates, (double)_empty / _updates, Median(_widths.AsSpan(0, (int)Math.Min(_updates, _widths.Length)).ToArray()));

    /// <summary>Forgets everything: the miss is the wanted one again.</summary>
    public void Reset()
    {
        (_updates, _covered, _unbounded, _empty) = (0, 0, 0, 0);
        Volatile.Write(ref _miss, Target.Miss);
    }

    /// <summary>Writes it as JSON, to the last bit.</summary>
    public void Save(Stream destination) => JsonSerializer.Serialize(
        destination,
        new LevelPage(FormatVersion, Target.Value, _options.Step, Miss, _updates, _covered, _unbounded, _empty, _widths.AsSpan(0, (int)Math.Min(_updates, _widths.Length)).ToArray()),
        OnlineJson.Default.LevelPage);

    /// <summary>Goes on where <see cref="Save"/> was called.</summary>
    /// <param name="source">What was written.</param>
    /// <param name="target">The coverage that is wanted; another than that of the state is refused.</param>
    /// <param name="options">The step from now on, and the number of recent answers, which is to be that of the state.</param>
    /// <exception cref="InvalidDataException">The state is damaged, or of another coverage or number of recent answers: names the place.</exception>
    public static AdaptiveLevel Restore(Stream source, Coverage target, AdaptiveOptions options)
    {
        AdaptiveLevel level = new(target, options);
        LevelPage page;
        try
        {
            page = JsonSerializer.Deserialize(source, OnlineJson.Default.LevelPage) ?? throw Damaged("$", "expected an object, got null");
        }
        catch (JsonException e)
        {
            throw Damaged($"{e.Path ?? "$"}, line {e.LineNumber + 1}", e.Message, e);
        }

        if (page.FormatVersion != FormatVersion) throw Damaged("$.format_version", $"this library reads {FormatVersion}, got {page.FormatVersion}");
        if (page.Target != target.Value) throw Damaged("$.target", FormattableString.Invariant($"expected the coverage {target.Value:R}, got {page.Target:R}"));
        if (!double.IsFinite(page.Miss)) throw Damaged("$.miss", "expected a finite miss");
        if (page.Updates < 0) throw Damaged("$.updates", $"expected zero or more, got {page.Updates}");
        if (page.Covered < 0 || page.Covered > page.Updates) throw Damaged("$.covered", $"expected 0 to {page.Updates}, got {page.Covered}");
        if (page.Unbounded < 0 || page.Unbounded > page.Updates) throw Damaged("$.unbounded", $"expected 0 to {page.Updates}, got {page.Unbounded}");
        if (page.Empty < 0 || page.Empty > page.Updates) throw Damaged("$.empty", $"expected 0 to {page.Updates}, got {page.Empty}");
        long held = Math.Min(page.Updates, level._widths.Length);
        if (page.Widths.Length != held) throw Damaged("$.widths", $"expected {held} widths, got {page.Widths.Length}");
        if (page.Widths.Any(w => !(w >= 0))) throw Damaged("$.widths", "expected widths of zero or more");
        page.Widths.CopyTo(level._widths, 0);
        (level._miss, level._updates, level._covered, level._unbounded, level._empty) = (page.Miss, page.Updates, page.Covered, page.Unbounded, page.Empty);
        return level;
    }

    private void Count(Interval answer, bool saysNothing, int error)
    {
        _widths[_updates % _widths.Length] = answer.Width;
        _updates++;
        _covered += 1 - error;
        if (saysNothing) _unbounded++;
        if (answer.IsEmpty) _empty++;
        Volatile.Write(ref _miss, _miss + _options.Step * (Target.Miss - error));
    }

    private static double Median(double[] widths)
    {
        if (widths.Length == 0) return double.NaN;
        Array.Sort(widths);
        double low = widths[(widths.Length - 1) / 2], high = widths[widths.Length / 2];
        return low == high ? low : low + (high - low) / 2;
    }

    private static InvalidDataException Damaged(string place, string problem, Exception? cause = null) =>
        new($"The state of the online level is damaged at {place}: {problem}.", cause);
}

/// <summary>The state of an online level as it is written.</summary>
internal sealed record LevelPage(int FormatVersion, double Target, double Step, double Miss, long Updates, long Covered, long Unbounded, long Empty, double[] Widths);

/// <summary>How online states are written and read: snake_case, unknown and missing members refused, infinite widths as texts.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(LevelPage))]
internal sealed partial class OnlineJson : JsonSerializerContext;
