namespace Ueq.Monitoring;

// What survives a restart: all of it, so that the next value finds what it would have found.
internal sealed partial class SignalWatch
{
    public void Save(BinaryWriter file)
    {
        file.Write((int)State);
        file.Write(Epoch);
        file.Write(_rows);
        file.Write(_ranked);
        file.Write(_restart);
        file.Write(_since);
        file.Write(_held);
        file.Write(_sinceTime.UtcTicks);
        file.Write(LastSeen.UtcTicks);
        Span<ulong> words = stackalloc ulong[4];
        _rng.Save(words);
        foreach (ulong word in words) file.Write(word);
        Span<double> numbers = stackalloc double[BetMixture.Bets];
        _bets.CopyTo(numbers);
        Write(file, numbers);
        _evidence.CopyTo(numbers);
        Write(file, numbers[..4]);
        _dependence.CopyTo(numbers);
        Write(file, numbers[..3]);
        _settled.CopyTo(numbers);
        Write(file, numbers[..3]);
        Write(file, _pValues);
        foreach (RankTable table in _ranks) Write(file, table.Counts);
        Write(file, _seen);
        _recent.Write(file);
        TransitionFile.Write(file, _lastAlarm is null ? [] : [_lastAlarm]);
    }

    public void Restore(StateReader file)
    {
        string place = $"signal '{_reference.Name}'";
        State = (SignalState)file.Int32($"the state of {place}", 0, (int)SignalState.Void);
        Epoch = file.Int32($"the epoch of {place}", 0, int.MaxValue);
        _rows = file.Int64($"the rows of {place}", 0, long.MaxValue);
        _ranked = file.Int64(place, 0, _rows);
        _restart = file.Int64(place, 0, _rows);
        _since = file.Int64(place, 0, _rows);
        _held = file.Int64(place, 0, _rows);
        _sinceTime = file.Time(place);
        LastSeen = file.Time(place);
        Span<ulong> words = stackalloc ulong[4];
        foreach (ref ulong word in words) word = file.UInt64(place);
        if (words.IndexOfAnyExcept(0UL) < 0) throw file.Damaged(place, "the random numbers have no state");
        _rng = Rng.Restore(words);
        Span<double> numbers = stackalloc double[BetMixture.Bets];
        Read(file, $"the bets of {place}", numbers, 0);
        _bets = BetMixture.From(numbers);
        Read(file, $"the evidence of {place}", numbers[..4], 0);
        _evidence = ShiryaevRoberts.From(numbers);
        Read(file, $"the dependence of {place}", numbers[..3]);
        _dependence = SerialDependence.From(numbers);
        Read(file, $"the dependence of {place}", numbers[..3]);
        _settled = SerialDependence.From(numbers);
        Read(file, $"the p-values of {place}", _pValues, 0);
        long[] counts = new long[_reference.Bins];
        foreach (RankTable table in _ranks)
        {
            for (int b = 0; b < counts.Length; b++) counts[b] = file.Int64($"the ranks of {place}", 0, long.MaxValue / 64);
            table.Reset(counts);
        }

        for (int i = 0; i < _seen.Length; i++) _seen[i] = file.Int64($"the counts of {place}", 0, _rows);
        _recent.Read(file, _reference.Seasons);
        _lastAlarm = TransitionFile.Read(file).LastOrDefault();
    }

    private static void Write(BinaryWriter file, ReadOnlySpan<double> numbers)
    {
        foreach (double number in numbers) file.Write(number);
    }

    private static void Write(BinaryWriter file, ReadOnlySpan<long> numbers)
    {
        foreach (long number in numbers) file.Write(number);
    }

    private static void Read(StateReader file, string place, Span<double> numbers, double least = double.MinValue)
    {
        foreach (ref double number in numbers) number = file.Finite(place, least);
    }
}
