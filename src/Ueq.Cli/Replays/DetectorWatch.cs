using System.Globalization;
using System.Text.Json;
using Ueq.Monitoring;

namespace Ueq.Cli.Replays;

/// <summary>One classical detector per column: on values standardised by the reference, or on errors.</summary>
/// <remarks>Values that are missing or infinite are passed over. The detectors have river's settings and promise no rate of false alarms.</remarks>
internal sealed class DetectorWatch : IReplayWatch
{
    private static readonly Dictionary<string, Func<ulong, IDriftDetector>> _detectors = new(StringComparer.Ordinal)
    {
        ["adwin"] = _ => new Adwin(),
        ["page_hinkley"] = _ => new PageHinkley(),
        ["kswin"] = seed => new Kswin(new KswinOptions { Seed = seed }),
        ["ddm"] = _ => new Ddm(),
        ["hddm"] = _ => new HddmA(),
    };

    private readonly IReadOnlyList<string> _names;
    private readonly IDriftDetector[] _watched;
    private readonly ChartReference[] _references;
    private readonly ErrorRule[] _rules;
    private readonly LatestMean[] _latest;
    private readonly bool _errors;
    private readonly List<ReplayEvent> _events = [];
    private long _rows;

    public DetectorWatch(string name, IReadOnlyList<string> columns, DriftReference? reference, ulong seed)
    {
        _names = columns;
        _errors = LooksAtErrors(name);
        _watched = [.. columns.Select((_, c) => _detectors[name](seed + (ulong)c))];
        _references = [.. columns.Select((_, c) => Chart(_errors ? null : reference?.Signals[c].Summary))];
        _rules = [.. columns.Select((_, c) => reference is null ? ErrorRule.Declared : ErrorRule.From(reference.Signals[c]))];
        _latest = [.. columns.Select(_ => new LatestMean())];
    }

    /// <summary>The names of the detectors, as they are typed.</summary>
    public static IReadOnlyCollection<string> Names => _detectors.Keys;

    public double LogThreshold => double.NaN;

    /// <summary>Whether a detector looks at errors of 0 and 1 instead of values.</summary>
    public static bool LooksAtErrors(string name) => name is "ddm" or "hddm";

    public void Add(FeatureMatrix rows, DateTimeOffset at)
    {
        for (int row = 0; row < rows.Rows; row++)
        {
            _rows++;
            for (int c = 0; c < _watched.Length; c++)
            {
                float value = rows.Values[row * rows.Columns + c];
                if (!float.IsFinite(value)) continue;
                double input = _errors ? _rules[c].Of(value) : (value - _references[c].Mean) / _references[c].StandardDeviation;
                _latest[c].Add(input);
                if (_watched[c].Add(input) == DetectorState.Drift) _events.Add(Event(c));
            }
        }
    }

    public IEnumerable<ReplayEvent> TakeEvents()
    {
        ReplayEvent[] taken = [.. _events];
        _events.Clear();
        return taken;
    }

    public IReadOnlyList<ReplaySignal> Read() =>
        [.. _watched.Select((detector, c) => new ReplaySignal(_names[c], Name(detector.State), double.NaN, double.NaN))];

    public double FalseAlarms(long rows) => double.NaN;

    private ReplayEvent Event(int column)
    {
        (int count, double mean) = _latest[column].Read();
        string message = _errors
            ? string.Create(CultureInfo.InvariantCulture, $"{(_rules[column].IsDeclared ? "Errors" : "Values outside the middle of the reference")} of '{_names[column]}' have become more frequent: {100 * mean:0.#} % of the last {count}.")
            : string.Create(CultureInfo.InvariantCulture, $"'{_names[column]}' has changed: the mean of the last {count} values is {mean:+0.##;−0.##;0} standard deviations from the reference's.");
        return new ReplayEvent(_rows, _names[column], ReplayStep.Alarm, Name(DetectorState.Stable), Name(DetectorState.Drift), null, null, mean, double.NaN, message);
    }

    // A reference of one value has no unit: its values are taken as they are.
    private static ChartReference Chart(SampleSummary? summary) => summary is not { Count: > 0 } known ? new(0, 1)
        : new(known.Mean, known.StandardDeviation > 0 ? known.StandardDeviation : 1);

    private static string Name(DetectorState state) => JsonNamingPolicy.SnakeCaseLower.ConvertName(state.ToString());

    /// <summary>The mean of the latest hundred values.</summary>
    private sealed class LatestMean
    {
        private readonly double[] _values = new double[100];
        private long _count;

        public void Add(double value) => _values[_count++ % _values.Length] = value;

        public (int Count, double Mean) Read()
        {
            int count = (int)Math.Min(_count, _values.Length);
            return (count, _values.Take(count).Average());
        }
    }
}
