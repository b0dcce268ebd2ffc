using System.Globalization;
using System.Net.Http.Headers;
using Polly;
using Polly.Hedging;
using Polly.Retry;
using Polly.Timeout;

namespace Ueq.Client.Sending;

/// <summary>Sends calls: which address, how often, how long.</summary>
internal sealed class Sender : IDisposable
{
    private static readonly ResiliencePropertyKey<Call> CallKey = new("ueq.call");

    private readonly UeqClientOptions _options;
    private readonly HttpClient _http;
    private readonly AddressBook _book;
    private readonly RetryBudget _budget;
    private readonly ResiliencePipeline<Attempt> _pipeline;
    private readonly Uri _first;

    public Sender(IReadOnlyList<Uri> addresses, UeqClientOptions options)
    {
        _options = options;
        _first = addresses[0];
        // A redirect could carry headers to another server.
        HttpMessageHandler handler = options.Handler ?? new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = options.AttemptTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        _http = new HttpClient(handler, disposeHandler: options.Handler is null) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = options.LargestAnswer };
        foreach ((string name, string value) in options.Headers)
        {
            if (!_http.DefaultRequestHeaders.TryAddWithoutValidation(name, value)) throw new ArgumentException($"Expected headers of a request, got '{name}'.", nameof(options));
        }

