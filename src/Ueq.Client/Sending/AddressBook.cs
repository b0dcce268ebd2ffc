using System.Security.Cryptography;

namespace Ueq.Client.Sending;

/// <summary>The addresses of the service: who is next, who is left alone for a while, who is back.</summary>
/// <remarks>
/// Round robin counts over the healthy ones only, so a missing one does not give its share to its neighbour. When none is healthy, all are
/// asked: to be refused by one that may be back is better than to refuse by ourselves.
/// </remarks>
internal sealed class AddressBook : IDisposable
{
    private const int LongestHold = 30;

    private readonly AddressState[] _all;
    private readonly Balancing _balancing;
    private readonly TimeSpan _interval;
    private readonly TimeProvider _time;
    private readonly Func<Uri, CancellationToken, Task<bool>> _probe;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private AddressState[] _healthy;
    private uint _turn;

    public AddressBook(IEnumerable<Uri> addresses, UeqClientOptions options, Func<Uri, CancellationToken, Task<bool>> probe)
    {
        _all = [.. addresses.Select(uri => new AddressState(uri))];
        _healthy = _all;
        (_balancing, _interval, _time, _probe) = (options.Balancing, options.ProbeInterval, options.Time, probe);
        // Clients that start together are not to begin with the same address.
        _turn = (uint)RandomNumberGenerator.GetInt32(_all.Length);
    }

    /// <summary>The healthy addresses, in their order.</summary>
    public IEnumerable<Uri> Healthy => Volatile.Read(ref _healthy).Select(address => address.Uri);

    /// <summary>The address for the next attempt of a call.</summary>
    /// <param name="tried">Those that the call has tried already, which come last.</param>
    public AddressState Next(IReadOnlyCollection<AddressState> tried)
    {
        AddressState[] candidates = Volatile.Read(ref _healthy);
        if (candidates.Length == 0) candidates = _all;
        if (tried.Count > 0)
        {
            // Repetitions take nobody's turn.
            AddressState[] fresh = [.. candidates.Except(tried)];
            if (fresh.Length > 0) candidates = fresh;
            return candidates[RandomNumberGenerator.GetInt32(candidates.Length)];
        }

        if (_balancing == Balancing.RoundRobin || candidates.Length == 1) return candidates[(Interlocked.Increment(ref _turn) - 1) % (uint)candidates.Length];
        int one = RandomNumberGenerator.GetInt32(candidates.Length), other = RandomNumberGenerator.GetInt32(candidates.Length - 1);
        if (other >= one) other++;
        return candidates[one].InFlight <= candidates[other].InFlight ? candidates[one] : candidates[other];
    }

    /// <summary>Whether there is a healthy address that a call has not tried.</summary>
    public bool HasAnother(IReadOnlyCollection<AddressState> tried) => Volatile.Read(ref _healthy).Any(address => !tried.Contains(address));

    public void Succeeded(AddressState address)
    {
        if (address is { IsOut: false, Strikes: 0 }) return;
        lock (_gate)
        {
            address.Strikes = 0;
            Set(address, isOut: false);
        }
    }

    public void Failed(AddressState address)
    {
        if (_all.Length == 1) return;
        int strikes;
        lock (_gate)
        {
            if (address.IsOut || _stop.IsCancellationRequested) return;
            strikes = address.Strikes++;
            Set(address, isOut: true);
        }

        _ = BringBack(address, _interval * Math.Min(1 << Math.Min(strikes, 10), LongestHold));
    }

    public void Dispose()
    {
        lock (_gate) _stop.Cancel();
    }

    private async Task BringBack(AddressState address, TimeSpan hold)
    {
        CancellationToken stop = _stop.Token;
        try
        {
            await Task.Delay(hold, _time, stop).ConfigureAwait(false);
            while (address.IsOut && !await _probe(address.Uri, stop).ConfigureAwait(false)) await Task.Delay(_interval, _time, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        lock (_gate) Set(address, isOut: false);
    }

    private void Set(AddressState address, bool isOut)
    {
        address.IsOut = isOut;
        Volatile.Write(ref _healthy, [.. _all.Where(one => !one.IsOut)]);
    }
}
