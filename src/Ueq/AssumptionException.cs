namespace Ueq;

/// <summary>What the data would have to satisfy and does not.</summary>
public enum Assumption
{
    /// <summary>There are fewer rows than the method needs.</summary>
    EnoughRows,

    /// <summary>The target or the feature must vary.</summary>
    Variation,

    /// <summary>Every class must occur among the training rows.</summary>
    EveryClassPresent,

    /// <summary>The model's answers must be finite numbers.</summary>
    FiniteAnswers,

    /// <summary>The numerical problem must be well conditioned.</summary>
    WellConditioned,
}

/// <summary>The call is right but the data breaks an assumption of the method.</summary>
public sealed class AssumptionException : Exception
{
    /// <summary>An exception that names the assumption.</summary>
    public AssumptionException(Assumption assumption, string message) : base(message) => Assumption = assumption;

    /// <summary>The assumption that does not hold.</summary>
    public Assumption Assumption { get; }
}
