using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;
using Ueq.Cli.Replays;
using Ueq.Monitoring;

namespace Ueq.Cli.Output;

/// <summary>What ueq monitor prints: the alarms with their rows, and a summary; the same figures as one JSON document.</summary>
internal static class ReplayReport
{
    private const int MostTexts = 6;
    private static readonly double _logOfTen = Math.Log(10);

    public static void Print(Terminal terminal, ReplayPlan plan, ReplayResult result, IReadOnlyList<string> pictures)
    {
        CultureInfo plain = CultureInfo.InvariantCulture;
        TextWriter output = terminal.Output;
        foreach (ReplayEvent one in result.Events.Kept.Where(one => one.Step != ReplayStep.Other))
        {
            string at = one.At is { } time ? string.Create(plain, $" ({time:yyyy-MM-dd HH:mm})") : "";
            terminal.Wrap(string.Create(plain, $"row {one.Row:#,##0}{at}: {Word(one.Step)} {one.Message}"));
        }

        if (result.Events.LeftOut > 0) output.WriteLine(string.Create(plain, $"{result.Events.LeftOut:#,##0} further events are counted and not shown."));
        PrintSignals(terminal, result);
        terminal.Wrap(string.Create(plain, $"{Count(result.Rows, "row")} (the first after the header is row 1), {Count(result.Columns.Names.Count, "signal")}: {Count(result.Events.Alarms, "alarm")}, {Count(result.Events.Recoveries, "recovery", "recoveries")}."));
        double promised = result.Watch.FalseAlarms(result.Rows);
        terminal.Wrap(double.IsNaN(promised)
            ? $"{plan.Detector} promises no rate of false alarms; sr does."
            : string.Create(plain, $"At most {Figure(promised)} false alarms are to be expected in so many rows without any change{Voided(result)}."));
        for (int c = 0; c < result.Columns.Names.Count; c++)
        {
            if (result.Missing[c] > 0) output.WriteLine(string.Create(plain, $"{result.Columns.Names[c]}: {result.Missing[c]:#,##0} missing values."));
            if (result.Columns.Texts(c) is { } texts)
                terminal.Wrap($"{result.Columns.Names[c]} is text: {string.Join(", ", texts.Take(MostTexts).Select((text, i) => $"{i} is '{text}'"))}{(texts.Count > MostTexts ? $" and {texts.Count - MostTexts} more" : "")}.");
        }

        foreach (string picture in pictures) terminal.Say($"Wrote {picture}");
    }

    public static void PrintJson(Terminal terminal, ReplayPlan plan, ReplayResult result, IReadOnlyList<string> pictures, WatchOptions? options)
    {
        JsonArray signals = [];
        IReadOnlyList<ReplaySignal> ends = result.Watch.Read();
        for (int c = 0; c < ends.Count; c++)
        {
            (long alarms, long first) = result.Events.AlarmsBySignal.GetValueOrDefault(ends[c].Name);
            signals.Add((JsonNode)new JsonObject
            {
                ["signal"] = ends[c].Name,
                ["state"] = ends[c].State,
                ["alarms"] = alarms,
                ["first_alarm_row"] = alarms > 0 ? first : null,
                ["missing"] = result.Missing[c],
                ["log10_evidence"] = Json.Number(ends[c].LogEvidence / _logOfTen),
                ["autocorrelation"] = Json.Number(ends[c].Autocorrelation),
                ["texts"] = result.Columns.Texts(c) is { } texts ? new JsonArray([.. texts.Select(text => (JsonNode)text)]) : null,
            });
        }

        Json.Print(terminal, new JsonObject
        {
            ["detector"] = plan.Detector,
            ["rows"] = result.Rows,
            ["signals"] = signals,
            ["alarms"] = result.Events.Alarms,
            ["recoveries"] = result.Events.Recoveries,
            ["expected_false_alarms"] = Json.Number(result.Watch.FalseAlarms(result.Rows)),
            ["log10_threshold"] = Json.Number(result.Watch.LogThreshold / _logOfTen),
            ["false_alarms_per_year"] = options?.FalseAlarmsPerYear,
            ["observations_per_year"] = options?.ObservationsPerYear,
            ["events"] = new JsonArray([.. result.Events.Kept.Select(one => (JsonNode)Event(one))]),
            ["events_left_out"] = result.Events.LeftOut,
            ["plots"] = new JsonArray([.. pictures.Select(picture => (JsonNode)picture)]),
        });
    }

    private static JsonObject Event(ReplayEvent one)
    {
        JsonObject document = new()
        {
            ["row"] = one.Row,
            ["signal"] = one.Signal,
            ["event"] = one.Step switch { ReplayStep.Alarm => "alarm", ReplayStep.Recovered => "recovered", ReplayStep.Void => "void", _ => one.To },
            ["from"] = one.From,
            ["to"] = one.To,
            ["at"] = one.At?.ToString("O", CultureInfo.InvariantCulture),
        };
        if (one.Effect is { } effect)
        {
            document["effect"] = new JsonObject
            {
                ["count"] = effect.Count,
                ["ks"] = Json.Number(effect.KS),
                ["ks_lower"] = Json.Number(effect.KSLower),
                ["wasserstein_scaled"] = Json.Number(effect.Wasserstein),
                ["psi"] = Json.Number(effect.Psi),
                ["psi_critical"] = Json.Number(effect.PsiCritical),
                ["jensen_shannon"] = Json.Number(effect.JensenShannon),
            };
        }

        else
        {
            document["effect"] = new JsonObject { ["mean_shift"] = Json.Number(one.MeanShift) };
        }

        document["log10_evidence"] = Json.Number(one.LogEvidence / _logOfTen);
        document["message"] = one.Message;
        return document;
    }

    private static void PrintSignals(Terminal terminal, ReplayResult result)
    {
        const int Longest = 30;
        Table table = new Table().Border(TableBorder.Simple);
        table.AddColumn(new TableColumn("signal").PadLeft(0).PadRight(0).NoWrap());
        foreach (string heading in (string[])["alarms", "first at row", "state at the end"]) table.AddColumn(new TableColumn(heading).RightAligned().PadLeft(0).PadRight(0).NoWrap());
        foreach (ReplaySignal signal in result.Watch.Read())
        {
            (long alarms, long first) = result.Events.AlarmsBySignal.GetValueOrDefault(signal.Name);
            string name = signal.Name.Length <= Longest ? signal.Name : signal.Name[..(Longest - 1)] + "…";
            table.AddRow(Markup.Escape(name), Number(alarms), alarms > 0 ? Number(first) : "–", signal.State);
        }

        terminal.Answers.Write(table);
    }

    private static string Word(ReplayStep step) => step switch
    {
        ReplayStep.Alarm => "ALARM.",
        ReplayStep.Recovered => "Recovered.",
        _ => "Void.",
    };

    private static string Voided(ReplayResult result)
    {
        int voided = result.Watch.Read().Count(signal => signal.State == "void");
        return voided == 0 ? "" : $"; nothing is promised for the {Count(voided, "signal")} in state void";
    }

    private static string Count(long count, string one, string? many = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:#,##0} {(count == 1 ? one : many ?? one + "s")}");

    // Two digits of a small figure, which is never nothing.
    private static string Figure(double value) => value.ToString(value >= 1 ? "#,##0.#" : "G2", CultureInfo.InvariantCulture);

    private static string Number(long value) => value.ToString("#,##0", CultureInfo.InvariantCulture);
}
