using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Ueq.Monitoring;
using Ueq.Storage;

namespace Ueq.Serving.Endpoints;

/// <summary><c>/experiments</c>: which there are, what their labels have shown, and how they are changed.</summary>
internal sealed class ExperimentsEndpoint(StoreKeeper keeper, ExperimentDesk desk, ExperimentKeeper experiments)
{
    private const int Buckets = Assignment.Buckets;

    public async Task List(HttpContext http)
    {
        AdminCall.RequireQuery(http);
        IReadOnlyList<ExposureRecord> exposures = await Exposures(http);
        await JsonAnswers.Write(http, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("experiments");
            foreach (KnownExperiment known in desk.Known) ExperimentJson.Write(json, known, exposures, null);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    public Task Show(HttpContext http)
    {
        AdminCall.RequireQuery(http);
        return Answer(http, StatusCodes.Status200OK, Name(http));
    }

    public async Task Create(HttpContext http)
    {
        AdminCall.RequireLocal(http);
        JsonElement body = await AdminCall.Object(http);
        ExperimentConfig experiment = Said(() => ExperimentJson.Read(body, "who"));
        KnownExperiment made = await desk.CreateAsync(experiment, Who(http, body), http.RequestAborted);
        await Answer(http, StatusCodes.Status201Created, made.Config.Name);
    }

    public async Task Weigh(HttpContext http)
    {
        AdminCall.RequireLocal(http);
        JsonElement body = await Body(http, "arms", "who");
        ExperimentArm[] arms = Said(() => ExperimentJson.ReadArms(body));
        await Change(http, body, "weigh_experiment", experiment => Said(() =>
        {
            Dictionary<string, double> weights = [];
            foreach (ExperimentArm arm in arms)
            {
                if (experiment.Arms.All(a => a.Reference != arm.Reference))
                    throw new FormatException($"arms.{arm.Reference}: expected an arm of {experiment.Name}; did you mean \"{Spelling.Nearest(arm.Reference, experiment.Arms.Select(a => a.Reference))}\"?");
                weights[arm.Reference] = arm.Weight;
            }

            ExperimentConfig next = experiment with { Arms = [.. experiment.Arms.Select(a => weights.TryGetValue(a.Reference, out double weight) ? a with { Weight = weight } : a)] };
            ExperimentRules.Check(next);
            return next;
        }));
    }

    public async Task Stop(HttpContext http)
    {
        AdminCall.RequireLocal(http);
        await Change(http, await Body(http, "who"), "stop_experiment", experiment => experiment with { Enabled = false });
    }

    public async Task Start(HttpContext http)
    {
        AdminCall.RequireLocal(http);
        await Change(http, await Body(http, "who"), "start_experiment", experiment => experiment with { Enabled = true });
    }

    private static string Name(HttpContext http) => (string)http.Request.RouteValues["name"]!;

    private static async Task<JsonElement> Body(HttpContext http, params string[] known)
    {
        JsonElement body = await AdminCall.Object(http);
        foreach (JsonProperty property in body.EnumerateObject())
            if (!known.Contains(property.Name)) throw RefusalException.BadRequest($"$.{property.Name}: unknown key; did you mean \"{Spelling.Nearest(property.Name, known)}\"?");
        return body;
    }

    private static string Who(HttpContext http, JsonElement body) => AdminCall.Who(http, "$.who", body.TryGetProperty("who", out _) ? Said(() => ExperimentJson.Text(body, "who")) : null);

    private static T Said<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (FormatException bad)
        {
            throw RefusalException.BadRequest($"$.{bad.Message}");
        }
    }

    private async Task Change(HttpContext http, JsonElement body, string action, Func<ExperimentConfig, ExperimentConfig> change)
    {
        KnownExperiment changed = await desk.ChangeAsync(Name(http), action, Who(http, body), change, http.RequestAborted);
        await Answer(http, StatusCodes.Status200OK, changed.Config.Name);
    }

    private async Task Answer(HttpContext http, int status, string name)
    {
        KnownExperiment known = desk.Find(name) ?? throw desk.NoSuch(name);
        IReadOnlyList<ExposureRecord> exposures = await Exposures(http);
        ExperimentConfig experiment = known.Config;
        IReadOnlyList<StoredOutcome> outcomes = await keeper.UseAsync(store => store.ListOutcomesAsync(experiment.Name, http.RequestAborted));
        ArmOutcomes[] arms = [.. experiment.Arms.Select(arm => Of(arm.Reference, outcomes))];
        ArmPairing pairing = experiment.Kind == ExperimentKind.Shadow ? ArmPairing.SameRows : ArmPairing.RowsOfTheirOwn;
        IReadOnlyList<ArmReading> readings = ExperimentAnalysis.Read(arms, experiments.TaskOf(experiment), pairing);
        await JsonAnswers.Write(http, status, json => ExperimentJson.Write(json, known, exposures, readings));
    }

    private static ArmOutcomes Of(string arm, IReadOnlyList<StoredOutcome> outcomes)
    {
        OutcomeSums[] buckets = new OutcomeSums[Buckets];
        foreach (StoredOutcome outcome in outcomes.Where(o => o.Arm == arm)) buckets[outcome.Bucket] = outcome.Sums;
        return new ArmOutcomes(arm, buckets);
    }

    private async Task<IReadOnlyList<ExposureRecord>> Exposures(HttpContext http)
    {
        await experiments.FlushAsync(http.RequestAborted);
        return await keeper.UseAsync(store => store.ListExposuresAsync(http.RequestAborted));
    }
}
