using System.Text.Json;

namespace Ueq.Monitoring.Tests.TwoSample;

public sealed class SciPyTests
{
    private static readonly JsonElement _fixture = Fixtures.Read("drift/scipy.json");
    private static readonly double _exactness = Fixtures.Exactness("drift/scipy.json");

    private static readonly Dictionary<string, (double[] A, double[] B)> _inputs = new()
    {
        ["close"] = (Wave(200, 0.7), Wave(150, 0.9, 0.3, 1.1, 0.05)),
        ["shifted"] = (Wave(60, 0.7), Wave(60, 0.9, 0.3, 1.0, 0.8)),
        ["equal_sizes"] = (Wave(100, 0.7), Wave(100, 1.3, 0.1)),
        ["small"] = (Wave(7, 0.7), Wave(6, 0.9, 0.3, 1.0, 0.4)),
        ["small_equal"] = (Wave(9, 1.7), Wave(9, 0.9, 0.3)),
        ["twenty"] = (Wave(20, 0.7), Wave(17, 1.9, 0.3, 1.2, 0.3)),
        ["ties"] = (Rounded(Wave(120, 0.7)), Rounded(Wave(90, 0.9, 0.3, 1.1, 0.1))),
        ["small_ties"] = ([1, 1, 2, 3, 3, 4], [2, 2, 3, 5, 5]),
        ["one_against_many"] = (Line(40, 0), [3.5]),
        ["far"] = (Line(50, 0), Line(40, 100)),
        ["same"] = (Line(30, 0), Line(30, 0)),
        ["coprime"] = (Wave(997, 0.7), Wave(501, 0.9, 0.3, 1.02, 0.01)),
        ["large"] = (Wave(30000, 0.7), Wave(20000, 0.9, 0.3, 1.01, 0.005)),
        ["large_shifted"] = (Wave(12000, 0.7), Wave(11000, 0.9, 0.3, 1.0, 0.05)),
    };

    public static TheoryData<string> Names => [.. _inputs.Keys];

    [Fact]
    public void EveryCaseOfTheFixtureIsTested() =>
        Assert.Equal(_fixture.GetProperty("cases").EnumerateObject().Select(c => c.Name).Order(), _inputs.Keys.Order());

    [Theory]
    [MemberData(nameof(Names))]
    public void ComparisonsAgreeWithSciPy(string name)
    {
        (double[] a, double[] b) = _inputs[name];
        JsonElement expected = _fixture.GetProperty("cases").GetProperty(name);
        SampleComparison c = SampleComparison.Of(a, b);
        Near("ks", c.Distances.KolmogorovSmirnov);
        Near("ks_asymptotic_p", SmirnovDistribution.Asymptotic(c.Distances.KolmogorovSmirnov, a.Length, b.Length));
        Near("wasserstein", c.Distances.Wasserstein);
        Near("energy", c.Distances.Energy);
        Near("ad", c.AndersonDarling.Statistic);
        Near("ad_p", c.AndersonDarling.PValue);
        Near("mwu", c.MannWhitney.Statistic);
        Near("mwu_p", c.MannWhitney.PValue);
        if (expected.GetProperty("ks_exact_p").ValueKind == JsonValueKind.Number)
        {
            Near("ks_exact_p", SmirnovDistribution.Exact(c.Distances.KolmogorovSmirnov, a.Length, b.Length));
            Near("ks_exact_p", c.KolmogorovSmirnov.PValue);
        }

        if (!expected.TryGetProperty("cvm", out _)) return;
        Near("cvm", c.CramerVonMises.Statistic);
        Near("cvm_asymptotic_p", CramerVonMisesDistribution.Asymptotic(c.CramerVonMises.Statistic, a.Length, b.Length));
        if (expected.TryGetProperty("cvm_exact_p", out _)) Near("cvm_exact_p", c.CramerVonMises.PValue);

        void Near(string figure, double actual) => Fixtures.Near(expected.GetProperty(figure).GetDouble(), actual, _exactness, $"{name} {figure}");
    }

    [Fact]
    public void SmallExactProbabilitiesKeepTheirDigits()
    {
        // Relative, not absolute: 1.1e-26 is not 0.
        double expected = _fixture.GetProperty("cases").GetProperty("far").GetProperty("ks_exact_p").GetDouble();
        Assert.InRange(SampleComparison.Of(_inputs["far"].A, _inputs["far"].B).KolmogorovSmirnov.PValue / expected, 1 - 1e-9, 1 + 1e-9);
    }

    [Fact]
    public void TheOneSampleTailAgreesWithSciPy()
    {
        foreach (JsonElement row in _fixture.GetProperty("kstwo_sf").EnumerateArray())
            Fixtures.Near(row[2].GetDouble(), KolmogorovDistribution.Tail(row[0].GetInt32(), row[1].GetDouble()), _exactness, row.ToString());
    }

    [Fact]
    public void ChiSquareCriticalValuesAgreeWithSciPy()
    {
        foreach (JsonElement row in _fixture.GetProperty("chi2_isf").EnumerateArray())
            Fixtures.Near(row[2].GetDouble(), ChiSquare.Critical(row[0].GetInt32(), row[1].GetDouble()), _exactness, row.ToString());
    }

    [Fact]
    public void TheLimitOfCramerAndVonMisesAgreesWithSciPy()
    {
        foreach (JsonElement row in _fixture.GetProperty("cvm_limit").EnumerateArray())
            Fixtures.Near(row[1].GetDouble(), CramerVonMisesDistribution.Limit(row[0].GetDouble()), 1e-7, row.ToString());
    }

    [Fact]
    public void TablesAgreeWithSciPy()
    {
        foreach (JsonElement row in _fixture.GetProperty("tables").EnumerateArray())
        {
            long[] a = [.. row.GetProperty("table")[0].Numbers().Select(v => (long)v)], b = [.. row.GetProperty("table")[1].Numbers().Select(v => (long)v)];
            Same(row.GetProperty("plain"), ContingencyTests.ChiSquare(a, b));
            Same(row.GetProperty("yates"), ContingencyTests.ChiSquare(a, b, Continuity.Yates));
            if (a.Length == 2) Same(row.GetProperty("fisher"), ContingencyTests.Fisher(a[0], a[1], b[0], b[1]));
        }

        static void Same(JsonElement expected, TestReading reading)
        {
            Fixtures.Near(expected[0].GetDouble(), reading.Statistic, _exactness);
            Fixtures.Near(expected[1].GetDouble(), reading.PValue, _exactness);
        }
    }

    [Fact]
    public void BenjaminiHochbergAgreesWithItsDefinition()
    {
        double[] p = _fixture.GetProperty("benjamini_hochberg").GetProperty("p_values").Numbers(), adjusted = new double[p.Length];
        FalseDiscovery.BenjaminiHochberg(p, adjusted);
        double[] expected = _fixture.GetProperty("benjamini_hochberg").GetProperty("adjusted").Numbers();
        for (int i = 0; i < p.Length; i++) Fixtures.Near(expected[i], adjusted[i], _exactness);
    }

    private static double[] Wave(int n, double step, double phase = 0, double scale = 1, double shift = 0) =>
        [.. Enumerable.Range(0, n).Select(i => scale * Math.Sin(step * i + phase) + shift)];

    private static double[] Rounded(double[] values) => [.. values.Select(v => Math.Round(v, 1))];

    private static double[] Line(int n, double start) => [.. Enumerable.Range(0, n).Select(i => start + i)];
}
