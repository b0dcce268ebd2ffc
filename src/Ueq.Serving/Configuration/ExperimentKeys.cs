using System.Globalization;
using Ueq.Serving.Experiments;

namespace Ueq.Serving.Configuration;

/// <summary>The key <c>experiments</c>: a list of mappings, so a file alone can hold it.</summary>
internal static class ExperimentKeys
{
    private static readonly string[] Names = ["name", "kind", "model", "arms", "salt", "enabled"];

    public static IReadOnlyList<ConfigKey> All { get; } =
    [
        new("experiments", (c, v) => c with { Experiments = Read(v) }, c => c.Experiments.Count == 0 ? new() : new() { Parts = [.. c.Experiments.Select(Write)] }) { Effect = ConfigEffect.Live },
    ];

    private static ExperimentConfig[] Read(ConfigValue value)
    {
        if (value.IsNull || value.Items is { Count: 0 }) return [];
        ExperimentConfig[] experiments = [.. (value.Parts ?? throw value.Bad("a list of experiments, each with name, kind, model and arms, in a file")).Select(ReadOne)];
        ExperimentRules.Check(experiments);
        return experiments;
    }

    private static ExperimentConfig ReadOne(IReadOnlyDictionary<string, ConfigValue> part, int index)
    {
        string place = index.ToString(CultureInfo.InvariantCulture);
        foreach (string key in part.Keys.Except(Names)) throw new ConfigEntryException($"{place}/{key}", $"unknown key \"{key}\"; did you mean \"{Spelling.Nearest(key, Names)}\"?");
        try
        {
            ExperimentConfig experiment = new()
            {
                Name = Word(part, "name", "a name"),
                Kind = ExperimentRules.KindOf(Need(part, "kind").Text) ?? throw At("kind", Need(part, "kind").Bad("ab, canary or shadow")),
                Model = Word(part, "model", "a reference such as houses"),
                Arms = ReadArms(Need(part, "arms")),
                Salt = part.TryGetValue("salt", out ConfigValue? salt) ? Try("salt", () => salt.Path("1 to 64 bytes, or nothing")) : null,
                Enabled = !part.TryGetValue("enabled", out ConfigValue? enabled) || Try("enabled", () => enabled.Flag()),
            };
            ExperimentRules.Check(experiment);
            return experiment;
        }
        catch (FormatException bad)
        {
            // The rules begin with the key that is to blame.
            string key = bad.Message.Split(':', '.')[0];
            throw new ConfigEntryException(part.ContainsKey(key) ? $"{place}/{key}" : place, bad.Message);
        }
    }

    private static ExperimentArm[] ReadArms(ConfigValue value) =>
        [.. (value.Entries ?? throw At("arms", value.Bad("a mapping of references to weights, the control first"))).Select(arm => new ExperimentArm(
            arm.Key, double.TryParse(arm.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double weight) ? weight : throw new FormatException($"arms.{arm.Key}: expected a weight above 0, got {arm.Value}")))];

    private static ConfigValue Need(IReadOnlyDictionary<string, ConfigValue> part, string key) =>
        part.TryGetValue(key, out ConfigValue? value) ? value : throw new FormatException($"{key}: expected the key, got none");

    private static string Word(IReadOnlyDictionary<string, ConfigValue> part, string key, string expected)
    {
        ConfigValue value = Need(part, key);
        return Try(key, () => value.Word(expected));
    }

    private static T Try<T>(string key, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (FormatException bad)
        {
            throw At(key, bad);
        }
    }

    private static FormatException At(string key, FormatException bad) => new($"{key}: {bad.Message}");

    private static Dictionary<string, ConfigValue> Write(ExperimentConfig experiment)
    {
        Dictionary<string, ConfigValue> part = new()
        {
            ["name"] = ConfigValue.Of(experiment.Name),
            ["kind"] = ConfigValue.Plain(ExperimentRules.NameOf(experiment.Kind)),
            ["model"] = ConfigValue.Of(experiment.Model),
            ["arms"] = new() { Entries = Arms(experiment) },
            ["enabled"] = ConfigValue.Of(experiment.Enabled),
        };
        if (experiment.Salt is not null) part["salt"] = ConfigValue.Of(experiment.Salt);
        return part;
    }

    // Written in their order. What is written twice is checked as such when it is read.
    private static Dictionary<string, string> Arms(ExperimentConfig experiment)
    {
        Dictionary<string, string> arms = [];
        foreach (ExperimentArm arm in experiment.Arms)
            if (!arms.TryAdd(arm.Reference, arm.Weight.ToString("R", CultureInfo.InvariantCulture))) throw new FormatException($"arms.{arm.Reference}: expected the arm once, got it twice");
        return arms;
    }
}
