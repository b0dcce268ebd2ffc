namespace Ueq.Client;

/// <summary>How the service is: <c>GET /health</c>.</summary>
public sealed record HealthAnswer
{
    /// <summary>Whether it calls itself healthy; if not, it has answered with 503.</summary>
    public bool IsHealthy { get; init; }

    /// <summary>Requests so far.</summary>
    public long RequestCount { get; init; }

    /// <summary>Requests that failed.</summary>
    public long ErrorCount { get; init; }

    /// <summary>Failed requests over requests, of the latest five minutes.</summary>
    public double ErrorRate { get; init; }

    /// <summary>Seconds since the start.</summary>
    public double Uptime { get; init; }

    /// <summary>The whole answer.</summary>
    public JsonElement Document { get; init; }
}

/// <summary>What is served and what it promises: <c>GET /model_info</c>.</summary>
public sealed record ModelInfoAnswer
{
    /// <summary>Name of the model in the service.</summary>
    public string Name { get; init; } = "";

    /// <summary><c>regression</c> or <c>classification</c>.</summary>
    public string ModelType { get; init; } = "";

    /// <summary>The method that makes intervals or sets.</summary>
    public string Method { get; init; } = "";

    /// <summary>The model behind it.</summary>
    public string ModelClass { get; init; } = "";

    /// <summary>What is promised.</summary>
    public ModelGuarantee? Guarantee { get; init; }

    /// <summary>Name of what is predicted.</summary>
    public string? Target { get; init; }

    /// <summary>The columns of a row, in order.</summary>
    public IReadOnlyList<ModelColumn> Features { get; init; } = [];

    /// <summary>SHA-256 of the served version.</summary>
    public string Digest { get; init; } = "";

    /// <summary>The whole answer.</summary>
    public JsonElement Document { get; init; }
}

/// <summary>What stands behind a coverage.</summary>
/// <param name="Kind">The kind of proof, such as <c>split_conformal</c>.</param>
/// <param name="Nominal">The coverage.</param>
/// <param name="Rank">Place of the threshold among the sorted scores.</param>
/// <param name="N">Number of calibration scores.</param>
/// <param name="Proven">The coverage that is proven.</param>
/// <param name="Bounded">Whether the evidence suffices for finite answers.</param>
public sealed record ModelGuarantee(string Kind, double Nominal, long Rank, long N, double Proven, bool Bounded);

/// <summary>A column of a row.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind"><c>numeric</c> or <c>categorical</c>.</param>
/// <param name="Categories">The texts of a categorical column; <c>null</c> of a numeric one.</param>
/// <param name="Missing"><c>allowed</c> or <c>refused</c>.</param>
public sealed record ModelColumn(string Name, string Kind, IReadOnlyList<string>? Categories, string Missing)
{
    /// <summary>How the column is distributed in the model's reference; <c>null</c> where it has none.</summary>
    public ColumnReference? Reference { get; init; }

    /// <summary>Whether it has texts.</summary>
    public bool IsCategorical => Categories is not null;

    /// <summary>Whether a row may lack its value.</summary>
    public bool AllowsMissing => Missing == "allowed";
}

/// <summary>How a column is distributed in a model's reference.</summary>
public sealed record ColumnReference
{
    /// <summary>Upper edges of all bins but the last, ascending; empty of a categorical column.</summary>
    public IReadOnlyList<double> Edges { get; init; } = [];

    /// <summary>Rows in each bin, or of each category.</summary>
    public IReadOnlyList<long> Counts { get; init; } = [];
}

/// <summary>What labels have shown: <c>GET /coverage</c>.</summary>
public sealed record CoverageAnswer
{
    /// <summary><c>learning</c>, <c>healthy</c>, <c>alarm</c>, <c>recovering</c> or <c>stale</c>.</summary>
    public string State { get; init; } = "";

    /// <summary>Share of labels inside their answer; <c>null</c> without labels.</summary>
    public double? Covered { get; init; }

    /// <summary>Lower bound of the coverage that holds at all times, with 95 %.</summary>
    public double Lower { get; init; }

    /// <summary>Upper bound of the coverage that holds at all times, with 95 %.</summary>
    public double Upper { get; init; }

    /// <summary>Number of labels.</summary>
    public long Labels { get; init; }

    /// <summary>What is promised.</summary>
    public double Nominal { get; init; }

    /// <summary>The coverage below which a sound calibration falls once in a hundred draws.</summary>
    public double Tolerated { get; init; }

    /// <summary>Alarms so far.</summary>
    public long Alarms { get; init; }

    /// <summary>The whole answer.</summary>
    public JsonElement Document { get; init; }
}

/// <summary>What is watched: <c>GET /monitoring</c>.</summary>
public sealed record MonitoringAnswer
{
    /// <summary>The worst state of a signal, or <c>no_reference</c>.</summary>
    public string State { get; init; } = "";

    /// <summary>Rows seen.</summary>
    public long Rows { get; init; }

    /// <summary>Rows that were not watched because there were too many at a time.</summary>
    public long DroppedRows { get; init; }

    /// <summary>Whether somebody has stopped the watch.</summary>
    public bool Frozen { get; init; }

    /// <summary>Every signal.</summary>
    public IReadOnlyList<MonitoredSignal> Signals { get; init; } = [];

    /// <summary>The whole answer.</summary>
    public JsonElement Document { get; init; }
}

/// <summary>A signal that is watched.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind"><c>feature</c>, <c>prediction</c>, <c>size</c> or <c>score</c>.</param>
/// <param name="State">Its state, as in <see cref="MonitoringState"/>.</param>
/// <param name="Rows">Rows seen.</param>
/// <param name="EvidenceLog10">Evidence of a change, as a power of ten; <c>null</c> where there is none.</param>
/// <param name="ThresholdLog10">Evidence from which on there is an alarm.</param>
public sealed record MonitoredSignal(string Name, string Kind, string State, long Rows, double? EvidenceLog10, double? ThresholdLog10);
