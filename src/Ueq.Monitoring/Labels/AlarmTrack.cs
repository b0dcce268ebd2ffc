namespace Ueq.Monitoring;

/// <summary>The evidence against the promised coverage, and the alarm that follows from it.</summary>
/// <remarks>
/// The bet runs on through an alarm. A fresh one, begun at the alarm, decides about its end: the misses must have become tolerable
/// over at least as many labels as it took to notice that they were not.
/// </remarks>
internal sealed class AlarmTrack(double missRate, double alarmProbability, int dwell)
{
    private readonly double _threshold = -Math.Log(alarmProbability);
    private CoverageBet _bet = CoverageBet.OnMore(missRate), _fresh = CoverageBet.OnMore(missRate);
    private double _lowest;
    private long _labels, _misses, _lowestAt, _lowestMisses, _freshMisses, _noticed;
    private DateTimeOffset _lowestTime;

    public double LogEvidence => _bet.LogCapital;

    public double LogThreshold => _threshold;

    public double Stake => _bet.Stake;

    public SignalState State { get; private set; } = SignalState.Healthy;

    public long Alarms { get; private set; }

    /// <summary>Labels so far.</summary>
    public long Labels => _labels;

    /// <summary>The labels that decided the latest step, and the misses among them.</summary>
    public (long Labels, long Misses) Decided { get; private set; }

    /// <summary>The labels since the evidence of the latest alarm began to gather, and the misses among them.</summary>
    public (long Labels, long Misses) Lost => (_labels - _lowestAt, _misses - _lowestMisses);

    /// <summary>When the evidence of the latest alarm began to gather.</summary>
    public DateTimeOffset Since { get; private set; }

    /// <summary>When the latest alarm was raised.</summary>
    public DateTimeOffset AlarmedAt { get; private set; }

    public void Add(LabelOutcome outcome, DateTimeOffset at)
    {
        _labels++;
        if (outcome == LabelOutcome.Missed) _misses++;
        _bet.Add(outcome);
        if (State == SignalState.Healthy)
        {
            if (_labels == 1 || _bet.LogCapital <= _lowest) (_lowest, _lowestAt, _lowestMisses, _lowestTime) = (_bet.LogCapital, _labels, _misses, at);
            if (_bet.LogCapital >= _threshold) Raise(at);
            return;
        }

        _fresh.Add(outcome);
        if (outcome == LabelOutcome.Missed) _freshMisses++;
        Decided = (_fresh.Labels, _freshMisses);
        if (_fresh.LogCapital >= _threshold)
        {
            Begin();
            State = SignalState.Alarm;
            return;
        }

        bool tolerable = _fresh.LogCapital <= 0 && _freshMisses <= missRate * _fresh.Labels;
        long enough = Math.Max(dwell, _noticed);
        if (State == SignalState.Alarm && tolerable && _fresh.Labels >= enough) State = SignalState.Recovering;
        else if (State == SignalState.Recovering && !tolerable) State = SignalState.Alarm;
        else if (State == SignalState.Recovering && _fresh.Labels >= 2 * enough) End(at);
    }

    private void Raise(DateTimeOffset at)
    {
        State = SignalState.Alarm;
        Alarms++;
        AlarmedAt = at;
        Since = _lowestTime;
        _noticed = _labels - _lowestAt;
        Decided = Lost;
        Begin();
    }

    private void Begin()
    {
        _fresh.Restart();
        _freshMisses = 0;
    }

    private void End(DateTimeOffset at)
    {
        State = SignalState.Healthy;
        _bet.Restart();
        (_lowest, _lowestAt, _lowestMisses, _lowestTime) = (0, _labels, _misses, at);
        Begin();
    }

    public void Save(TallyWriter state)
    {
        _bet.Save(state);
        _fresh.Save(state);
        state.Number(_lowest);
        state.Whole(_labels);
        state.Whole(_misses);
        state.Whole(_lowestAt);
        state.Whole(_lowestMisses);
        state.Whole(_freshMisses);
        state.Whole(_noticed);
        state.Whole(Alarms);
        state.Whole(State switch { SignalState.Alarm => 1, SignalState.Recovering => 2, _ => 0 });
        state.Time(_lowestTime);
        state.Time(Since);
        state.Time(AlarmedAt);
    }

    public void Restore(ref TallyReader state, string place)
    {
        _bet.Restore(ref state, place + ".bet");
        _fresh.Restore(ref state, place + ".fresh");
        _lowest = state.Finite(place + ".lowest");
        _labels = state.Count(place + ".labels");
        _misses = state.Count(place + ".misses", _labels);
        _lowestAt = state.Count(place + ".lowest_at", _labels);
        _lowestMisses = state.Count(place + ".lowest_misses", _misses);
        _freshMisses = state.Count(place + ".fresh_misses", _labels);
        _noticed = state.Count(place + ".noticed", _labels);
        Alarms = state.Count(place + ".alarms", _labels);
        State = state.Count(place + ".state", 2) switch { 1 => SignalState.Alarm, 2 => SignalState.Recovering, _ => SignalState.Healthy };
        _lowestTime = state.Time(place + ".lowest_time");
        Since = state.Time(place + ".since");
        AlarmedAt = state.Time(place + ".alarmed_at");
    }
}
