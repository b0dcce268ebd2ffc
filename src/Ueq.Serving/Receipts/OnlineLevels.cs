using System.Globalization;
using System.Text.Json;
using Ueq.Online;
using Ueq.Storage;

namespace Ueq.Serving.Receipts;

/// <summary>The online levels of one served version, one per coverage that is asked: what labels move, in the order of the ledger, and answers are made at.</summary>
/// <remarks>
/// The levels are a function of the ledger: of its labels after the latest reset whose answers were made at an online level. They know the
/// number of the last label they contain and are saved with it, so a process that ends loses none and counts none twice, and replicas that
/// follow the same ledger come to the same bits.
/// </remarks>
internal sealed class OnlineLevels
{
    /// <summary>What a reset is kept as: a state whose number is that of the last label before it.</summary>
    public const string ResetPart = "online_reset";

    // A caller may ask for any coverage; the configured one has its place, the others in the order in which labels come.
    private const int MostLevels = 32;
    private const int FormatVersion = 1;

    private readonly Lock _gate = new();
    private readonly AdaptiveOptions _options;
    private readonly Coverage _configured;
    private readonly int _classes;
    private volatile AdaptiveLevel[] _levels;
    private volatile bool _isFollowed;
    private DateTimeOffset? _since;
    private long _sequence;

    public OnlineLevels(Coverage configured, double step, int classes)
    {
        _classes = classes;
        _options = new AdaptiveOptions { Step = step };
        _configured = configured;
        _levels = [new AdaptiveLevel(configured, _options)];
    }

    public double Step => _options.Step;

    /// <summary>Whether the ledger has been read to its end once: before, rows are answered as without levels.</summary>
    public bool IsFollowed => _isFollowed;

    /// <summary>When the levels last began anew; <c>null</c> when with the version.</summary>
    public DateTimeOffset? Since
    {
        get
        {
            lock (_gate) return _since;
        }
    }

    /// <summary>The ledger's number of the latest label that is contained.</summary>
    public long Sequence
    {
        get
        {
            lock (_gate) return _sequence;
        }
    }

    /// <summary>The levels of a model; <c>null</c> when its answers are made for the coverage that is asked.</summary>
    public static OnlineLevels? Of(UeqServiceConfig config, string name, string reference, int classes) =>
        config.Online.Models.Any(m => m == "*" || m == name || m == reference) ? new OnlineLevels(config.Coverage, config.Online.Step, classes) : null;

    /// <summary>The level of this moment for a coverage; <c>null</c> when answers are to be made for the coverage itself. Waits for nobody.</summary>
    public OnlineLevel? At(Coverage coverage)
    {
        if (!_isFollowed) return null;
        AdaptiveLevel[] levels = _levels;
        foreach (AdaptiveLevel level in levels)
            if (level.Target.Value == coverage.Value) return level.Now;
        return levels.Length < MostLevels ? new OnlineLevel(coverage.Miss) : null;
    }

    /// <summary>Has the levels learn labels that they do not contain.</summary>
    public void Add(IReadOnlyList<StoredLabel> labels)
    {
        lock (_gate)
        {
            foreach (StoredLabel stored in labels)
            {
                if (stored.Sequence <= _sequence) continue;
                _sequence = stored.Sequence;
                LabelRecord label = stored.Label;
                if (double.IsNaN(label.OnlineMiss) || IsOlder(label) || LevelOf(new Coverage(label.Coverage)) is not { } level) continue;
                Learn(level, label);
            }
        }
    }

    /// <summary>Says that the levels contain all that the ledger had.</summary>
    public void Follow() => _isFollowed = true;

    /// <summary>Begins anew where the reset is one that the levels do not know.</summary>
    public void Begin(StoredState reset)
    {
        lock (_gate)
        {
            if (_since >= reset.SavedAt) return;
            _since = reset.SavedAt;
            _sequence = reset.LabelSequence;
            _levels = [new AdaptiveLevel(_configured, _options)];
        }
    }

    public IReadOnlyList<OnlineReading> Read()
    {
        lock (_gate) return [.. _levels.Select(level => level.Read())];
    }

    public (byte[] State, long Sequence) Save()
    {
        using MemoryStream state = new();
        lock (_gate)
        {
            using (Utf8JsonWriter json = new(state))
            {
                json.WriteStartObject();
                json.WriteNumber("format_version", FormatVersion);
                json.WriteNumber("sequence", _sequence);
                json.WriteString("since", _since?.ToString("O", CultureInfo.InvariantCulture));
                json.WriteStartArray("levels");
                foreach (AdaptiveLevel level in _levels)
                {
                    using MemoryStream one = new();
                    level.Save(one);
                    json.WriteRawValue(one.ToArray());
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }

            return (state.ToArray(), _sequence);
        }
    }

    /// <exception cref="InvalidDataException">The state is damaged: names the place.</exception>
    public void Restore(ReadOnlyMemory<byte> state)
    {
        List<AdaptiveLevel> levels = [];
        try
        {
            using JsonDocument document = JsonDocument.Parse(state);
            JsonElement root = document.RootElement;
            if (root.GetProperty("format_version").GetInt32() != FormatVersion) throw new InvalidDataException("The state of the online levels is of another format.");
            foreach (JsonElement one in root.GetProperty("levels").EnumerateArray())
            {
                using MemoryStream text = new(System.Text.Encoding.UTF8.GetBytes(one.GetRawText()));
                levels.Add(AdaptiveLevel.Restore(text, new Coverage(one.GetProperty("target").GetDouble()), _options));
            }

            // The configured coverage may be another than it was.
            if (levels.TrueForAll(level => level.Target.Value != _configured.Value)) levels.Add(new AdaptiveLevel(_configured, _options));
            long sequence = root.GetProperty("sequence").GetInt64();
            DateTimeOffset? since = root.GetProperty("since").ValueKind == JsonValueKind.Null ? null : root.GetProperty("since").GetDateTimeOffset();
            lock (_gate) (_levels, _sequence, _since) = ([.. levels], sequence, since);
        }
        catch (Exception bad) when (bad is JsonException or KeyNotFoundException or FormatException or InvalidOperationException or ArgumentException)
        {
            throw new InvalidDataException($"The state of the online levels is damaged: {bad.Message}", bad);
        }
    }

    private void Learn(AdaptiveLevel level, LabelRecord label)
    {
        Interval answer = new(label.Lower, label.Upper);
        // Of a label set it is (0, size).
        int size = _classes == 0 ? 0 : (int)label.Upper;
        if (_classes == 0 && label.Covered) level.AddHit(answer);
        else if (_classes == 0) level.AddMiss(answer);
        else if (label.Covered) level.AddHit(size, _classes);
        else level.AddMiss(size, _classes);
    }

    // Receipts carry milliseconds.
    private bool IsOlder(LabelRecord label) => _since is { } since && label.IssuedAt.ToUnixTimeMilliseconds() < since.ToUnixTimeMilliseconds();

    private AdaptiveLevel? LevelOf(Coverage coverage)
    {
        foreach (AdaptiveLevel level in _levels)
            if (level.Target.Value == coverage.Value) return level;
        if (_levels.Length >= MostLevels) return null;
        AdaptiveLevel added = new(coverage, _options);
        _levels = [.. _levels, added];
        return added;
    }
}
