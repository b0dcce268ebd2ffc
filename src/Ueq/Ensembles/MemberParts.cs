using Ueq.Versions;

namespace Ueq.Ensembles;

/// <summary>The members of an ensemble as parts of a stored model, and back.</summary>
internal static class MemberParts
{
    private static readonly (Aggregation Aggregation, string Name)[] _rules =
        [(Aggregation.Mean, "mean"), (Aggregation.WeightedMean, "weighted_mean"), (Aggregation.Median, "median")];

    public static Assembled Of<TModel>(string kind, Members<TModel> members)
        where TModel : class => new(
        kind,
        [.. members.All.Select((member, i) => ($"member-{i:0000}", (object)member.Model))],
        new Joint
        {
            Names = [.. members.All.Select(member => member.Name)],
            Rule = _rules.First(rule => rule.Aggregation == members.Aggregation).Name,
            Numbers = members.Aggregation == Aggregation.WeightedMean ? members.Weights.ToArray() : null,
        });

    public static IReadOnlyList<EnsembleMember<TModel>> Members<TModel>(IReadOnlyList<TModel> models, Joint joint)
        where TModel : class
    {
        if (joint.Names?.Count != models.Count) throw new ArgumentException($"Expected the names of {models.Count} members, got {joint.Names?.Count ?? 0}.");
        if (joint.Numbers is { } numbers && numbers.Count != models.Count) throw new ArgumentException($"Expected the weights of {models.Count} members, got {numbers.Count}.");
        return [.. models.Select((model, i) => new EnsembleMember<TModel>(joint.Names[i], model) { Weight = joint.Numbers?[i] })];
    }

    public static Aggregation Rule(Joint joint)
    {
        foreach ((Aggregation aggregation, string name) in _rules)
            if (name == joint.Rule) return aggregation;
        throw new ArgumentException($"Expected an aggregation of {string.Join(", ", _rules.Select(rule => rule.Name))}, got '{joint.Rule}'.");
    }
}
