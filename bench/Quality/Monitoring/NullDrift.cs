using System.Globalization;
using System.Text;
using Ueq.Cli.Drift;

namespace Ueq.Bench.Quality.Monitoring;

/// <summary>What <c>ueq drift</c> decides, by its own code, about two tables of one distribution.</summary>
internal static class NullDrift
{
    private const int Columns = 10;
    private const string Test = "5 % of all tables";

    public static readonly NullSubject[] All =
    [
        .. new[] { 200, 1000, 5000 }.Select(rows => OneColumn(string.Create(CultureInfo.InvariantCulture, $"ueq drift, {rows:N0} rows now"), $"{Test}, each of one column of numbers.", rows, Numbers)),
        OneColumn("ueq drift, missing values", $"{Test} of 1,000 rows now, each of one column of numbers with a tenth missing.", 1000, WithMissing),
        OneColumn("ueq drift, categories", $"{Test} of 1,000 rows now, each of one column of texts: values rounded to whole numbers.", 1000, Texts),
        new("ueq drift, ten columns", $"{Test} of 200 rows now have a drifted column, of ten.", DriftRule.Standard.FalseDiscoveryRate, (source, reference, run) =>
        {
            IEnumerable<ColumnDrift> columns = Enumerable.Range(0, Columns).Select(c => Compare(source, reference, 200, Columns * run + c, Numbers));
            return new NullCount(1, ColumnDrift.Judge([.. columns], DriftRule.Standard).Any(c => c.Drifted) ? 1 : 0);
        })
        { Streams = Source.Few },
        new("ueq drift, PSI", "PSI of 1,000 rows now is above what it calls chance in 5 % of tables; no drift is decided by it.", 0.05, (source, reference, run) =>
        {
            ColumnDrift column = Compare(source, reference, 1000, run, Numbers);
            return new NullCount(1, column.Psi > column.Binned!.Value.PsiCritical ? 1 : 0);
        }),
    ];

    private delegate ColumnSample Fill(double[] values, ref Rng rng);

    private static NullSubject OneColumn(string name, string says, int rows, Fill fill) => new(
        name, says, DriftRule.Standard.FalseDiscoveryRate, (source, reference, run) =>
            new NullCount(1, ColumnDrift.Judge([Compare(source, reference, rows, run, fill)], DriftRule.Standard)[0].Drifted ? 1 : 0));

    private static ColumnDrift Compare(Source source, int reference, int rows, int run, Fill fill)
    {
        (double[] then, double[] now) = source.Values(reference, rows, run);
        Rng rng = Rng.Stream(20261127, (ulong)run);
        ColumnSample before = fill(then, ref rng), after = fill(now, ref rng);
        ColumnKind kind = new("value");
        kind.Decide(before.Texts.Count > 0 ? ["value"] : []);
        return ColumnDrift.Of(kind, before, after);
    }

    private static ColumnSample Numbers(double[] values, ref Rng rng)
    {
        ColumnSample sample = new() { Rows = values.Length };
        sample.Numbers.AddRange(values);
        return sample;
    }

    private static ColumnSample WithMissing(double[] values, ref Rng rng)
    {
        ColumnSample sample = new() { Rows = values.Length };
        foreach (double value in values)
        {
            if (rng.NextUniform() < 0.1) sample.Missing++;
            else sample.Numbers.Add(value);
        }

        return sample;
    }

    private static ColumnSample Texts(double[] values, ref Rng rng)
    {
        ColumnSample sample = new() { Rows = values.Length };
        foreach (double value in values) sample.AddText(Encoding.UTF8.GetBytes(value.ToString("0", CultureInfo.InvariantCulture)));
        return sample;
    }
}
