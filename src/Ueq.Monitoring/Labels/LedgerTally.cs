namespace Ueq.Monitoring;

/// <summary>What the labels of one ledger say, up to one of its sequence numbers.</summary>
internal sealed class LedgerTally(CoverageTolerance tolerance, CoverageOptions options)
{
    private readonly Dictionary<string, GroupTally> _groups = new(StringComparer.Ordinal);

    public long Sequence { get; private set; }

    public GroupTally All { get; } = new();

    /// <summary>Labels of groups beyond the most that are counted each on its own.</summary>
    public GroupTally OtherGroups { get; } = new();

    public IReadOnlyDictionary<string, GroupTally> Groups => _groups;

    public AlarmTrack Alarm { get; } = new(tolerance.LargestMiss, options.AlarmProbability, options.DwellLabels);

    public RealisedLosses Losses { get; } = new(options.RecentLabels);

    public LagSketch Lags { get; } = new();

    public HourCounts Hours { get; } = new();

    public long OtherCoverage { get; private set; }

    public double LogEvidenceOfFewer => _fewer.LogCapital;

    public DateTimeOffset LatestArrival { get; private set; }

    private CoverageBet _fewer = CoverageBet.OnFewer(tolerance.SmallestMiss);

    public void Add(in LabelledAnswer label, long sequence)
    {
        Sequence = sequence;
        LatestArrival = label.ArrivedAt > LatestArrival ? label.ArrivedAt : LatestArrival;
        Lags.Add(label.ArrivedAt - label.IssuedAt);
        Hours.Add(HourCounts.HourOf(label.IssuedAt), 1);
        Losses.AddPrediction(label.Y - label.Prediction);
        if (label.Coverage != tolerance.Nominal)
        {
            OtherCoverage++;
            return;
        }

        if (label.Answer is { IsBounded: true, IsEmpty: false }) Losses.AddAnswer(label.Answer, label.Y, tolerance.Nominal.Miss);
        Alarm.Add(label.Outcome, label.ArrivedAt);
        _fewer.Add(label.Outcome);
        All.Add(label);
        if (label.Group is not null) GroupOf(label.Group).Add(label);
    }

    public void Save(TallyWriter state)
    {
        state.Whole(Sequence);
        state.Whole(OtherCoverage);
        state.Time(LatestArrival);
        All.Save(state);
        OtherGroups.Save(state);
        state.Whole(_groups.Count);
        foreach ((string name, GroupTally group) in _groups)
        {
            state.Text(name);
            group.Save(state);
        }

        Alarm.Save(state);
        _fewer.Save(state);
        Losses.Save(state);
        Lags.Save(state);
        Hours.Save(state);
    }

    public void Restore(ref TallyReader state, string place)
    {
        Sequence = state.Count(place + ".sequence");
        OtherCoverage = state.Count(place + ".other_coverage");
        LatestArrival = state.Time(place + ".latest_arrival");
        All.Restore(ref state, place + ".all");
        OtherGroups.Restore(ref state, place + ".other_groups");
        long groups = state.Count(place + ".groups", 10_000);
        for (int i = 0; i < groups; i++)
        {
            string name = state.Text($"{place}.groups[{i}].name");
            GroupTally group = new();
            group.Restore(ref state, $"{place}.groups[{i}]");
            _groups[name] = group;
        }

        Alarm.Restore(ref state, place + ".alarm");
        _fewer.Restore(ref state, place + ".fewer");
        Losses.Restore(ref state, place + ".losses");
        Lags.Restore(ref state, place + ".lags");
        Hours.Restore(ref state, place + ".hours");
    }

    private GroupTally GroupOf(string name)
    {
        if (_groups.TryGetValue(name, out GroupTally? group)) return group;
        if (_groups.Count >= options.MostGroups) return OtherGroups;
        return _groups[name] = new GroupTally();
    }
}

/// <summary>Counts of the labels of one group.</summary>
internal sealed class GroupTally
{
    public long Labels { get; private set; }

    public long Misses { get; private set; }

    public long Unbounded { get; private set; }

    public void Add(in LabelledAnswer label)
    {
        Labels++;
        if (label.Outcome == LabelOutcome.Missed) Misses++;
        if (label.SaysNothing) Unbounded++;
    }

    public void Merge(GroupTally other)
    {
        Labels += other.Labels;
        Misses += other.Misses;
        Unbounded += other.Unbounded;
    }

    public void Save(TallyWriter state)
    {
        state.Whole(Labels);
        state.Whole(Misses);
        state.Whole(Unbounded);
    }

    public void Restore(ref TallyReader state, string place)
    {
        Labels = state.Count(place + ".labels");
        Misses = state.Count(place + ".misses", Labels);
        Unbounded = state.Count(place + ".unbounded", Labels);
    }
}
