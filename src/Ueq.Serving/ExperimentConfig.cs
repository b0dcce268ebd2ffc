namespace Ueq.Serving;

/// <summary>How an experiment uses its arms.</summary>
public enum ExperimentKind
{
    /// <summary>Requests are split over two arms or more.</summary>
    AB,

    /// <summary>A share of the requests goes to one new arm; the share may grow.</summary>
    Canary,

    /// <summary>The control answers; the other arm computes the same rows afterwards, for comparison.</summary>
    Shadow,
}

/// <summary>One arm of an experiment.</summary>
/// <param name="Reference">The served model that answers: a reference such as <c>houses@challenger</c>.</param>
/// <param name="Weight">Its share: above 0 and finite; shares are what the weights make of their sum. Of the arm in the shadow: the share of requests it computes, at most 1.</param>
public sealed record ExperimentArm(string Reference, double Weight);

/// <summary>An experiment: which requests are split between which models.</summary>
public sealed record ExperimentConfig
{
    /// <summary>Its name: 1 to 64 letters, digits, dots, dashes and underscores.</summary>
    public required string Name { get; init; }

    /// <summary>How the arms are used. Default A/B.</summary>
    public ExperimentKind Kind { get; init; }

    /// <summary>The model of requests that are split, as requests name it; those that name none ask the first served.</summary>
    public required string Model { get; init; }

    /// <summary>The arms, two or more (of a canary and a shadow two), the control first.</summary>
    public required IReadOnlyList<ExperimentArm> Arms { get; init; }

    /// <summary>What users are assigned by, together with their id: 1 to 64 bytes. Default: the name. Another salt draws lots anew.</summary>
    public string? Salt { get; init; }

    /// <summary>Whether requests are split. Default yes.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>The control's reference.</summary>
    internal string Control => Arms[0].Reference;

    /// <inheritdoc/>
    public bool Equals(ExperimentConfig? other) =>
        other is not null && (Name, Kind, Model, Salt, Enabled) == (other.Name, other.Kind, other.Model, other.Salt, other.Enabled) && Arms.SequenceEqual(other.Arms);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Kind, Model, Salt, Enabled, Arms.Count);
}
