using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ueq.Versions;

namespace Ueq.Remote;

/// <summary>Which shape a stored remote model has.</summary>
internal enum RemoteShape
{
    Point,
    Quantiles,
    Gaussian,
    Classes,
}

/// <summary>How remote models are read back: the file holds an address, which is asked again. Only hosts that are allowed are asked.</summary>
/// <remarks>
/// One line of JSON and its SHA-256 in hexadecimal. Of secrets it holds at most the name of the environment variable they are in.
/// A file could name any address, and the program would send it its rows and headers; so the hosts are the caller's to name.
/// </remarks>
public sealed class RemoteFormat : IPredictorFormat
{
    internal const string FormatName = "remote";
    private const int LargestFile = 1 << 20;
    private readonly HashSet<string> _hosts;

    /// <summary>A format that connects to these hosts, such as <c>models.example.org</c>, at any port.</summary>
    public RemoteFormat(params IEnumerable<string> hosts)
    {
        ArgumentNullException.ThrowIfNull(hosts);
        _hosts = new HashSet<string>(hosts, StringComparer.OrdinalIgnoreCase);
    }

    /// <inheritdoc/>
    public string Name => FormatName;

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The file is damaged or of another kind, its host is not allowed, or the model there has become another.</exception>
    /// <exception cref="RemoteModelException">The server does not answer.</exception>
    public IStoredPredictor Load(Stream source)
    {
        ArgumentNullException.ThrowIfNull(source);
        StoredRemote stored = Read(source);
        Uri address = Uri.TryCreate(stored.Address, UriKind.Absolute, out Uri? uri) ? uri : throw new InvalidDataException("Expected an address in the file of a remote model.");
        if (!_hosts.Contains(address.Host))
            throw new InvalidDataException($"The file of a remote model names the host '{address.Host}'; allowed {(_hosts.Count == 0 ? "are none" : $"are {string.Join(", ", _hosts)}")}.");
        try
        {
            RemoteModel model = RemoteModel.Connect(address, new RemoteOptions
            {
                Model = stored.Model,
                Version = stored.Version,
                Features = stored.Features,
                BatchRows = stored.BatchRows,
                RequestsInFlight = stored.RequestsInFlight,
                Timeout = stored.Timeout,
                TotalTimeout = stored.TotalTimeout,
                Retries = stored.Retries,
                RetryDelay = stored.RetryDelay,
                BreakFor = stored.BreakFor,
                LargestAnswer = stored.LargestAnswer,
                HeadersFrom = stored.HeadersFrom,
            });
            RemoteOutput?[] outputs = stored.Outputs;
            return (stored.Shape, outputs) switch
            {
                (RemoteShape.Point, [var output]) => new RemoteRegressor(model, output),
                (RemoteShape.Quantiles, [var lower, var upper]) => new RemoteQuantileRegressor(model, lower, upper),
                (RemoteShape.Gaussian, [var mean, var sigma]) => new RemoteGaussianRegressor(model, mean, sigma),
                (RemoteShape.Classes, [{ } probabilities]) => new RemoteClassifier(model, probabilities.Column, probabilities.Name),
                _ => throw new InvalidDataException("The file of a remote model contradicts itself."),
            };
        }
        catch (ArgumentException fault)
        {
            throw new InvalidDataException($"The remote model is not as its file says: {fault.Message}", fault);
        }
    }

    internal static void Save(Stream destination, RemoteModel model, RemoteShape shape, RemoteOutput?[] outputs)
    {
        ArgumentNullException.ThrowIfNull(destination);
        RemoteOptions options = model.Options;
        byte[] content = JsonSerializer.SerializeToUtf8Bytes(
            new StoredRemote
            {
                Address = model.Address.ToString(),
                Model = options.Model,
                Version = options.Version,
                Shape = shape,
                Outputs = outputs,
                Features = options.Features,
                BatchRows = options.BatchRows,
                RequestsInFlight = options.RequestsInFlight,
                Timeout = options.Timeout,
                TotalTimeout = options.TotalTimeout,
                Retries = options.Retries,
                RetryDelay = options.RetryDelay,
                BreakFor = options.BreakFor,
                LargestAnswer = options.LargestAnswer,
                HeadersFrom = options.HeadersFrom,
            },
            RemoteJson.Default.StoredRemote);
        destination.Write([.. content, (byte)'\n', .. Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(content)))]);
    }

    private static StoredRemote Read(Stream source)
    {
        using MemoryStream copy = new();
        byte[] buffer = new byte[4096];
        for (int read; (read = source.Read(buffer)) > 0 && copy.Length <= LargestFile;) copy.Write(buffer, 0, read);
        ReadOnlySpan<byte> file = copy.GetBuffer().AsSpan(0, (int)copy.Length);
        int end = file.LastIndexOf((byte)'\n');
        if (copy.Length > LargestFile || end < 0 || !file[(end + 1)..].SequenceEqual(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(file[..end])))))
            throw new InvalidDataException("Expected the file of a remote model with its digest, got one that is damaged or of another kind.");
        try
        {
            return JsonSerializer.Deserialize(file[..end], RemoteJson.Default.StoredRemote) ?? throw new InvalidDataException("Expected a remote model in the file, got null.");
        }
        catch (JsonException fault)
        {
            throw new InvalidDataException($"The file of a remote model contradicts itself: {fault.Message}", fault);
        }
    }
}

/// <summary>A remote model as it is stored.</summary>
internal sealed record StoredRemote
{
    public required string Address { get; init; }

    public required string Model { get; init; }

    public string? Version { get; init; }

    public required RemoteShape Shape { get; init; }

    /// <summary>Of a classification the name of its output and, as the column, its number of classes.</summary>
    public required RemoteOutput?[] Outputs { get; init; }

    public int Features { get; init; }

    public int BatchRows { get; init; }

    public int RequestsInFlight { get; init; }

    public TimeSpan Timeout { get; init; }

    public TimeSpan TotalTimeout { get; init; }

    public int Retries { get; init; }

    public TimeSpan RetryDelay { get; init; }

    public TimeSpan? BreakFor { get; init; }

    public long LargestAnswer { get; init; }

    public string? HeadersFrom { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(StoredRemote))]
internal sealed partial class RemoteJson : JsonSerializerContext;