        _budget = new RetryBudget(options.RetryShare, options.RetryReserve);
        _book = new AddressBook(addresses, options, IsWell);
        _pipeline = Pipeline();
    }

    public IEnumerable<Uri> Healthy => _book.Healthy;

    /// <summary>Sends a call until it is answered, cannot succeed, or has taken too long.</summary>
    /// <exception cref="UeqClientException">It was not answered as it should be.</exception>
    public async Task<T> SendAsync<T>(Exchange<T> exchange, CancellationToken cancellation)
        where T : class
    {
        _budget.Deposit();
        Call call = new() { Deadline = _options.Time.GetUtcNow() + _options.TotalTimeout, MayHedge = exchange.MayHedge };
        ResilienceContext context = ResilienceContextPool.Shared.Get(cancellation);
        context.Properties.Set(CallKey, call);
        Fault fault;
        try
        {
            Attempt end = await _pipeline.ExecuteAsync(
                static async (context, state) => await state.Sender.AttemptAsync(state.Exchange, context.Properties.GetValue(CallKey, null!), context.CancellationToken).ConfigureAwait(false),
                context, (Sender: this, Exchange: exchange)).ConfigureAwait(false);
            if (end.Fault is null) return (T)end.Value!;
            fault = end.Fault;
        }
        catch (TimeoutRejectedException late)
        {
            string within = string.Create(CultureInfo.InvariantCulture, $"no answer within {_options.TotalTimeout.TotalSeconds:0.###} s");
            fault = call.Last is { } last
                ? last with { Error = $"{within}; the last attempt: {last.Error}", Cause = late }
                : new Fault(_first, within) { IsTransient = true, Cause = late };
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }

        throw new UeqClientException(exchange.Name, fault, call.Attempts);
    }

    public void Dispose()
    {
        _book.Dispose();
        _http.Dispose();
    }

    private async Task<Attempt> AttemptAsync<T>(Exchange<T> exchange, Call call, CancellationToken cancellation)
        where T : class
    {
        AddressState address = call.Begin(_book);
        address.Begin();
        using CancellationTokenSource limit = new(_options.AttemptTimeout, _options.Time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        Attempt end;
        try
        {
            end = await AskAsync(exchange, address.Uri, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException late) when (!cancellation.IsCancellationRequested)
        {
            string within = string.Create(CultureInfo.InvariantCulture, $"no answer within {_options.AttemptTimeout.TotalSeconds:0.###} s");
            end = new Attempt(null, new Fault(address.Uri, within) { IsTransient = true, IsOfAddress = true, Cause = late });
        }
        catch (HttpRequestException broken)
        {
            bool passes = broken.HttpRequestError is not (HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.UserAuthenticationError);
            end = new Attempt(null, new Fault(address.Uri, Words.Of(broken)) { IsTransient = passes, IsOfAddress = passes, Cause = broken });
        }
        catch (IOException broken)
        {
            end = new Attempt(null, new Fault(address.Uri, Words.Of(broken)) { IsTransient = true, IsOfAddress = true, Cause = broken });
        }
        finally
        {
            address.End();
        }

        if (end.Fault is { IsOfAddress: true }) _book.Failed(address);
        else _book.Succeeded(address);
        call.Last = end.Fault;
        return end;
    }

    private async Task<Attempt> AskAsync<T>(Exchange<T> exchange, Uri address, CancellationToken cancellation)
        where T : class
    {
        using HttpRequestMessage request = new(exchange.Method, new Uri(address, exchange.Path));
        if (exchange.ContentType is { } type)
        {
            request.Content = new ReadOnlyMemoryContent(exchange.Body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        }

        using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellation).ConfigureAwait(false);
        byte[] body = await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
        HttpStatusCode status = response.StatusCode;
        string? id = response.Headers.TryGetValues("X-Request-Id", out IEnumerable<string>? values) ? values.FirstOrDefault() : null;
        if (!response.IsSuccessStatusCode && status != exchange.AlsoFine)
        {
            (string error, string? told) = Words.OfBody(body, response.ReasonPhrase);
            bool passes = status is HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;
            return new Attempt(null, new Fault(address, error)
            {
                Status = status,
                RequestId = told ?? id,
                IsTransient = passes,
                IsOfAddress = passes && status != HttpStatusCode.TooManyRequests,
                RetryAfter = Wait(response.Headers.RetryAfter),
            });
        }

        try
        {
            return new Attempt(exchange.Read(new ReceivedAnswer(address, status, id, body)), null);
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidDataException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            string error = $"the answer is not one of this service: {Words.Plain(unreadable.Message)}";
            return new Attempt(null, new Fault(address, error) { Status = status, RequestId = id, IsTransient = true, IsOfAddress = true, Cause = unreadable });
        }
    }

    private async Task<bool> IsWell(Uri address, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = new(_options.AttemptTimeout, _options.Time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            using HttpResponseMessage response = await _http.GetAsync(new Uri(address, "health"), HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            return response.IsSuccessStatusCode;
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException || (fault is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return false;
        }
        catch (ObjectDisposedException)
        {
            throw new OperationCanceledException(cancellation);
        }
    }

    private TimeSpan? Wait(RetryConditionHeaderValue? after) =>
        after is null ? null
        : after.Delta is { } delta ? delta
        : after.Date is { } date ? TimeSpan.FromTicks(Math.Max(0, (date - _options.Time.GetUtcNow()).Ticks)) : null;

    private ResiliencePipeline<Attempt> Pipeline()
    {
        ResiliencePipelineBuilder<Attempt> builder = new() { TimeProvider = _options.Time };
        builder.AddTimeout(_options.TotalTimeout);
        if (_options.Retries > 0)
        {
            builder.AddRetry(new RetryStrategyOptions<Attempt>
            {
                MaxRetryAttempts = _options.Retries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = _options.RetryDelay,
                ShouldHandle = arguments => ValueTask.FromResult(ShouldRepeat(arguments)),
                DelayGenerator = arguments => ValueTask.FromResult(CallOf(arguments.Context).HasAnother(_book) ? TimeSpan.Zero : arguments.Outcome.Result?.Fault?.RetryAfter),
            });
        }

        if (_options.HedgeAfter is { } delay)
        {
            builder.AddHedging(new HedgingStrategyOptions<Attempt>
            {
                MaxHedgedAttempts = 1,
                Delay = delay,
                ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Result is { Fault.IsTransient: true }),
                ActionGenerator = arguments => CallOf(arguments.PrimaryContext).MayHedge && _budget.TryTake() ? () => arguments.Callback(arguments.ActionContext) : null,
            });
        }

        return builder.Build();
    }

    private bool ShouldRepeat(RetryPredicateArguments<Attempt> arguments)
    {
        if (arguments.Outcome.Result is not { Fault: { IsTransient: true } fault } || arguments.AttemptNumber >= _options.Retries) return false;
        Call call = CallOf(arguments.Context);
        bool inTime = fault.RetryAfter is not { } wait || call.HasAnother(_book) || _options.Time.GetUtcNow() + wait < call.Deadline;
        return inTime && _budget.TryTake();
    }

    private static Call CallOf(ResilienceContext context) => context.Properties.GetValue(CallKey, null!);
}
