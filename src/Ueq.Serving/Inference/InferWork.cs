using System.Runtime.InteropServices;

namespace Ueq.Serving.Inference;

/// <summary>Everything one inference request needs room for: what was asked and what is answered. Pooled, so that a request allocates nothing.</summary>
internal sealed class InferWork
{
    public const int MostLevels = 32;
    private const int Kept = 1 << 20;

    private readonly Coverage[] _levels = new Coverage[MostLevels];
    private int _idStart, _idLength;

    public Grown<byte> Body { get; } = new(Kept);

    /// <summary>Names, one after the other.</summary>
    public JsonBytes Names { get; } = new();

    /// <summary>Values of the inputs.</summary>
    public JsonBytes Values { get; } = new();

    /// <summary>Values of the answers.</summary>
    public JsonBytes Answered { get; } = new();

    /// <summary>The answer as it is sent.</summary>
    public JsonBytes Json { get; } = new();

    public TensorList Inputs { get; } = new();

    /// <summary>The outputs that are asked for; none: all that there are.</summary>
    public TensorList Wanted { get; } = new();

    public TensorList Answers { get; } = new();

    /// <summary>What the model's own rows need.</summary>
    public PredictWork Rows { get; } = new();

    /// <summary>Where the answers of a regression stand: mean, lower and upper; −1 where they are not wanted.</summary>
    public int[] Places { get; } = new int[3];

    /// <summary>Whether the rows count for drift.</summary>
    public bool WantsMonitoring { get; set; }

    public TensorPlace DefaultPlace { get; set; }

    /// <summary>The levels asked for, one or more.</summary>
    public ReadOnlySpan<Coverage> Levels => _levels.AsSpan(0, LevelCount);

    public int LevelCount { get; private set; }

    /// <summary>Whether the answer says coverage, method and calibration.</summary>
    public bool SaysCoverage { get; set; }

    /// <summary>The request's own name for itself as a JSON text without quotes; empty when it has none.</summary>
    public ReadOnlySpan<byte> Id => Names.Written.Span.Slice(_idStart, _idLength);

    public bool HasId { get; private set; }

    public ReadOnlySpan<byte> NameOf(in Tensor tensor) => Names.Written.Span.Slice(tensor.NameStart, tensor.NameLength);

    public ReadOnlySpan<byte> ValuesOf(in Tensor input) => Values.Written.Span.Slice(input.Start, input.Length);

    public ReadOnlySpan<byte> AnswerOf(in Tensor answer) => Answered.Written.Span.Slice(answer.Start, answer.Length);

    /// <summary>Empties the work for the next request.</summary>
    public void Begin(Coverage coverage)
    {
        Names.Clear();
        Values.Clear();
        Answered.Clear();
        Json.Clear();
        Inputs.Clear();
        Wanted.Clear();
        Answers.Clear();
        DefaultPlace = TensorPlace.Json;
        WantsMonitoring = true;
        (_idStart, _idLength, HasId, SaysCoverage) = (0, 0, false, false);
        LevelCount = 1;
        _levels[0] = coverage;
        Rows.Begin(coverage, int.MaxValue);
    }

    public void SetId(ReadOnlySpan<byte> escaped)
    {
        (_idStart, _idLength, HasId) = (Names.Length, escaped.Length, true);
        Names.Raw(escaped);
    }

    public void SetName(ref Tensor tensor, ReadOnlySpan<byte> name)
    {
        (tensor.NameStart, tensor.NameLength) = (Names.Length, name.Length);
        Names.Raw(name);
    }

    /// <summary>Has the levels begin anew.</summary>
    public void ClearLevels() => LevelCount = 0;

    /// <summary>Adds a level; refuses what is none.</summary>
    public void AddLevel(double level, string place)
    {
        if (LevelCount == MostLevels) throw RefusalException.BadRequest(FormattableString.Invariant($"{place}: expected at most {MostLevels} levels"));
        if (!Coverage.IsLevel(level)) throw RefusalException.BadRequest(FormattableString.Invariant($"{place}: expected a number strictly between 0 and 1, got {level}"));
        _levels[LevelCount++] = new Coverage(level);
    }

    /// <summary>Adds an answer with room for its values, which the caller fills.</summary>
    public Span<byte> Answer(ReadOnlySpan<byte> name, TensorType type, TensorShape shape, TensorPlace place, int length)
    {
        ref Tensor answer = ref Answers.Add();
        SetName(ref answer, name);
        (answer.Type, answer.Shape, answer.Place) = (type, shape, place == TensorPlace.AsAsked ? DefaultPlace : place);
        (answer.Start, answer.Length) = (Answered.Length, length);
        Span<byte> values = Answered.GetSpan(length)[..length];
        Answered.Advance(length);
        return values;
    }

    /// <summary>Values of an answer, to be filled.</summary>
    public Span<double> DoublesAt(int start, int count) =>
        MemoryMarshal.Cast<byte, double>(MemoryMarshal.AsMemory(Answered.Written).Span.Slice(start, count * sizeof(double)));

    /// <summary>Gives back what an unusually large request left behind.</summary>
    public void Trim()
    {
        Body.Trim();
        Names.Trim();
        Values.Trim();
        Answered.Trim();
        Json.Trim();
        Inputs.Trim();
        Wanted.Trim();
        Answers.Trim();
        Rows.Trim();
    }
}
