namespace Ueq.MLNet.Pipelines;

/// <summary>Where the value of one of a pipeline's own columns comes from.</summary>
internal abstract record ColumnSource;

/// <summary>From nowhere: a column that is declared and not read, such as the label.</summary>
internal sealed record NoSource : ColumnSource;

/// <summary>From one feature.</summary>
internal sealed record NumberSource(int Feature) : ColumnSource;

/// <summary>From several features, in the order of the vector's slots.</summary>
internal sealed record VectorSource(int[] Features) : ColumnSource;

/// <summary>From the one feature that is 1 among those of the categories; all of them NaN is a missing text.</summary>
internal sealed record TextSource(int Offset, IReadOnlyList<string> Categories) : ColumnSource;

/// <summary>As a text, where the categories are two spellings of yes and no.</summary>
internal sealed record AnswerSource(int Offset, bool[] Answers) : ColumnSource;
