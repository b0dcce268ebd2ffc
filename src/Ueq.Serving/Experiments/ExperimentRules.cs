using System.Text;
using Ueq.Registry;

namespace Ueq.Serving.Experiments;

/// <summary>What an experiment must be, wherever it was written down. Faults are <see cref="FormatException"/>s that begin with the key.</summary>
internal static class ExperimentRules
{
    public const int Most = 64;
    public const int MostArms = 16;
    public const int MostSaltBytes = 64;
    public const int MostReferenceBytes = 128;
    public const double MostWeight = 1e9;

    public static string NameOf(ExperimentKind kind) => kind switch
    {
        ExperimentKind.AB => "ab",
        ExperimentKind.Canary => "canary",
        _ => "shadow",
    };

    public static ExperimentKind? KindOf(string? name) => name switch
    {
        "ab" => ExperimentKind.AB,
        "canary" => ExperimentKind.Canary,
        "shadow" => ExperimentKind.Shadow,
        _ => null,
    };

    /// <summary>Checks what an experiment says by itself.</summary>
    public static void Check(ExperimentConfig experiment)
    {
        if (!ModelReference.IsName(experiment.Name)) throw new FormatException($"name: expected 1 to 64 letters, digits, dots, dashes and underscores, got \"{Short(experiment.Name)}\"");
        if (!Enum.IsDefined(experiment.Kind)) throw new FormatException($"kind: expected ab, canary or shadow, got {experiment.Kind}");
        CheckReference("model", experiment.Model);
        if (experiment.Salt is { } salt && (salt.Length == 0 || Encoding.UTF8.GetByteCount(salt) > MostSaltBytes)) throw new FormatException($"salt: expected 1 to {MostSaltBytes} bytes, got {(salt.Length == 0 ? "none" : "more")}");
        bool pair = experiment.Kind != ExperimentKind.AB;
        int arms = experiment.Arms.Count;
        if (pair ? arms != 2 : arms is < 2 or > MostArms)
            throw new FormatException(FormattableString.Invariant($"arms: expected {(pair ? $"two, since this is a {NameOf(experiment.Kind)}" : $"2 to {MostArms}")}, the control first, got {arms}"));
        foreach (ExperimentArm arm in experiment.Arms)
        {
            CheckReference("arms", arm.Reference);
            if (!(arm.Weight > 0 && arm.Weight <= MostWeight)) throw new FormatException(FormattableString.Invariant($"arms.{arm.Reference}: expected a weight above 0 and at most {MostWeight:0}, got {arm.Weight}"));
        }

        if (experiment.Arms.GroupBy(a => a.Reference).FirstOrDefault(g => g.Count() > 1) is { } twice) throw new FormatException($"arms.{twice.Key}: expected the arm once, got it twice");
        if (experiment.Kind == ExperimentKind.Shadow && experiment.Arms[1].Weight > 1)
            throw new FormatException(FormattableString.Invariant($"arms.{experiment.Arms[1].Reference}: expected the share of requests that the shadow computes, at most 1, got {experiment.Arms[1].Weight}"));
    }

    /// <summary>What several experiments say together.</summary>
    public static void Check(IReadOnlyList<ExperimentConfig> experiments)
    {
        if (experiments.Count > Most) throw new FormatException($"expected at most {Most} experiments, got {experiments.Count}");
        if (experiments.GroupBy(e => e.Name).FirstOrDefault(g => g.Count() > 1) is { } twice) throw new FormatException($"expected each name once, got {twice.Key} twice");
        if (experiments.Where(e => e.Enabled).GroupBy(e => e.Model).FirstOrDefault(g => g.Count() > 1) is { } both)
            throw new FormatException($"expected one enabled experiment per model, got {string.Join(" and ", both.Select(e => e.Name))} for {both.Key}");
    }

    /// <summary>What keeps the arms from being served; <c>null</c> when nothing does.</summary>
    public static string? Fault(ExperimentConfig experiment, ModelCatalog models)
    {
        if (models.Find(experiment.Model) is not { } asked) return Missing("model", experiment.Model, models);
        foreach (ExperimentArm arm in experiment.Arms)
        {
            if (models.Find(arm.Reference) is not { } served) return Missing($"arms.{arm.Reference}", arm.Reference, models);
            if (served.Version.Manifest.Task != asked.Version.Manifest.Task) return $"arms.{arm.Reference}: expected a model of the same task as {experiment.Model}, got one of another";
            if (served.Schema.Digest != asked.Schema.Digest) return $"arms.{arm.Reference}: expected the same columns as {experiment.Model}, got others";
            if (!(served.Version.Manifest.Classes ?? []).SequenceEqual(asked.Version.Manifest.Classes ?? [])) return $"arms.{arm.Reference}: expected the same classes as {experiment.Model}, got others";
        }

        return null;
    }

    private static string Missing(string key, string reference, ModelCatalog models) =>
        $"{key}: expected a model that is served, got \"{Short(reference)}\"; did you mean \"{Spelling.Nearest(reference, models.Served.Select(s => s.Key))}\"?";

    private static void CheckReference(string key, string? reference)
    {
        if (string.IsNullOrWhiteSpace(reference) || Encoding.UTF8.GetByteCount(reference) > MostReferenceBytes)
            throw new FormatException($"{key}: expected a reference of 1 to {MostReferenceBytes} bytes such as houses@challenger, got {(string.IsNullOrWhiteSpace(reference) ? "none" : "more")}");
    }

    private static string Short(string text) => JsonWords.Short(Encoding.UTF8.GetBytes(text));
}
