using Ueq.Client;

namespace Ueq.Samples;

/// <summary>What a client asks of a service of the diabetes data.</summary>
public static class ClientCalls
{
    /// <summary>Predicts a patient, sends the truth, and predicts a file.</summary>
    public static async Task Run(IReadOnlyList<Uri> addresses, string csvFile, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        using UeqClient client = new(addresses);

        PredictAnswer answer = await client.PredictAsync(
            [[59, 2, 32.1, 101, 157, 93.2, 38, 4, 4.8598, 87]], new PredictOptions { Coverage = 0.95, Receipts = true });
        PredictedInterval interval = answer.Intervals[0];
        output.WriteLine(FormattableString.Invariant($"{answer.Predictions[0]:0} in {interval.Lower:0} … {interval.Upper:0}, 95 % of the time"));

        FeedbackAnswer kept = await client.FeedbackAsync([new Label(answer.Receipts[0], 151)]);
        output.WriteLine($"{kept.Accepted} label accepted, {kept.Rejected.Count} rejected");

        long inside = 0, rows = 0;
        await using FileStream file = File.OpenRead(csvFile);
        await foreach (RowAnswer row in client.PredictCsvAsync(file, new LargeOptions { RowsPerRequest = 100 }))
        {
            rows++;
            if (row.Interval is { IsBounded: true }) inside++;
            if (row.Error is not null) output.WriteLine($"row {row.Row}: {row.Error}");
        }

        output.WriteLine($"{inside} of {rows} rows have bounded intervals");

        // A bad request is not repeated and says what was wrong.
        try
        {
            await client.PredictAsync([[59, 2]]);
        }
        catch (UeqClientException refused) when (!refused.IsTransient)
        {
            output.WriteLine($"status {(int?)refused.Status}: {refused.Error}");
        }
    }

    /// <summary>A client of three replicas that asks a second one when the first is slow.</summary>
    public static UeqClient Replicas() => new(
        [new Uri("http://10.0.0.1:5000"), new Uri("http://10.0.0.2:5000"), new Uri("http://10.0.0.3:5000")],
        new UeqClientOptions
        {
            Balancing = Balancing.TwoChoices,
            AttemptTimeout = TimeSpan.FromSeconds(2),
            TotalTimeout = TimeSpan.FromSeconds(10),
            HedgeAfter = TimeSpan.FromMilliseconds(50),
            Headers = new Dictionary<string, string> { ["Authorization"] = "Bearer …" },
        });
}
