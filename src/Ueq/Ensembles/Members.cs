namespace Ueq.Ensembles;

/// <summary>The members of an ensemble, checked once, and the rule that makes their answers one.</summary>
internal sealed class Members<TModel>
    where TModel : class
{
    private readonly double[] _weights;

    public Members(IReadOnlyList<EnsembleMember<TModel>> members, Aggregation? chosen)
    {
        ArgumentNullException.ThrowIfNull(members);
        if (members.Count == 0) throw new ArgumentException("Expected one member or more, got none.", nameof(members));
        Aggregation aggregation = chosen ?? (members.Any(member => member?.Weight is not null) ? Aggregation.WeightedMean : Aggregation.Mean);
        if (!Enum.IsDefined(aggregation)) Throw.OutOfRange(nameof(aggregation), (int)aggregation, "mean, weighted_mean or median");
        HashSet<string> names = new(StringComparer.Ordinal);
        for (int i = 0; i < members.Count; i++)
        {
            if (members[i] is null || members[i].Model is null) throw new ArgumentNullException(nameof(members), $"Expected a model as member {i}, got null.");
            if (string.IsNullOrWhiteSpace(members[i].Name)) throw new ArgumentException($"Expected a name of member {i}, got none.", nameof(members));
            if (!names.Add(members[i].Name)) throw new ArgumentException($"Expected names that differ, got '{members[i].Name}' twice.", nameof(members));
        }

        All = [.. members];
        Aggregation = aggregation;
        _weights = aggregation == Aggregation.WeightedMean ? Normalise(members) : Equal(members, aggregation);
    }

    public IReadOnlyList<EnsembleMember<TModel>> All { get; }

    public Aggregation Aggregation { get; }

    /// <summary>One weight per member, with the sum 1.</summary>
    public ReadOnlySpan<double> Weights => _weights;

    /// <summary>Calls one member; what it throws becomes an error that names it, and stays the caller's mistake where it was one.</summary>
    public void Ask(int member, Action<TModel> call)
    {
        try
        {
            call(All[member].Model);
        }
        catch (ArgumentException fault)
        {
            throw new ArgumentException($"The ensemble's member '{All[member].Name}' refused: {fault.Message}", fault);
        }
        catch (Exception fault) when (fault is not (OperationCanceledException or OutOfMemoryException or EnsembleMemberException))
        {
            throw new EnsembleMemberException(All[member].Name, fault.Message, fault);
        }
    }

    public void CheckFinite(int member, ReadOnlySpan<double> answers, int columns, int firstRow)
    {
        int wrong = answers.IndexOfAnyExceptInRange(double.MinValue, double.MaxValue);
        if (wrong >= 0)
            throw new EnsembleMemberException(All[member].Name, FormattableString.Invariant($"expected a finite answer, got {answers[wrong]} at row {firstRow + wrong / columns}."));
    }

    /// <summary>One answer of all members, which may be put into another order.</summary>
    public double Join(Span<double> answers)
    {
        if (Aggregation == Aggregation.Median) return Median(answers);
        double sum = 0;
        for (int m = 0; m < answers.Length; m++) sum += _weights[m] * answers[m];
        return sum;
    }

    private static double Median(Span<double> answers)
    {
        answers.Sort();
        int middle = answers.Length / 2;
        // Halves first: the sum of two large numbers could overflow.
        return answers.Length % 2 == 1 ? answers[middle] : 0.5 * answers[middle - 1] + 0.5 * answers[middle];
    }

    private static double[] Equal(IReadOnlyList<EnsembleMember<TModel>> members, Aggregation aggregation)
    {
        foreach (EnsembleMember<TModel> member in members)
        {
            if (member.Weight is not null)
                throw new ArgumentException($"Weights are for {Aggregation.WeightedMean}; expected none with {aggregation}, got one of '{member.Name}'.", nameof(members));
        }

        double[] weights = new double[members.Count];
        Array.Fill(weights, 1.0 / members.Count);
        return weights;
    }

    private static double[] Normalise(IReadOnlyList<EnsembleMember<TModel>> members)
    {
        double[] weights = new double[members.Count];
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = members[i].Weight ?? throw new ArgumentException($"Expected a weight of every member with {Aggregation.WeightedMean}, got none of '{members[i].Name}'.", nameof(members));
            if (!(weights[i] >= 0) || double.IsInfinity(weights[i])) Throw.OutOfRange(nameof(members), weights[i], "a weight of 0 or more, finite", $"member '{members[i].Name}'");
        }

        // By the largest first: the sum of large weights could overflow.
        double largest = weights.Max();
        if (largest == 0) throw new ArgumentException("Expected a member with a weight above 0, got 0 of all.", nameof(members));
        double sum = weights.Sum(weight => weight / largest);
        return [.. weights.Select(weight => weight / largest / sum)];
    }
}
