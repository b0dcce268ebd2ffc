using System.Text.Json.Serialization.Metadata;

namespace Ueq.Client;

/// <summary>A client of the UEQ service at one address or several. One for the whole application: safe from any number of threads.</summary>
/// <remarks>
/// Predictions and labels are repeated where a fault may pass: asking twice does no harm, and a receipt counts once, whoever sends it again.
/// Rows whose answer was lost on the way back have counted for drift, and count again when they are repeated.
/// </remarks>
public sealed partial class UeqClient : IDisposable
{
    private const string JsonType = "application/json";

    private readonly Sender _sender;

    /// <summary>A client of one address, such as <c>http://127.0.0.1:5000</c>.</summary>
    /// <exception cref="ArgumentException">The address is not one of HTTP, or an option is out of range.</exception>
    public UeqClient(Uri address, UeqClientOptions? options = null)
        : this([address], options)
    {
    }

    /// <summary>A client of several addresses of the same service.</summary>
    /// <exception cref="ArgumentException">There is no address, one is not of HTTP or stands there twice, or an option is out of range.</exception>
    public UeqClient(IEnumerable<Uri> addresses, UeqClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        options ??= new UeqClientOptions();
        options.Validate();
        Addresses = [.. addresses.Select(Checked)];
        if (Addresses.Count == 0) throw new ArgumentException("Expected one address or more, got none.", nameof(addresses));
        if (Addresses.GroupBy(address => address).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"Expected each address once, got {twice.Key} twice.", nameof(addresses));
        _sender = new Sender(Addresses, options);
    }

    /// <summary>The addresses of the service.</summary>
    public IReadOnlyList<Uri> Addresses { get; }

    /// <summary>Those that are asked at the moment; the others have failed and are asked for their health until they are well.</summary>
    public IReadOnlyList<Uri> HealthyAddresses => [.. _sender.Healthy];

    /// <summary>Predictions of rows of numbers; NaN is a missing value.</summary>
    /// <param name="x">The rows, each with the model's columns in its order.</param>
    /// <param name="options">What to ask for.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="ArgumentException">There are no rows, they differ in length, or a value is infinite.</exception>
    /// <exception cref="UeqClientException">The service did not answer, or refused.</exception>
    public Task<PredictAnswer> PredictAsync(IReadOnlyList<float[]> x, PredictOptions? options = null, CancellationToken cancellation = default)
    {
        Check(x);
        return PredictAsync(x.Count, options, (json, row) => RowWriter.Write(json, x[row], row), cancellation);
    }

    /// <inheritdoc cref="PredictAsync(IReadOnlyList{float[]}, PredictOptions?, CancellationToken)"/>
    public Task<PredictAnswer> PredictAsync(IReadOnlyList<double[]> x, PredictOptions? options = null, CancellationToken cancellation = default)
    {
        Check(x);
        return PredictAsync(x.Count, options, (json, row) => RowWriter.Write(json, x[row], row), cancellation);
    }

    /// <summary>Predictions of rows of numbers and texts.</summary>
    /// <inheritdoc cref="PredictAsync(IReadOnlyList{float[]}, PredictOptions?, CancellationToken)"/>
    public Task<PredictAnswer> PredictAsync(IReadOnlyList<FeatureValue[]> x, PredictOptions? options = null, CancellationToken cancellation = default)
    {
        Check(x);
        return PredictAsync(x.Count, options, (json, row) => RowWriter.Write(json, x[row], row), cancellation);
    }

    /// <summary>Predictions of rows of numbers that stand one after the other; NaN is a missing value.</summary>
    /// <param name="x">The rows.</param>
    /// <param name="columns">Number of values of a row.</param>
    /// <param name="options">What to ask for.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="ArgumentException">The values are not a whole number of rows, or one is infinite.</exception>
    /// <exception cref="UeqClientException">The service did not answer, or refused.</exception>
    public Task<PredictAnswer> PredictAsync(ReadOnlyMemory<float> x, int columns, PredictOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        if (x.Length % columns != 0) throw new ArgumentException($"Expected whole rows of {columns} values, got {x.Length} values.", nameof(x));
        return PredictAsync(x.Length / columns, options, (json, row) => RowWriter.Write(json, x.Span.Slice(row * columns, columns), row), cancellation);
    }

