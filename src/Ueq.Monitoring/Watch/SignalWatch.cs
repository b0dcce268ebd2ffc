using System.Runtime.CompilerServices;

namespace Ueq.Monitoring;

/// <summary>One signal under watch: bins, ranks, evidence, dependence, recent values and the state they make.</summary>
/// <remarks>
/// A value costs a bin, a rank, twelve bets and a few sums; everything else is asked only when evidence has gathered, when the
/// state is not healthy, and every 64 values. Nothing is allocated but the transitions.
/// </remarks>
internal sealed partial class SignalWatch
{
    private const int LearningRows = 64;
    private const int JudgeEvery = 64;
    private const int HeldRows = 128;
    private const int ShortestSegment = 2000;
    private const int FarLag = SerialDependence.FarLag;
    private const double CertainErrors = 3.5, SuspectErrors = 1.5;
    private readonly WatchOptions _options;
    private readonly int _index;
    private readonly double _threshold, _warning;
    private readonly long _segment;
    private readonly RankTable[] _ranks;
    private readonly long[] _seen;
    private readonly double[] _pValues = new double[FarLag];
    private readonly RecentValues _recent;
    private readonly SignalReference _reference;
    private Rng _rng;
    private BetMixture _bets = BetMixture.Start();
    private ShiryaevRoberts _evidence = ShiryaevRoberts.Start();
    private SerialDependence _dependence, _settled;
    private long _rows, _ranked, _restart, _since, _held;
    private DateTimeOffset _sinceTime;
    private SignalTransition? _lastAlarm;

    public SignalWatch(SignalReference reference, WatchOptions options, int index, int signals)
    {
        _reference = reference;
        _options = options;
        _index = index;
        _threshold = options.Threshold(signals);
        _warning = _threshold / 10;
        _segment = Math.Max(ShortestSegment, 10L * reference.Rows);
        _rng = Rng.Stream(options.Seed, (ulong)index);
        _ranks = new RankTable[reference.Seasons];
        for (int s = 0; s < _ranks.Length; s++) _ranks[s] = new RankTable(reference.Bins);
        _seen = new long[reference.Seasons * reference.Bins];
        _recent = new RecentValues(reference.Bins, options.EffectWindow);
        ForgetStream();
    }

    public SignalReference Reference => _reference;

    public SignalState State { get; private set; }

    public int Epoch { get; private set; }

    public long Rows => _rows;

    public DateTimeOffset LastSeen { get; set; }

    /// <summary>Values per season and bin since the watch began, without those that came while it was frozen; what replicas add up.</summary>
    public ReadOnlySpan<long> Seen => _seen;

    public double LogThreshold => Math.Log(_threshold);

    public double LogEvidence => _evidence.Log;

    private SerialDependence Dependence => _settled.Weight >= LearningRows ? _settled : _dependence;

    /// <summary>Takes one value.</summary>
    public void Add(double value, int season, DateTimeOffset at, List<SignalTransition> transitions) =>
        Add(value, _reference.BinOrBeyond(value), season, at, transitions);

    /// <summary>Takes values of which only season and bin are known, and what was measured of their dependence where their order was.</summary>
    public void Replay(ReadOnlySpan<int> places, SerialDependence dependence, DateTimeOffset at, List<SignalTransition> transitions)
    {
        foreach (int place in places)
        {
            // Set before each, because a shuffled value tells nothing of it.
            _dependence = _settled = dependence;
            Add(double.NaN, place % _reference.Bins, place / _reference.Bins, at, transitions);
        }

        _dependence = _settled = dependence;
    }

    public SignalTally Tally()
    {
        (double near, double far, double weight) = _dependence.Sums;
        return new SignalTally(_seen.ToArray(), near, far, weight);
    }

    private void Add(double value, int bin, int season, DateTimeOffset at, List<SignalTransition> transitions)
    {
        _rows++;
        _seen[season * _reference.Bins + bin]++;
        _recent.Add(season, bin, value);
        double p = _ranks[season].Next(bin, _rng.NextUniform());
        _evidence.Add(_bets.Step(p));
        int place = (int)_ranked & (FarLag - 1);
        if (_ranked >= FarLag) _dependence.Add(p, _pValues[(place - 1) & (FarLag - 1)], _pValues[place]);
        _pValues[place] = p;
        _ranked++;
        _settled = SerialDependence.Choose(_evidence.Run == 0, _dependence, _settled);
        if (IsDue()) Judge(at, transitions);
    }

