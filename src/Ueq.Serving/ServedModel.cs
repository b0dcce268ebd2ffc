using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Ueq.Versions;

namespace Ueq.Serving;

/// <summary>A model version with what serving it needs, made once: the immutable snapshot a request works with.</summary>
internal sealed class ServedModel
{
    private readonly byte[][] _labels;
    private readonly byte[] _said;

    public ServedModel(string name, string reference, ModelVersion version, UeqServiceConfig config, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(version);
        Name = name;
        Reference = reference;
        Version = version;
        Manifest manifest = version.Manifest;
        if (!MethodNames.Agree(config.Method, manifest.Method))
            throw new ArgumentException($"Expected a model of the configured method '{config.Method}', got one of '{manifest.Method}'.", nameof(version));
        int features = version.Regressor?.Features ?? version.Classifier!.Features;
        if (features != version.Schema.Width)
            throw new ArgumentException($"Expected a model of {version.Schema.Width} features, as its columns encode to, got {features}.", nameof(version));
        _labels = version.Classifier is { } classifier ? Labels(manifest, classifier.Classes) : [];
        Batches = ModelBatches.Of(config.Batching, name, reference);
        IsQueued = Batches is not null || config.Batching.MaxConcurrent is not null;
        Cache = RowCache.Of(config.Cache, name, reference, version, Classes, time);
        Monitor = ModelMonitor.Of(version, config, time);
        DigestBytes = version.Digest.Length == 2 * SHA256.HashSizeInBytes && version.Digest.All(char.IsAsciiHexDigitLower)
            ? Convert.FromHexString(version.Digest)
            : SHA256.HashData(Encoding.UTF8.GetBytes(version.Digest));
        Key = Convert.ToHexStringLower(DigestBytes);
        Coverage = new LiveCoverage(version, Guarantee(config.Coverage), config);
        Online = OnlineLevels.Of(config, name, reference, Classes);
        if (Online is not null && Classes > ReceiptText.MostClasses)
            throw new ArgumentException($"online.models: expected a model of at most {ReceiptText.MostClasses} classes, since its labels come with receipts, got '{name}' with {Classes}.", nameof(version));
        JsonBytes said = new();
        said.Raw(",\"model\":"u8);
        said.Text(name);
        said.Raw(",\"version\":"u8);
        said.Text(version.Digest);
        _said = said.Written.ToArray();
    }

    public ModelVersion Version { get; }

    /// <summary>The name that labels, states and incidents go by.</summary>
    public string Name { get; }

    /// <summary>The reference that it was first served by: how metrics and <c>/health</c> call it.</summary>
    public string Reference { get; }

    /// <summary>The version's digest as bytes; of one that is no SHA-256 in hexadecimal, its own.</summary>
    public byte[] DigestBytes { get; }

    /// <summary>Names the version in receipts and in the ledger.</summary>
    public string Key { get; }

    /// <summary>What labels say of it.</summary>
    public LiveCoverage Coverage { get; }

    /// <summary>The levels that its labels move; <c>null</c> where answers are made for the coverage that is asked.</summary>
    public OnlineLevels? Online { get; }

    /// <summary>Name and version as an answer says them: a piece of JSON that begins with a comma.</summary>
    public ReadOnlySpan<byte> Said => _said;

    /// <summary>Its answers that are kept; <c>null</c> when none are.</summary>
    public RowCache? Cache { get; }

    /// <summary>How its requests are predicted together; <c>null</c> when they are not.</summary>
    public ModelBatches? Batches { get; }

    /// <summary>Whether its requests wait for their turn.</summary>
    public bool IsQueued { get; }

    public FeatureSchema Schema => Version.Schema;

    public ModelMonitor Monitor { get; }

    public int Classes => _labels.Length;

    public ModelInfo Info => Version.Regressor is { } regressor ? ModelInfo.Of(regressor) : ModelInfo.Of(Version.Classifier!);

    public Guarantee Guarantee(Coverage coverage) => Version.Regressor?.Guarantee(coverage) ?? Version.Classifier!.Guarantee(coverage);

    /// <summary>The JSON of a class's name: a number when all names are numbers, else a string.</summary>
    public ReadOnlySpan<byte> Label(int index) => _labels[index];

    /// <summary>The index of the class that a truth names; <c>null</c> when it names none.</summary>
    public double? ClassOf(double? number, string? text)
    {
        IReadOnlyList<string> names = Version.Manifest.Classes ?? [];
        for (int label = 0; label < names.Count; label++)
        {
            if (text is not null ? names[label] == text : double.TryParse(names[label], NumberStyles.Float, CultureInfo.InvariantCulture, out double name) && name == number)
                return label;
        }

        return null;
    }

    private static byte[][] Labels(Manifest manifest, int classes)
    {
        IReadOnlyList<string> names = manifest.Classes ?? [];
        if (names.Count != classes)
            throw new ArgumentException($"Expected {classes} class names in the manifest, got {names.Count}.", nameof(manifest));
        bool numbers = names.All(IsJsonNumber);
        return [.. names.Select(name => numbers ? Encoding.UTF8.GetBytes(name) : Quoted(name))];
    }

    private static byte[] Quoted(string name) =>
        [(byte)'"', .. JsonEncodedText.Encode(name, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes, (byte)'"'];

    private static bool IsJsonNumber(string name)
    {
        Utf8JsonReader json = new(Encoding.UTF8.GetBytes(name));
        try
        {
            return name == name.Trim() && json.Read() && json.TokenType == JsonTokenType.Number && !json.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