    /// <summary>Sends truths for receipts. When it has returned, those accepted are on the service's disk.</summary>
    /// <remarks>Where none of the labels could be taken, that is an answer too: <see cref="FeedbackAnswer.Rejected"/> says why.</remarks>
    /// <exception cref="ArgumentException">There are no labels.</exception>
    /// <exception cref="UeqClientException">The service did not answer, or refused.</exception>
    public Task<FeedbackAnswer> FeedbackAsync(IReadOnlyCollection<Label> labels, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(labels);
        return _sender.SendAsync(
            new Exchange<FeedbackAnswer>(HttpMethod.Post, "feedback", answer => Document(answer, AnswerJson.Default.FeedbackAnswer).Value)
            {
                Body = RequestWriter.Feedback(labels),
                ContentType = JsonType,
                AlsoFine = HttpStatusCode.UnprocessableEntity,
            },
            cancellation);
    }

    /// <summary>How the service is, at the address whose turn it is. A service that calls itself ill is an answer.</summary>
    /// <exception cref="UeqClientException">The service did not answer.</exception>
    public Task<HealthAnswer> HealthAsync(CancellationToken cancellation = default) => Get("health", AnswerJson.Default.HealthAnswer, (answer, document) => answer with { Document = document }, cancellation);

    /// <summary>What is served and what it promises.</summary>
    /// <param name="model">Which model, as in <see cref="PredictOptions.Model"/>; <c>null</c>: the service's own.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="UeqClientException">The service did not answer, or has no such model.</exception>
    public Task<ModelInfoAnswer> ModelInfoAsync(string? model = null, CancellationToken cancellation = default) =>
        Get(Of("model_info", model), AnswerJson.Default.ModelInfoAnswer, (answer, document) => answer with { Document = document }, cancellation);

    /// <summary>What labels have shown.</summary>
    /// <inheritdoc cref="ModelInfoAsync"/>
    public Task<CoverageAnswer> CoverageAsync(string? model = null, CancellationToken cancellation = default) =>
        Get(Of("coverage", model), AnswerJson.Default.CoverageAnswer, (answer, document) => answer with { Document = document }, cancellation);

    /// <summary>What is watched.</summary>
    /// <inheritdoc cref="ModelInfoAsync"/>
    public Task<MonitoringAnswer> MonitoringAsync(string? model = null, CancellationToken cancellation = default) =>
        Get(Of("monitoring", model), AnswerJson.Default.MonitoringAnswer, (answer, document) => answer with { Document = document }, cancellation);

    /// <summary>Ends what goes on in the background; calls under way fail.</summary>
    public void Dispose() => _sender.Dispose();

    private Task<PredictAnswer> PredictAsync(int rows, PredictOptions? options, Action<Utf8JsonWriter, int> write, CancellationToken cancellation) => _sender.SendAsync(
        new Exchange<PredictAnswer>(HttpMethod.Post, "predict", answer => AnswerReader.Read(answer, rows))
        {
            Body = RequestWriter.Predict(rows, options ?? new PredictOptions(), write),
            ContentType = JsonType,
            MayHedge = true,
        },
        cancellation);

    private Task<T> Get<T>(string path, JsonTypeInfo<T> type, Func<T, JsonElement, T> with, CancellationToken cancellation)
        where T : class
    {
        Exchange<T> exchange = new(HttpMethod.Get, path, answer =>
        {
            (T value, JsonElement document) = Document(answer, type);
            return with(value, document);
        })
        {
            AlsoFine = path == "health" ? HttpStatusCode.ServiceUnavailable : null,
            MayHedge = true,
        };
        return _sender.SendAsync(exchange, cancellation);
    }

    private static string Of(string path, string? model) => model is null ? path : $"{path}?model={Uri.EscapeDataString(model)}";

    private static (T Value, JsonElement Document) Document<T>(ReceivedAnswer answer, JsonTypeInfo<T> type)
        where T : class
    {
        using JsonDocument document = JsonDocument.Parse(answer.Body);
        return (document.RootElement.Deserialize(type) ?? throw new InvalidDataException("expected an object, got null"), document.RootElement.Clone());
    }

    private static void Check<T>(IReadOnlyList<T[]> x)
    {
        ArgumentNullException.ThrowIfNull(x);
        for (int row = 0; row < x.Count; row++)
        {
            if (x[row] is null) throw Expect.Wrong(nameof(x), $"Expected a row, got null at row {row}.");
            if (x[row].Length != x[0].Length)
                throw Expect.Wrong(nameof(x), $"Expected {x[0].Length} values at row {row}, as at row 0, got {x[row].Length}.");
        }
    }

    private static Uri Checked(Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (!address.IsAbsoluteUri || address.Scheme is not ("http" or "https") || address.Query.Length > 0 || address.Fragment.Length > 0 || address.UserInfo.Length > 0)
            throw new ArgumentException($"Expected an address such as http://127.0.0.1:5000, got '{address}'.", nameof(address));
        return address.AbsolutePath.EndsWith('/') ? address : new Uri(address.AbsoluteUri + "/");
    }
}