    private bool IsDue()
    {
        // Evidence is asked at once when it is there, and less often while it does not suffice.
        if (_evidence.Reaches(_warning) && State < SignalState.Alarm && _rows >= LearningRows
            && ((_rows & (_held == 0 ? 7 : 31)) == 0 || (_held == 0 && _evidence.Reaches(_threshold)))) return true;
        return (_rows & (JudgeEvery - 1)) == 0 && (State != SignalState.Healthy || _rows % (8 * JudgeEvery) == 0);
    }

    /// <summary>Takes a value without drawing conclusions from it.</summary>
    public void Count(double value, int season)
    {
        _rows++;
        _recent.Add(season, _reference.BinOrBeyond(value), value);
    }

    public void Tick(DateTimeOffset now, List<SignalTransition> transitions)
    {
        if (State is not (SignalState.Stale or SignalState.Alarm or SignalState.Recovering) && _rows > 0 && now - LastSeen > _options.StaleAfter)
            Go(SignalState.Stale, now, Effect(), transitions);
    }

    public WatchedSignal Read() => new(
        _reference.Name, _reference.Kind, _reference.Content, State, Epoch, _rows, _rows == 0 ? double.NegativeInfinity : _evidence.Log, LogThreshold,
        Effect(), Dependence.Weight >= LearningRows ? Dependence.Value : double.NaN, LastSeen, EffectSize.Shifts(_reference, _recent, _options.EffectWindow, 3), _lastAlarm);

    /// <summary>A watch on what came of late, in the same epoch.</summary>
    public SignalWatch Rebaselined(int signals, DateTimeOffset at, List<SignalTransition> transitions)
    {
        SignalReference reference = SignalReference.From(_reference.Name, _reference.Kind, _recent.Values());
        if (State is not (SignalState.Healthy or SignalState.Learning)) Go(SignalState.Healthy, at, Effect(), transitions, "by rebaselining: what came of late is the reference now");
        return new SignalWatch(reference, _options, _index, signals) { State = SignalState.Healthy, Epoch = Epoch, _rows = _rows, _lastAlarm = _lastAlarm, LastSeen = LastSeen };
    }

    /// <summary>Values at hand to be a reference.</summary>
    public int Recent => _recent.Count;

    private void Judge(DateTimeOffset at, List<SignalTransition> transitions)
    {
        switch (State)
        {
            case SignalState.Learning when _rows >= LearningRows:
            case SignalState.Stale:
                Go(IsDependent(CertainErrors) ? SignalState.Void : SignalState.Healthy, at, Effect(), transitions);
                break;
            case SignalState.Healthy or SignalState.Warning:
                JudgeQuiet(at, transitions);
                break;
            case SignalState.Void:
                // What gathers meanwhile is no evidence.
                Restart();
                if (!IsDependent(SuspectErrors)) Go(SignalState.Healthy, at, Effect(), transitions);
                break;
            case SignalState.Alarm:
                JudgeAlarm(at, transitions);
                break;
            case SignalState.Recovering:
                JudgeRecovering(at, transitions);
                break;
        }
    }

