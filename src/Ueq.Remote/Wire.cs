using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Ueq.Remote;

/// <summary>The requests to one model: time-outs, repetitions, and faults in words.</summary>
internal sealed class Wire : IDisposable
{
    private const int MostSaid = 200;
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly HttpClient _client;
    private readonly RemoteOptions _options;
    private readonly IReadOnlyList<(string Name, string Value)> _headers;
    private readonly ResiliencePipeline<Answer> _pipeline;
    private readonly Uri _model, _infer;
    private readonly CircuitBreakerStateProvider _breaker = new();
    private long _attempts, _retries, _failures;

    public Wire(Uri server, RemoteOptions options, IReadOnlyList<(string Name, string Value)> headers)
    {
        _options = options;
        _headers = headers;
        string place = $"{server.GetLeftPart(UriPartial.Path).TrimEnd('/')}/v2/models/{Uri.EscapeDataString(options.Model)}";
        if (options.Version is { } version) place += $"/versions/{Uri.EscapeDataString(version)}";
        (_model, _infer) = (new Uri(place), new Uri($"{place}/infer"));
        // A redirect could carry the headers to another server.
        SocketsHttpHandler handler = new()
        {
            AllowAutoRedirect = false,
            MaxConnectionsPerServer = options.RequestsInFlight,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = options.LargestAnswer };
        foreach ((string name, string value) in headers)
        {
            if (!_client.DefaultRequestHeaders.TryAddWithoutValidation(name, value))
                throw new ArgumentException($"Expected a header of a request in the environment variable '{options.HeadersFrom}', got '{name}'.", nameof(options));
        }

        _pipeline = Pipeline(options, _breaker, () => Interlocked.Increment(ref _retries));
    }

    public byte[] Get() => Send(() => new HttpRequestMessage(HttpMethod.Get, _model), _model, null);

    public byte[] Infer(byte[] body, (int First, int Count) rows) =>
        Send(() => new HttpRequestMessage(HttpMethod.Post, _infer) { Content = new ByteArrayContent(body) { Headers = { ContentType = Json } } }, _infer, rows);

    /// <summary>An answer that says something else than it should.</summary>
    public InvalidDataException Wrong(string expected, string got, (int First, int Count)? rows = null, Exception? cause = null)
    {
        string place = rows is (int first, int count) ? FormattableString.Invariant($", rows {first} to {first + count - 1}") : "";
        return new InvalidDataException($"The model '{_options.Model}' at {_model}{place}: expected {expected}, got {Headers.Hide(got, _headers)}.", cause);
    }

    public CircuitReading Reading => new(
        _breaker.CircuitState switch { CircuitState.Closed => CircuitStatus.Closed, CircuitState.HalfOpen => CircuitStatus.HalfOpen, _ => CircuitStatus.Open },
        Interlocked.Read(ref _attempts), Interlocked.Read(ref _retries), Interlocked.Read(ref _failures));

    public string Place => $"the model '{_options.Model}' at {_model}";

    public void Dispose() => _client.Dispose();

    private byte[] Send(Func<HttpRequestMessage> request, Uri address, (int, int)? rows)
    {
        try
        {
            return Ask(request, address, rows);
        }
        catch (RemoteModelException)
        {
            Interlocked.Increment(ref _failures);
            throw;
        }
    }

    private byte[] Ask(Func<HttpRequestMessage> request, Uri address, (int, int)? rows)
    {
        Answer answer;
        try
        {
            answer = _pipeline.Execute(cancellation => Attempt(request, cancellation), CancellationToken.None);
        }
        catch (TimeoutRejectedException fault)
        {
            throw new RemoteModelException(address, _options.Model, null, rows, FormattableString.Invariant($"nothing within {fault.Timeout.TotalSeconds:0.###} s"), fault);
        }
        catch (BrokenCircuitException fault)
        {
            throw new RemoteModelException(address, _options.Model, null, rows, "not asked, since too many requests before have failed", fault);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException)
        {
            throw new RemoteModelException(address, _options.Model, null, rows, Said(fault.Message), fault);
        }

        if (answer.Status == HttpStatusCode.OK) return answer.Body;
        throw new RemoteModelException(address, _options.Model, answer.Status, rows, Said(Encoding.UTF8.GetString(answer.Body, 0, Math.Min(answer.Body.Length, 4 * MostSaid))), null);
    }

    private Answer Attempt(Func<HttpRequestMessage> make, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _attempts);
        using HttpRequestMessage request = make();
        using HttpResponseMessage response = _client.Send(request, HttpCompletionOption.ResponseContentRead, cancellation);
        using MemoryStream body = new();
        response.Content.CopyTo(body, null, cancellation);
        return new Answer(response.StatusCode, Wait(response.Headers.RetryAfter), body.ToArray());
    }

    private TimeSpan? Wait(RetryConditionHeaderValue? after) =>
        after is null ? null
        : after.Delta is { } delta ? delta
        : after.Date is { } date ? TimeSpan.FromTicks(Math.Max(0, (date - _options.Time.GetUtcNow()).Ticks)) : null;

    private string Said(string text)
    {
        string hidden = Headers.Hide(text, _headers);
        string plain = string.Concat(hidden.Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        return plain.Length <= MostSaid ? plain : plain[..MostSaid] + "…";
    }

    private static ResiliencePipeline<Answer> Pipeline(RemoteOptions options, CircuitBreakerStateProvider breaker, Action retried)
    {
        PredicateBuilder<Answer> passing = new PredicateBuilder<Answer>().Handle<HttpRequestException>(fault => fault.HttpRequestError != HttpRequestError.ConfigurationLimitExceeded)
            .Handle<IOException>().Handle<TimeoutRejectedException>()
            .HandleResult(answer => answer.Status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || (int)answer.Status >= 500);
        ResiliencePipelineBuilder<Answer> builder = new() { TimeProvider = options.Time };
        builder.AddTimeout(options.TotalTimeout);
        if (options.Retries > 0)
        {
            builder.AddRetry(new RetryStrategyOptions<Answer>
            {
                ShouldHandle = passing,
                MaxRetryAttempts = options.Retries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = options.RetryDelay,
                OnRetry = _ =>
                {
                    retried();
                    return ValueTask.CompletedTask;
                },
                DelayGenerator = arguments => ValueTask.FromResult(arguments.Outcome.Result?.RetryAfter),
            });
        }

        if (options.BreakFor is { } pause)
        {
            builder.AddCircuitBreaker(new CircuitBreakerStrategyOptions<Answer>
            {
                ShouldHandle = passing,
                FailureRatio = 0.5,
                MinimumThroughput = 10,
                SamplingDuration = TimeSpan.FromSeconds(30),
                BreakDuration = pause,
                StateProvider = breaker,
            });
        }

        return builder.AddTimeout(options.Timeout).Build();
    }

    private sealed record Answer(HttpStatusCode Status, TimeSpan? RetryAfter, byte[] Body);
}
