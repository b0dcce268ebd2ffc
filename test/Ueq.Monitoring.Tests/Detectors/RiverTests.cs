using System.Globalization;
using System.Text.Json;

namespace Ueq.Monitoring.Tests.Detectors;

public sealed class RiverTests
{
    private static readonly JsonElement _fixture = Fixtures.Read("drift/river.json");

    private static readonly Dictionary<string, Func<IDriftDetector>> _detectors = new()
    {
        ["adwin"] = () => new Adwin(),
        ["page_hinkley"] = () => new PageHinkley(),
        ["page_hinkley_up"] = () => new PageHinkley(new() { Direction = DriftDirection.Up }),
        ["page_hinkley_down"] = () => new PageHinkley(new() { Direction = DriftDirection.Down }),
        ["page_hinkley_both"] = () => new PageHinkley(new() { Direction = DriftDirection.Both }),
        ["cusum"] = () => new Cusum(),
        ["ddm"] = () => new Ddm(),
        ["hddm_a"] = () => new HddmA(),
        ["hddm_a_both"] = () => new HddmA(new() { Direction = DriftDirection.Both }),
        ["hddm_w"] = () => new HddmW(),
        ["hddm_w_both"] = () => new HddmW(new() { Direction = DriftDirection.Both }),
    };

    private static readonly Dictionary<string, AdwinOptions> _adwins = new()
    {
        ["default"] = new(),
        ["every_value"] = new() { Clock = 1 },
        ["narrow"] = new() { Delta = 0.2, Clock = 7, MostBuckets = 2, ShortestWindow = 1, GracePeriod = 100 },
        ["wide"] = new() { Delta = 0.0001, MostBuckets = 12 },
    };

    public static TheoryData<string> Rows => [.. _fixture.GetProperty("rows").EnumerateObject().Select(row => row.Name)];

    public static TheoryData<string> Adwins => [.. _fixture.GetProperty("adwin").EnumerateObject().Select(row => row.Name)];

    [Theory]
    [MemberData(nameof(Rows))]
    public void DetectionsAreRivers(string name)
    {
        Assert.Equal(0, Fixtures.Exactness("drift/river.json"));
        string[] parts = name.Split(' ');
        IDriftDetector detector = _detectors[parts[0]]();
        List<int> drifts = [], warnings = [];
        string stream = _fixture.GetProperty("streams").GetProperty(parts[1]).GetString()!;
        for (int i = 0; i < stream.Length; i++)
        {
            DetectorState state = detector.Add(stream[i] - '0');
            if (state == DetectorState.Drift) drifts.Add(i);
            else if (state == DetectorState.Warning) warnings.Add(i);
        }

        JsonElement expected = _fixture.GetProperty("rows").GetProperty(name);
        Assert.Equal(expected.GetProperty("drifts").EnumerateArray().Select(row => row.GetInt32()), drifts);
        Assert.Equal(expected.GetProperty("warnings").EnumerateArray().Select(row => row.GetInt32()), warnings);
    }

    [Theory]
    [MemberData(nameof(Adwins))]
    public void TheWindowOfAdwinIsRiversToTheLastBit(string name)
    {
        string[] parts = name.Split(' ');
        Adwin detector = new(_adwins[parts[0]]);
        JsonElement expected = _fixture.GetProperty("adwin").GetProperty(name);
        List<int> drifts = [];
        Queue<JsonElement> states = new(expected.GetProperty("states").EnumerateArray());
        double[] stream = Streams(parts[1]);
        for (int i = 0; i < stream.Length; i++)
        {
            if (detector.Add(stream[i]) == DetectorState.Drift) drifts.Add(i);
            if (states.Count == 0 || states.Peek()[0].GetInt32() != i) continue;
            JsonElement state = states.Dequeue();
            Assert.Equal(state[1].GetInt64(), detector.Count);
            Assert.Equal(Hexadecimal(state[2].GetString()!), detector.Total);
            Assert.Equal(Hexadecimal(state[3].GetString()!), detector.SquaredDeviations);
        }

        Assert.Empty(states);
        Assert.Equal(expected.GetProperty("rows").EnumerateArray().Select(row => row.GetInt32()), drifts);
    }

    [Fact]
    public void AWindowOfOneBucketASizeForgetsWholeBucketsOnly()
    {
        Adwin detector = new(new() { Delta = 0.5, Clock = 1, MostBuckets = 1, ShortestWindow = 1, GracePeriod = 0 });
        double[] stream = Segments(4, [.. Enumerable.Range(0, 12).Select(i => (i % 2 * 100.0, 50.0, 333))]);
        int drifts = 0;
        foreach (double value in stream)
        {
            if (detector.Add(value) == DetectorState.Drift) drifts++;
            Assert.InRange(detector.Count, 1, stream.Length);
            Assert.InRange(detector.Mean, stream.Min(), stream.Max());
        }

        Assert.True(drifts >= 11);
    }

    private static double[] Streams(string name) => name switch
    {
        "steps" => Segments(1, (0.2, 0.3, 3000), (0.5, 0.3, 2000), (0.45, 0.3, 5000), (0.45, 1.0, 3000), (-3.0, 0.3, 500), (0.2, 0.3, 1500)),
        "still" => Segments(2, (0.5, 1.0, 20000)),
        _ => [.. Segments(3, (0.0, 1.0, 10000)).Select((x, i) => x + 0.0001 * i)],
    };

    private static double[] Segments(uint seed, params (double Mean, double Spread, int Length)[] parts)
    {
        List<double> values = [];
        foreach ((double mean, double spread, int length) in parts)
        {
            for (int i = 0; i < length; i++)
            {
                double a = (seed = seed * 1664525 + 1013904223) / 4294967296.0, b = (seed = seed * 1664525 + 1013904223) / 4294967296.0;
                values.Add(mean + spread * (a + b - 1));
            }
        }

        return [.. values];
    }

    /// <summary>A number as Python writes it: 0x1.8p+3.</summary>
    private static double Hexadecimal(string text)
    {
        int sign = text[0] == '-' ? -1 : 1, from = sign < 0 ? 3 : 2, power = text.IndexOf('p', StringComparison.Ordinal), point = text.IndexOf('.', StringComparison.Ordinal);
        ulong whole = ulong.Parse(text[from..point] + text[(point + 1)..power], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        int exponent = int.Parse(text[(power + 1)..], CultureInfo.InvariantCulture) - 4 * (power - point - 1);
        return sign * Math.ScaleB(whole, exponent);
    }
}