    private void JudgeQuiet(DateTimeOffset at, List<SignalTransition> transitions)
    {
        if (!_evidence.Reaches(_threshold)) _held = 0;
        if (IsDependent(CertainErrors))
        {
            Go(SignalState.Void, at, Effect(), transitions);
        }
        else if (_evidence.Reaches(_threshold))
        {
            if (_held == 0) _held = _rows;
            if (IsDependent(SuspectErrors) && _rows - _held < HeldRows)
            {
                if (State == SignalState.Healthy) Go(SignalState.Warning, at, Effect(), transitions);
                return;
            }

            int since = (int)Math.Clamp(_evidence.Run, LearningRows, _options.EffectWindow);
            if (EffectSize.Judge(_reference, _recent, since).KSLower > _options.NegligibleEffect)
            {
                EffectReading effect = EffectSize.Read(_reference, _recent, since);
                Epoch++;
                Go(SignalState.Alarm, at, effect, transitions);
                ForgetStream();
                _held = 0;
                // The values that raised the alarm must not end it.
                _recent.Clear();
            }
            else
            {
                if (State == SignalState.Healthy) Go(SignalState.Warning, at, Effect(), transitions);
                // A change that stays negligible over a whole window is taken note of once.
                if (_rows - _since > 2L * _options.EffectWindow) Restart();
            }
        }
        else if (State == SignalState.Healthy && _evidence.Reaches(_warning))
        {
            Go(SignalState.Warning, at, Effect(), transitions);
        }
        else if (State == SignalState.Warning && !_evidence.Reaches(_threshold / 100))
        {
            Go(SignalState.Healthy, at, Effect(), transitions);
        }
        else if (_rows - _restart >= _segment && !_evidence.Reaches(_threshold / 100))
        {
            ForgetStream();
        }
    }

    private void JudgeAlarm(DateTimeOffset at, List<SignalTransition> transitions)
    {
        if (_evidence.Reaches(_threshold))
        {
            ForgetStream();
        }
        else if (_rows - _restart >= _options.DwellRows && at - _sinceTime >= _options.DwellTime)
        {
            if (!_evidence.Reaches(_threshold / 100) && LooksAsBefore()) Go(SignalState.Recovering, at, Effect(), transitions);
            // Ranks that have taken in too much of the changed stream would call it normal.
            else if (_rows - _restart >= 4L * _options.DwellRows) ForgetStream();
        }
    }

    private void JudgeRecovering(DateTimeOffset at, List<SignalTransition> transitions)
    {
        if (_evidence.Reaches(_threshold) || !LooksAsBefore())
        {
            Go(SignalState.Alarm, at, Effect(), transitions);
            ForgetStream();
        }
        else if (_rows - _since >= _options.DwellRows && at - _sinceTime >= _options.DwellTime && !_evidence.Reaches(_threshold / 100))
        {
            Go(SignalState.Healthy, at, Effect(), transitions);
            Restart();
        }
    }

    // That a change is not proven is not enough to end an alarm: the distance itself must be one that chance makes.
    private bool LooksAsBefore()
    {
        (double distance, _, int count) = EffectSize.Judge(_reference, _recent, _options.EffectWindow);
        return distance <= _options.NegligibleEffect + Math.Sqrt(1.0 / count + 1.0 / _reference.Rows);
    }

    // Dependence makes evidence that comes and goes, so on a suspicion of it the alarm is held until the evidence has lasted.
    private bool IsDependent(double errors)
    {
        SerialDependence dependence = Dependence;
        return dependence.Weight >= LearningRows / 2 && dependence.Value - errors * dependence.Error > _options.Autocorrelation;
    }

    private EffectReading Effect() => EffectSize.Read(_reference, _recent, _options.EffectWindow);

    /// <summary>Begins to gather evidence afresh, among all values seen.</summary>
    private void Restart()
    {
        _bets = BetMixture.Start();
        _evidence = ShiryaevRoberts.Start();
        _restart = _rows;
    }

    /// <summary>Begins afresh among the values of the reference alone.</summary>
    private void ForgetStream()
    {
        for (int s = 0; s < _ranks.Length; s++) _ranks[s].Reset(_reference.SeasonCounts(s));
        Restart();
    }

    private void Go(SignalState to, DateTimeOffset at, EffectReading effect, List<SignalTransition> transitions, string? why = null)
    {
        SignalState from = State;
        State = to;
        _since = _rows;
        _sinceTime = at;
        string message = SignalSentence.Of(_reference, to, effect, EffectSize.Shifts(_reference, _recent, effect.Count, 1), Dependence.Value, _evidence.Log, LogThreshold, why);
        SignalTransition step = new(_reference.Name, _reference.Kind, Epoch, from, to, at, _rows, _evidence.Log, LogThreshold, effect, message);
        if (to == SignalState.Alarm) _lastAlarm = step;
        transitions.Add(step);
    }
}
