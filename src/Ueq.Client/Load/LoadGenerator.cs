using System.Diagnostics;
using System.Net.Http.Headers;

namespace Ueq.Client.Load;

/// <summary>Sends requests when they are due, whether or not earlier ones have been answered, and measures from when they were due.</summary>
/// <remarks>
/// An open loop: callers of a service do not wait for each other. A generator that sends the next request when the last is answered slows down
/// with the service and so hides its worst moments (coordinated omission). There are no repetitions here: each request is one line of the account.
/// </remarks>
public static class LoadGenerator
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(50);

    /// <summary>Runs a load to its end, or until it is cancelled; what was measured until then is returned.</summary>
    /// <param name="addresses">The service's addresses, asked in turn.</param>
    /// <param name="rows">The rows to send.</param>
    /// <param name="options">What is sent and how fast.</param>
    /// <param name="progress">Is told every second; called by one thread.</param>
    /// <param name="cancellation">Ends the load.</param>
    /// <returns>A report per stage, in their order, and one of all.</returns>
    /// <exception cref="ArgumentException">An option is out of range, or there is no address.</exception>
    public static async Task<(IReadOnlyList<LoadReport> Stages, LoadReport Total)> RunAsync(
        IReadOnlyList<Uri> addresses, ILoadRows rows, LoadOptions options, IProgress<LoadSecond>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (addresses.Count == 0) throw Expect.Wrong(nameof(addresses), $"Expected one address or more, got none.");
        using SocketsHttpHandler handler = new() { AllowAutoRedirect = false, UseCookies = false, MaxConnectionsPerServer = options.MostInFlight, PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5) };
        using HttpClient http = new(handler) { Timeout = options.Timeout };
        foreach ((string name, string value) in options.Headers) http.DefaultRequestHeaders.TryAddWithoutValidation(name, value);
        using Run run = new(http, [.. addresses.Select(address => new Uri(address, "predict"))], rows, options, progress);
        // A thread of its own: requests are due to the tenth of a millisecond, and the pool's threads are busy with answers.
        Task sending = Task.Factory.StartNew(() => run.Send(cancellation), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await run.Follow(sending).ConfigureAwait(false);
        return run.Reports();
    }

    private sealed class Run(HttpClient http, Uri[] addresses, ILoadRows rows, LoadOptions options, IProgress<LoadSecond>? progress) : IDisposable
    {
        private static readonly MediaTypeHeaderValue JsonType = new("application/json");

        private readonly LoadReport[] _stages = [.. options.Stages.Select(stage => new LoadReport(stage.Rate, stage.Length))];
        private readonly SemaphoreSlim _places = new(options.MostInFlight);
        private readonly long _start = Stopwatch.GetTimestamp();
        private LatencyHistogram _second = new();
        private int _stage;
        private long _turn, _last;

        public void Send(CancellationToken cancellation)
        {
            Arrivals arrivals = new(options.Seed);
            TimeSpan due = TimeSpan.Zero, begin = TimeSpan.Zero;
            for (int stage = 0; stage < _stages.Length; stage++)
            {
                LoadReport report = _stages[stage];
                Volatile.Write(ref _stage, stage);
                TimeSpan end = begin + report.Length;
                for (due = begin + arrivals.Next(report.Rate); due < end; due += arrivals.Next(report.Rate))
                {
                    for (TimeSpan wait = due - Now; wait > TimeSpan.Zero && !cancellation.IsCancellationRequested; wait = due - Now)
                        Pause.For(wait < LongestPause ? wait : LongestPause);
                    if (cancellation.IsCancellationRequested) return;
                    if (!Wait(end, cancellation))
                    {
                        report.Leave(1);
                        continue;
                    }

                    report.Begin(Now - due);
                    _ = Ask(report, due);
                }

                begin = end;
            }
        }

        /// <summary>Tells how it goes until the last answer is there.</summary>
        public async Task Follow(Task sending)
        {
            using PeriodicTimer seconds = new(TimeSpan.FromSeconds(1));
            while (!sending.IsCompleted || _stages.Any(stage => stage.InFlight > 0))
            {
                Task tick = seconds.WaitForNextTickAsync().AsTask();
                while (!tick.IsCompleted && !(sending.IsCompleted && _stages.All(stage => stage.InFlight == 0)))
                    await Task.WhenAny(tick, Task.Delay(20)).ConfigureAwait(false);
                if (tick.IsCompleted) Tell();
                else break;
            }

            await sending.ConfigureAwait(false);
        }

        public (IReadOnlyList<LoadReport>, LoadReport) Reports()
        {
            TimeSpan length = TimeSpan.FromTicks(_stages.Sum(stage => stage.Length.Ticks)), last = TimeSpan.FromTicks(Interlocked.Read(ref _last));
            LoadReport total = new(_stages.Sum(stage => stage.Rate * stage.Length.TotalSeconds) / length.TotalSeconds, length) { Elapsed = last > length ? last : length };
            foreach (LoadReport stage in _stages)
            {
                stage.Elapsed = stage.Length;
                total.Merge(stage);
            }

            return (_stages, total);
        }

        public void Dispose() => _places.Dispose();

        private TimeSpan Now => Stopwatch.GetElapsedTime(_start);

        // When the stage is over, what has no place is not sent any more.
        private bool Wait(TimeSpan end, CancellationToken cancellation)
        {
            if (_places.Wait(0, CancellationToken.None)) return true;
            TimeSpan left = end - Now;
            try
            {
                return left > TimeSpan.Zero && _places.Wait(left, cancellation);
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }

        private async Task Ask(LoadReport report, TimeSpan due)
        {
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            string outcome;
            string? error = null;
            try
            {
                using HttpRequestMessage request = new(HttpMethod.Post, addresses[(int)((ulong)Interlocked.Increment(ref _turn) % (uint)addresses.Length)]);
                request.Content = new ReadOnlyMemoryContent(RequestWriter.Predict(options.Rows, options.Predict, rows.Write));
                request.Content.Headers.ContentType = JsonType;
                using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseContentRead).ConfigureAwait(false);
                byte[] body = await response.Content.ReadAsByteArrayAsync().ConfigureAwait(false);
                outcome = ((int)response.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture);
                if (!response.IsSuccessStatusCode) error = $"{outcome}: {Words.OfBody(body, response.ReasonPhrase).Error}";
                else if (body.AsSpan().IndexOf("\"predictions\""u8) < 0) (outcome, error) = ("no answer", "an answer without predictions");
            }
            catch (OperationCanceledException)
            {
                (outcome, error) = ("timeout", $"no answer within {options.Timeout.TotalSeconds} s");
            }
            catch (Exception fault) when (fault is HttpRequestException or IOException)
            {
                outcome = fault is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError } ? "no connection" : "broken";
                error = Words.Of(fault);
            }
#pragma warning disable CA1031 // What is wrong with the rows is told as the first error, and the account stays whole.
            catch (Exception fault)
#pragma warning restore CA1031
            {
                (outcome, error) = ("not sent", Words.Of(fault));
            }

            TimeSpan now = Now;
            if (error is null) Volatile.Read(ref _second).Add(now - due);
            _places.Release();
            long last = Interlocked.Read(ref _last);
            while (now.Ticks > last && Interlocked.CompareExchange(ref _last, now.Ticks, last) is var seen && seen != last) last = seen;
            report.End(outcome, now - due, error);
        }

        private void Tell()
        {
            LatencyHistogram latest = Interlocked.Exchange(ref _second, new LatencyHistogram());
            long sent = _stages.Sum(stage => stage.Sent), good = _stages.Sum(stage => stage.Succeeded), failed = _stages.Sum(stage => stage.Failed);
            progress?.Report(new LoadSecond(Now, options.Stages[Volatile.Read(ref _stage)].Rate, sent, good, failed, sent - good - failed, latest));
        }
    }
}
