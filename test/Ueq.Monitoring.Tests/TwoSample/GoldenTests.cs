using System.Text.Json;

namespace Ueq.Monitoring.Tests.TwoSample;

public sealed class GoldenTests
{
    private const string File = "drift/golden.json";
    private static readonly JsonElement _golden = Fixtures.Read("drift/golden.json");
    private static readonly double _exactness = Fixtures.Exactness(File);
    private static readonly double[] _a = [.. Enumerable.Range(0, 200).Select(i => Math.Sin(0.7 * i) * 2 + 0.01 * i)];
    private static readonly double[] _b = [.. Enumerable.Range(0, 150).Select(i => Math.Sin(0.9 * i + 0.3) * 2.3 + 0.01 * i + 0.25)];

    [Fact]
    public void OrderStatisticsAreThePublishedOnes()
    {
        SampleComparison c = SampleComparison.Of(_a, _b);
        Pair("ks_exact", c.KolmogorovSmirnov);
        Assert.Equal(PValueMethod.Exact, c.KolmogorovSmirnov.Method);
        Near(_golden.GetProperty("ks_asymp")[1].GetDouble(), SmirnovDistribution.Asymptotic(c.Distances.KolmogorovSmirnov, 200, 150));
        Pair("cvm_asymp", c.CramerVonMises);
        Near(_golden.GetProperty("ad_ksamp_midrank")[0].GetDouble(), c.AndersonDarling.Statistic);
        Near(_golden.GetProperty("ad_ksamp_midrank")[2].GetDouble(), c.AndersonDarling.PValue);
        Near(_golden.GetProperty("w1").GetDouble(), c.Distances.Wasserstein);
        Near(_golden.GetProperty("w1_over_sd_ref_ddof0").GetDouble(), c.WassersteinScaled);
        Pair("mwu_asymp", c.MannWhitney);
    }

    [Fact]
    public void BinnedFiguresAreThePublishedOnes()
    {
        double[] a = [.. _a.Order()], b = [.. _b.Order()];
        QuantileBins bins = new(a);
        long[] then = new long[bins.Count], now = new long[bins.Count];
        bins.CountSorted(a, then);
        bins.CountSorted(b, now);
        Assert.Equal(_golden.GetProperty("decile_counts")[0].Numbers(), then.Select(c => (double)c));
        Assert.Equal(_golden.GetProperty("decile_counts")[1].Numbers(), now.Select(c => (double)c));
        BinnedComparison c = BinnedComparison.Of(then, now);
        Near(_golden.GetProperty("psi_deciles_ref_type7_quantiles").GetDouble(), c.Psi);
        Near(_golden.GetProperty("js_distance_nat").GetDouble(), c.JensenShannon);
        Near(_golden.GetProperty("kl_p_q_nat").GetDouble(), c.KullbackLeibler);
        Near(_golden.GetProperty("tvd").GetDouble(), c.TotalVariation);
    }

    [Fact]
    public void TablesAreThePublishedOnes()
    {
        Pair("chi2_2x3_[[30,50,20],[25,40,35]]", ContingencyTests.ChiSquare([30, 50, 20], [25, 40, 35]));
        Pair("chi2_2x2_yates_[[30,50],[45,40]]", ContingencyTests.ChiSquare([30, 50], [45, 40], Continuity.Yates));
        Pair("fisher_[[8,2],[1,5]]", ContingencyTests.Fisher(8, 2, 1, 5));
    }

    [Fact]
    public void TheLimitOfKolmogorovIsThePublishedOne()
    {
        // At a million rows the exact distribution is the limit, up to 1/(6√n) in the argument.
        foreach (JsonProperty pair in _golden.GetProperty("kstwobign_sf").EnumerateObject())
        {
            double z = double.Parse(pair.Name, System.Globalization.CultureInfo.InvariantCulture), root = Math.Sqrt(1_000_000);
            Fixtures.Near(pair.Value.GetDouble(), KolmogorovDistribution.Tail(1_000_000, (z - 1 / (6 * root)) / root), 2e-6, pair.Name);
        }
    }

    private static void Pair(string name, TestReading reading)
    {
        Near(_golden.GetProperty(name)[0].GetDouble(), reading.Statistic);
        Near(_golden.GetProperty(name)[1].GetDouble(), reading.PValue);
    }

    private static void Near(double expected, double actual) => Fixtures.Near(expected, actual, _exactness);
}
